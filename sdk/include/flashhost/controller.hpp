// Flash controllers: waiting for them, their keys, what their status means.
#pragma once

#include <flashhost/chip.hpp>
#include <flashhost/family.hpp>
#include <flashhost/host.hpp>
#include <flashhost/probe.hpp>

#include <array>
#include <string>

namespace flashhost {

// Waits until the controller of a flash address is not busy and returns its status. Warns beyond
// `maximum` and gives up at six times that (Errc::flash). The chip must know its status register.
[[nodiscard]] std::uint32_t wait_idle(Host &host, Probe &probe, const Chip &chip,
                                      std::uint32_t address, Nanoseconds maximum,
                                      const std::string &what);

// Errc::flash "erasing the page at 0x08000400 failed: WRPERR: ...", with its page of the catalogue.
[[noreturn]] void throw_failed(const Chip &chip, const std::string &what, std::uint32_t address,
                               std::uint32_t status);

// wait_idle, then throw_failed if the status has one of the chip's error bits.
void wait_done(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
               Nanoseconds maximum, const std::string &what);

// Probe::run. False where the target refuses an access, as controllers do with a wrong key.
[[nodiscard]] bool run_if_allowed(Probe &probe, std::span<Access> accesses);

// A control register that two keys unlock, until its lock bit is set again.
struct KeyedLock {
  std::string what;           // for messages: "the flash controller"
  std::string register_name;  // "FLASH_CR"
  std::uint32_t control = 0;  // address
  std::uint32_t lock = 0;     // bit
  std::uint32_t keys = 0;     // address that takes the keys
  std::array<std::uint32_t, 2> values{};
  std::uint32_t keep = 0;  // bits of the control register that stay as they are when it is locked
};
// Locks an open register first: many controllers lock until reset when keys are written to an open
// one. Returns the control register; Errc::target when it stays locked.
std::uint32_t unlock(Probe &probe, const KeyedLock &lock);

// For Family::prepare. Brings a controller (or one bank's) to a known state: idle, error flags and
// stale control bits cleared, unlocked. address: any in its flash; flags: the value to write to the
// status register to clear it. Appends to undo the step that locks it again.
void open_controller(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
                     const KeyedLock &lock, std::uint32_t flags, UndoLog &undo);

}  // namespace flashhost
