// The private peripheral bus: system control block with NVIC, SysTick, MPU and debug registers,
// FPB, DWT, ROM table.
#pragma once

#include "core/core_facts.hpp"
#include "system/debug_unit.hpp"
#include "system/mpu.hpp"
#include "system/nvic.hpp"
#include "system/systick.hpp"

#include <flashhost/machine/board.hpp>

namespace flashhost::machine {

namespace cfsr {
inline constexpr std::uint32_t iaccviol = 1U << 0;
inline constexpr std::uint32_t daccviol = 1U << 1;
inline constexpr std::uint32_t mmarvalid = 1U << 7;
inline constexpr std::uint32_t ibuserr = 1U << 8;
inline constexpr std::uint32_t preciserr = 1U << 9;
inline constexpr std::uint32_t unstkerr = 1U << 11;
inline constexpr std::uint32_t stkerr = 1U << 12;
inline constexpr std::uint32_t bfarvalid = 1U << 15;
inline constexpr std::uint32_t undefinstr = 1U << 16;
inline constexpr std::uint32_t invstate = 1U << 17;
inline constexpr std::uint32_t invpc = 1U << 18;
inline constexpr std::uint32_t nocp = 1U << 19;
inline constexpr std::uint32_t unaligned = 1U << 24;
}  // namespace cfsr

namespace hfsr {
inline constexpr std::uint32_t vecttbl = 1U << 1;
inline constexpr std::uint32_t forced = 1U << 30;
inline constexpr std::uint32_t debugevt = 1U << 31;
}  // namespace hfsr

namespace ccr {
inline constexpr std::uint32_t stkalign = 1U << 9;
inline constexpr std::uint32_t of_v6m = stkalign | 1U << 3;  // UNALIGN_TRP; both fixed
}  // namespace ccr

class SystemControl final : public Peripheral {
 public:
  SystemControl(Board &board, const CoreFacts &facts);

  std::uint32_t read(std::uint32_t offset, Master master) override;  // offset from 0xE0000000
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

  const CoreFacts facts;
  Nvic nvic;
  SysTick systick;
  Mpu mpu;
  DebugUnit debug;
  std::uint32_t vector_table = 0;
  std::uint32_t configuration = 0;  // CCR
  std::uint32_t sleep_control = 0;  // SCR
  std::uint32_t fault_status = 0;   // CFSR
  std::uint32_t hard_fault_status = 0;
  std::uint32_t mm_address = 0;
  std::uint32_t bus_address = 0;
  std::uint32_t fault_enables = 0;     // SHCSR 18:16
  unsigned current_exception = 0;      // IPSR, as ICSR shows it; kept by the core
  std::function<void()> clear_active;  // AIRCR.VECTCLRACTIVE
  std::function<void()> core_reset;    // AIRCR.VECTRESET

 private:
  // Whether the core has this register of the system control space.
  [[nodiscard]] bool has(std::uint32_t offset, Master master) const;
  [[nodiscard]] std::uint32_t read_block(std::uint32_t offset);
  void write_block(std::uint32_t offset, std::uint32_t value, Master master);
  [[nodiscard]] std::uint32_t interrupt_state() const;
  void write_interrupt_control(std::uint32_t value, Master master);
  [[nodiscard]] std::uint32_t handler_state() const;
  void write_handler_state(std::uint32_t value);
  void write_application_reset(std::uint32_t value);

  Board &board_;
  std::uint32_t dwt_control_ = 0;
  std::uint32_t cycle_offset_ = 0;
};

}  // namespace flashhost::machine
