// What of a chip is its own: its flash, its peripherals and where they stand.
#pragma once

#include <flashhost/machine/board.hpp>
#include <flashhost/machine/flash_controller.hpp>

#include <memory>
#include <span>
#include <vector>

namespace flashhost::machine {

class Die {
 public:
  Die() = default;
  virtual ~Die() = default;
  Die(const Die &) = delete;
  Die &operator=(const Die &) = delete;

  [[nodiscard]] virtual FlashController &flash() = 0;
  [[nodiscard]] virtual bool debug_pins_off() const { return false; }  // firmware took them
  // Whether the debug port has a clock while the chip is in STOP or STANDBY.
  [[nodiscard]] virtual bool debug_in_deep_sleep() const { return false; }
  virtual void power_on() {}
  // A debugger comes: what firmware may have left behind until then, by the faults.
  virtual void leave_behind() {}
  virtual void system_reset(ResetCause cause);  // of every peripheral

  struct Placed {
    std::uint32_t address;
    Peripheral *peripheral;
  };
  [[nodiscard]] std::span<const Placed> peripherals() const { return placed_; }

 protected:
  // A peripheral has 1 KiB of addresses, from a multiple of it on, for itself
  // (std::invalid_argument otherwise). Outside of 0x40000000..0x5FFFFFFF and the core's private
  // space 0xE0000000..0xE00FFFFF there are none.
  void add(std::uint32_t address, Peripheral &peripheral);
  // Registers that only keep what is written, with nothing behind them.
  void add_plain(std::span<const std::uint32_t> addresses);

 private:
  std::vector<std::unique_ptr<Peripheral>> plain_;
  std::vector<Placed> placed_;
};

}  // namespace flashhost::machine
