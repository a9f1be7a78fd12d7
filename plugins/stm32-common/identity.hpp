// Which chip it is, and how much flash it has.
#pragma once

#include "parts.hpp"

#include <flashhost/family.hpp>

#include <functional>

namespace stm32 {

// Nothing where the target refuses the read.
[[nodiscard]] std::optional<std::uint32_t> read_if_there(flashhost::ProbeReader &probe,
                                                         std::uint32_t address);
// Empty when it cannot be an identity: all the same byte, or one word over and over.
[[nodiscard]] flashhost::Bytes read_unique_id(flashhost::ProbeReader &probe, std::uint32_t address);

// What the chip says it is, in words for messages.
struct Identity {
  std::uint32_t device_id = 0;
  std::uint32_t idcode = 0;  // 0: no answer
  bool ours = false;
  std::string found;   // "an STM32F1 of the medium density"
  std::string family;  // "STM32F1"
};
// Errc::target when it is not what the board file names.
void check_expected(const Identity &identity, const flashhost::Chip &expected);

// Signs of a clone: its debug port id, a revision id that is not ST's. Empty when there are none.
struct CloneSigns {
  std::uint32_t debug_port = 0;  // ST's
  std::uint32_t revision = 0;    // found
  bool known_revision = true;
  std::string line;    // "medium density"
  std::string family;  // "STM32F1"
};
[[nodiscard]] std::string clone_remark(const flashhost::ProbeInfo &info, const CloneSigns &signs);

struct LineSizes {
  std::string name;                 // "medium density STM32F1"
  std::uint32_t maximum = 0;        // the most that the die can hold
  std::vector<std::uint32_t> sold;  // ascending
  std::uint32_t size_register = 0;  // what it reads: KiB
  std::function<bool(std::uint32_t)> whole_sectors;
  std::string sector_text;  // "in pages of 1 KiB"
};
// The size of flash to work with. Says in remarks how it was found when the chip does not say it.
[[nodiscard]] std::uint32_t find_flash_size(flashhost::ProbeReader &probe, const LineSizes &line,
                                            const flashhost::IdentifyOptions &options,
                                            std::vector<std::string> &remarks);

}  // namespace stm32
