// Flash controllers: their keys, and waiting for them.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/host.hpp>

#include <string>

namespace stm32 {

inline constexpr std::uint32_t key1 = 0x45670123, key2 = 0xCDEF89AB;

struct BusyFlag {
  std::uint32_t address = 0;  // of the status register
  std::uint32_t bit = 0;
};
// Waits until it is gone and returns the status. Warns beyond maximum, gives up at six times that.
[[nodiscard]] std::uint32_t wait_idle(flashhost::Host &host, flashhost::Probe &probe,
                                      const BusyFlag &busy, flashhost::Nanoseconds maximum,
                                      const std::string &what);

// A key that does not fit is a bus fault: then false.
[[nodiscard]] bool write_key(flashhost::Probe &probe, std::uint32_t address, std::uint32_t key);

// Both keys for FLASH_CR, whose bit `lock` is read back. Locked first whatever LOCK reads: keys to
// an unlocked controller lock it until reset. Returns CR; Errc::target when it stays locked.
std::uint32_t unlock(flashhost::Probe &probe, std::uint32_t control, std::uint32_t keys,
                     std::uint32_t lock, const std::string &of_bank);

}  // namespace stm32
