// The part of a chip that is not the core: its flash, its peripherals and their addresses.
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
  [[nodiscard]] virtual bool debug_pins_off() const {
    return false;
  }  // firmware uses them otherwise
  // Whether the debug port has a clock while the chip is in STOP or STANDBY.
  [[nodiscard]] virtual bool debug_in_deep_sleep() const { return false; }
  virtual void power_on() {}
  // Called when a debugger first connects: sets up what firmware has left behind, by the faults.
  virtual void leave_behind() {}
  virtual void system_reset(ResetCause cause);  // of every peripheral

  struct Placed {
    std::uint32_t address;
    Peripheral *peripheral;
  };
  [[nodiscard]] std::span<const Placed> peripherals() const { return placed_; }

 protected:
  // A peripheral occupies 1 KiB, from a multiple of 1 KiB on (std::invalid_argument otherwise). It
  // must be within 0x30000000..0x5FFFFFFF or the core's private space 0xE0000000..0xE00FFFFF.
  void add(std::uint32_t address, Peripheral &peripheral);
  // Registers without function, which only keep what is written.
  void add_plain(std::span<const std::uint32_t> addresses);

 private:
  std::vector<std::unique_ptr<Peripheral>> plain_;
  std::vector<Placed> placed_;
};

}  // namespace flashhost::machine
