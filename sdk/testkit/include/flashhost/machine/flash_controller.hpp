// What the bus and the core must know of a flash controller and its memory.
#pragma once

#include <flashhost/machine/board.hpp>

#include <cstdint>
#include <span>

namespace flashhost::machine {

inline constexpr std::uint32_t flash_base = 0x08000000;  // unless the part says otherwise

class FlashController : public Peripheral {
 public:
  // Address of the array, option bytes or system memory (never of the boot alias); width 1, 2 or 4.
  [[nodiscard]] virtual bool owns(std::uint32_t address) const = 0;
  [[nodiscard]] virtual Outcome check_read(std::uint32_t address, Master master) = 0;
  // What the data bus reads.
  [[nodiscard]] virtual std::uint32_t load(std::uint32_t address, unsigned width) const = 0;
  [[nodiscard]] virtual Outcome store(std::uint32_t address, unsigned width, std::uint32_t value,
                                      Master master) = 0;

  [[nodiscard]] virtual Ticks busy_until(
      std::uint32_t address) const = 0;  // now or earlier: not busy
  [[nodiscard]] virtual unsigned wait_states() const { return 0; }
  // The address that the boot alias at 0 shows, in the flash or in information(); it may change at
  // a reset. Not asked where the flash is at 0.
  [[nodiscard]] virtual std::uint32_t boot_address() const { return flash_base; }
  // System memory and option bytes, where the chip has them: whole pages of 4 KiB.
  [[nodiscard]] virtual std::uint32_t information_base() const { return 0; }
  [[nodiscard]] virtual std::span<std::uint8_t> information() { return {}; }
  virtual void power_lost() = 0;  // a running operation leaves undefined content
  virtual void power_on() {}
  [[nodiscard]] virtual bool debug_forbidden() const {
    return false;
  }  // permanently, by option byte

  // The main flash as instruction fetches see it: with caches this may differ from the array.
  [[nodiscard]] virtual std::span<std::uint8_t> fetched() = 0;
  virtual void fetch(std::uint32_t /*address*/) {}  // the core is about to execute there
  // Called before the core loads from the main flash. True when fetched() was changed for that, to
  // show what the data bus reads, until loaded() is called.
  [[nodiscard]] virtual bool before_load(std::uint32_t /*address*/, unsigned /*width*/) {
    return false;
  }
  virtual void loaded() {}
};

}  // namespace flashhost::machine
