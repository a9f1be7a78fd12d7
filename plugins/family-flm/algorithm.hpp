// One flash algorithm with the chip and the RAM that it is used for, and the calls of it that the
// host makes by itself.
#pragma once

#include "chip_choice.hpp"

#include <flashhost/family.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace flashhost::flm {

// A watchdog that the user knows, and may be running: written to, it counts from the beginning.
struct Watchdog {
  std::uint32_t address = 0;
  std::uint32_t value = 0;
};

struct Algorithm {
  FlmFile file;
  MemoryRange flash;             // what is erased and programmed with it
  MemoryRange ram;               // for its calls one by one: as the pack says
  MemoryRange agent_ram;         // beside the agent: all of the memory that `ram` is a part of
  std::uint32_t clock_hz = 0;    // second argument of Init
  std::uint32_t stack_size = 0;  // of its functions
  std::optional<Watchdog> watchdog;
  bool trusts_erase_chip = false;  // the user says that it erases this flash and nothing else
};

// Code that must be at the address for which it was linked.
[[nodiscard]] bool is_fixed(const FlmFile &file);
// Option bytes: nothing but one page, which EraseSector need not erase before it is programmed.
[[nodiscard]] bool is_single_page(const FlashDevice &device);
// Whether some of its pages have several sectors.
[[nodiscard]] bool has_small_sectors(const FlashDevice &device);
// Whether the agent can call it: it may lie anywhere, and no page has sectors of several sizes.
[[nodiscard]] bool suits_agent(const Algorithm &algorithm);

// Calls the algorithm's functions one by one, on a core that is prepared and halted. [one thread]
// Everything is loaded anew by each object.
class Caller {
 public:
  // probe and algorithm must outlive it. Errc::refused when the RAM is too small.
  Caller(Probe &probe, const Algorithm &algorithm);

  // Errc::flash when a function reports an error or does not return.
  void erase(MemoryRange range);
  // By EraseChip, which is at `entry`, for at most `limit`.
  void erase_chip(std::uint32_t entry, Nanoseconds limit);
  // address and size: whole pages.
  void program(std::uint32_t address, std::span<const std::uint8_t> data);

 private:
  enum Purpose : std::uint8_t { erasing = 1, programming = 2 };

  void load();
  void init(Purpose purpose);
  void uninit(Purpose purpose);
  [[nodiscard]] std::string watchdog_hint() const;  // as the end of a hint
  void check(std::uint32_t result, const char *function, std::uint32_t address) const;
  [[nodiscard]] std::uint32_t call(std::uint32_t entry, std::array<std::uint32_t, 4> arguments,
                                   const char *function, Nanoseconds limit);

  Probe &probe_;
  const Algorithm &algorithm_;
  std::uint32_t code_ = 0, breakpoint_ = 0, stack_ = 0, buffer_ = 0;
};

}  // namespace flashhost::flm
