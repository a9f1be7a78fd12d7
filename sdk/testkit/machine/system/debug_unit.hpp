// The core's debug registers (DHCSR, DCRSR, DCRDR, DEMCR, DFSR), FPB and a little of DWT
// (docs/reference/cortex-m-debug.md).
#pragma once

#include "core/core_facts.hpp"

#include <flashhost/machine/board.hpp>

#include <array>

namespace flashhost::machine {

// What the debug registers need from the core.
class DebuggedCore {
 public:
  virtual ~DebuggedCore() = default;
  virtual void request_halt() = 0;
  virtual void resume() = 0;
  virtual void step() = 0;
  [[nodiscard]] virtual bool halted() const = 0;
  [[nodiscard]] virtual bool in_reset() const = 0;
  [[nodiscard]] virtual bool sleeping() const = 0;
  [[nodiscard]] virtual bool locked_up() const = 0;
  [[nodiscard]] virtual std::uint32_t core_register(std::uint32_t selector) const = 0;
  virtual void set_core_register(std::uint32_t selector, std::uint32_t value) = 0;
};

namespace dfsr {
inline constexpr std::uint32_t halted = 1;
inline constexpr std::uint32_t bkpt = 2;
inline constexpr std::uint32_t vcatch = 8;
}  // namespace dfsr

namespace demcr {
inline constexpr std::uint32_t vc_corereset = 1;
inline constexpr std::uint32_t vc_mmerr = 1U << 4;
inline constexpr std::uint32_t vc_staterr = 1U << 7;
inline constexpr std::uint32_t vc_buserr = 1U << 8;
inline constexpr std::uint32_t vc_interr = 1U << 9;
inline constexpr std::uint32_t vc_harderr = 1U << 10;
inline constexpr std::uint32_t mon_en = 1U << 16;
}  // namespace demcr

class DebugUnit {
 public:
  DebugUnit(Board &board, Architecture core) : board_(board), v6m_(core == Architecture::v6m) {}
  void connect(DebuggedCore &core) { core_ = &core; }

  [[nodiscard]] std::uint32_t read(std::uint32_t offset);  // 0xDF0..0xDFC of the SCS
  void write(std::uint32_t offset, std::uint32_t value, Master master);
  [[nodiscard]] std::uint32_t fault_status();  // DFSR
  void clear_fault_status(std::uint32_t bits) { dfsr_ &= ~bits; }
  [[nodiscard]] std::uint32_t read_breakpoints(std::uint32_t offset) const;  // FPB, from 0xE0002000
  void write_breakpoints(std::uint32_t offset, std::uint32_t value);
  [[nodiscard]] bool breakpoint_at(std::uint32_t address) const;
  [[nodiscard]] bool breakpoints_on() const { return breakpoints_on_; }

  void power_on();
  void system_reset();
  void halted_by(std::uint32_t dfsr_bit);  // the core has entered Debug state
  void retired() { retired_ = true; }
  [[nodiscard]] bool enabled() const { return debugen_; }
  [[nodiscard]] bool interrupts_masked() const;
  [[nodiscard]] bool catches(std::uint32_t demcr_bits) const;
  [[nodiscard]] bool halt_wanted() const { return halt_; }
  [[nodiscard]] bool monitor_enabled() const { return (demcr_ & demcr::mon_en) != 0; }

 private:
  [[nodiscard]] std::uint32_t read_control();
  void write_control(std::uint32_t value);
  void select_register(std::uint32_t value);

  [[nodiscard]] unsigned code_comparators() const { return v6m_ ? 4 : 6; }

  Board &board_;
  bool v6m_;
  DebuggedCore *core_ = nullptr;
  bool debugen_ = false;
  bool halt_ = false;
  bool step_ = false;
  bool maskints_ = false;
  bool snapstall_ = false;
  bool reset_seen_ = true;
  bool retired_ = false;
  std::uint32_t data_ = 0;
  std::uint32_t demcr_ = 0;
  std::uint32_t dfsr_ = 0;
  bool breakpoints_on_ = false;
  std::array<std::uint32_t, 8> comparators_{};
};

}  // namespace flashhost::machine
