// What the bus and the core need to know of a flash controller and of the memory behind it.
#pragma once

#include <flashhost/machine/board.hpp>

#include <cstdint>
#include <span>

namespace flashhost::machine {

inline constexpr std::uint32_t flash_base = 0x08000000;

class FlashController : public Peripheral {
 public:
  // Address of the array, option bytes or system memory (never of the boot alias); width 1, 2 or 4.
  [[nodiscard]] virtual bool owns(std::uint32_t address) const = 0;
  [[nodiscard]] virtual Outcome check_read(std::uint32_t address, Master master) = 0;
  // What the data bus sees.
  [[nodiscard]] virtual std::uint32_t load(std::uint32_t address, unsigned width) const = 0;
  [[nodiscard]] virtual Outcome store(std::uint32_t address, unsigned width, std::uint32_t value,
                                      Master master) = 0;

  [[nodiscard]] virtual Ticks busy_until(
      std::uint32_t address) const = 0;  // now or earlier: not busy
  [[nodiscard]] virtual unsigned wait_states() const { return 0; }
  // What the alias at 0 shows.
  [[nodiscard]] virtual std::uint32_t boot_address() const { return flash_base; }
  // System memory and option bytes, where the chip has them: whole pages of 4 KiB.
  [[nodiscard]] virtual std::uint32_t information_base() const { return 0; }
  [[nodiscard]] virtual std::span<std::uint8_t> information() { return {}; }
  virtual void power_lost() = 0;  // an operation under way leaves undefined content
  virtual void power_on() {}
  [[nodiscard]] virtual bool debug_forbidden() const { return false; }  // for ever, by option byte

  // The main flash as instructions are fetched from it: behind caches that is not always the array.
  [[nodiscard]] virtual std::span<std::uint8_t> fetched() = 0;
  virtual void fetch(std::uint32_t /*address*/) {}  // the core is about to execute there
  // The core is about to load from the main flash: true when fetched() had to be changed to show
  // what the data bus sees, until loaded().
  [[nodiscard]] virtual bool before_load(std::uint32_t /*address*/, unsigned /*width*/) {
    return false;
  }
  virtual void loaded() {}
};

}  // namespace flashhost::machine
