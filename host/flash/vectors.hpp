// What an image's vector table says about the image.
#pragma once

#include "image.hpp"

#include <flashhost/chip.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flashhost {

// The first two words of a Cortex-M's vector table.
struct Vectors {
  static constexpr std::uint32_t size = 8;  // in bytes
  std::uint32_t stack = 0;                  // where the stack begins
  std::uint32_t entry = 0;                  // where the core starts; bit 0 means Thumb code
};

// Empty when the image does not cover these eight bytes.
[[nodiscard]] std::optional<Vectors> vectors_at(const Image &image, std::uint32_t address);

// Whether they can be the vectors of firmware for this chip.
[[nodiscard]] bool is_plausible(const std::optional<Vectors> &vectors, const Chip &chip);

// Why the image can hardly be firmware for this chip as it would lie in the flash, a sentence each:
// the stack in no RAM, a start outside the image or without Thumb bit, a vector table that begins
// in the middle. An image of data only gives no reason for doubt. The chip boots from
// chip.boot_address.
[[nodiscard]] std::vector<std::string> doubts_about(const Image &image, const Chip &chip);

}  // namespace flashhost
