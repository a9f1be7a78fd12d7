// Is the flash what the plan said it would be?
#pragma once

#include "flash_access.hpp"
#include "plan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {

struct Mismatch {
  std::uint32_t address = 0;
  std::uint8_t expected = 0;
  std::uint8_t found = 0;
  std::uint64_t differences = 0;  // bytes in all, in the sectors looked at
  // Not empty: these words cannot be read without error, whatever their bytes are.
  std::vector<MemoryRange> unreadable;
};
[[nodiscard]] std::string to_text(const Mismatch &mismatch);

// Every sector of the plan, whole; after a mass erase also that the rest of the flash is blank.
// Empty: all is right. By CRC on the target; a sector that differs is read for the message.
[[nodiscard]] std::optional<Mismatch> verify_by_crc(const Plan &plan, const Chip &chip,
                                                    ProbeReader &probe, FlashAccess &access);
// What verify_by_crc asks the target for.
[[nodiscard]] std::vector<MemoryRange> verified_ranges(const Plan &plan, const Chip &chip);
// The same by reading everything through the probe; on flash with an error correcting code by CRC,
// too, since what is read tells nothing of errors.
[[nodiscard]] std::optional<Mismatch> verify_by_reading(const Plan &plan, const Chip &chip,
                                                        ProbeReader &probe, FlashAccess &access);

// The image alone, by reading it, with no loader running. advance: called with the bytes read so
// far.
[[nodiscard]] std::optional<Mismatch> compare_image(
    const Image &image, Probe &probe, const Chip &chip,
    const std::function<void(std::uint64_t)> &advance);
// The same by CRC; what differs, or is not aligned to words, is read.
[[nodiscard]] std::optional<Mismatch> compare_image_by_crc(const Image &image, ProbeReader &probe,
                                                           const Chip &chip,
                                                           const CrcFunction &crc);

}  // namespace flashhost
