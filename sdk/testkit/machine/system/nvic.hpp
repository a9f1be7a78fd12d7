// The exceptions of the Cortex-M: pending, active, enabled, and their priorities.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

namespace flashhost::machine {

namespace exception {
inline constexpr unsigned nmi = 2;
inline constexpr unsigned hard_fault = 3;
inline constexpr unsigned mem_manage = 4;
inline constexpr unsigned bus_fault = 5;
inline constexpr unsigned usage_fault = 6;
inline constexpr unsigned svcall = 11;
inline constexpr unsigned debug_monitor = 12;
inline constexpr unsigned pendsv = 14;
inline constexpr unsigned systick = 15;
inline constexpr unsigned irq0 = 16;
inline constexpr unsigned count = 16 + 68;
}  // namespace exception

struct Masks {
  bool primask = false;
  bool faultmask = false;
  std::uint8_t basepri = 0;
};

class Nvic {
 public:
  static constexpr int idle_priority = 256;

  explicit Nvic(std::uint8_t priority_bits) : priority_bits_(priority_bits) {}

  void reset();
  void pend(unsigned number) { pending_.set(number); }
  void unpend(unsigned number);
  // The exception's line stays active until it is released, or until reset: the exception is
  // pending again whenever it is not active.
  void hold_line(unsigned number);
  void release_line(unsigned number) { lines_.reset(number); }
  void activate(unsigned number);
  void deactivate(unsigned number);
  void clear_active();
  [[nodiscard]] bool pending(unsigned number) const { return pending_[number]; }
  [[nodiscard]] bool active(unsigned number) const { return active_[number]; }
  [[nodiscard]] bool any_active() const { return active_.any(); }
  [[nodiscard]] int priority(unsigned number) const;  // of preemption
  [[nodiscard]] int execution_priority(const Masks &masks) const;
  // The pending and enabled exception of highest priority; 0: none. interrupts_masked: C_MASKINTS.
  [[nodiscard]] unsigned best_pending(bool interrupts_masked) const;

  [[nodiscard]] std::uint32_t read(std::uint32_t offset) const;  // 0x100..0x4FF of the SCS
  void write(std::uint32_t offset, std::uint32_t value);

  // Four exceptions from `first` on, as a word.
  [[nodiscard]] std::uint32_t read_priorities(unsigned first) const;
  void write_priorities(unsigned first, std::uint32_t value);

  unsigned group = 0;  // AIRCR.PRIGROUP

 private:
  std::uint8_t priority_bits_;  // that the core has, of eight
  std::bitset<exception::count> pending_;
  std::bitset<exception::count> active_;
  std::bitset<exception::count> enabled_;
  std::bitset<exception::count> lines_;  // held active by peripherals
  std::array<std::uint8_t, exception::count> priorities_{};
};

}  // namespace flashhost::machine
