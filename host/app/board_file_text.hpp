// The board file that `flashhost init` writes.
#pragma once

#include "config/config.hpp"

#include <flashhost/chip.hpp>
#include <flashhost/parts.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost {

// What is known of the board. What config does not have stands in the text as a comment, with its
// default.
struct BoardFacts {
  config::Config config;     // [board], [transport], [family], and at most one image
  std::string probe;         // "ACME Link"
  std::string probe_remark;  // why it is named so; may be empty
  std::string chip;          // as it was identified: "ACME32xB"
  std::string chip_remark;   // why it is named so, or not; may be empty
};

// Accepted by config::parse_config. Errc::usage for a text that cannot stand in a board file.
[[nodiscard]] std::string board_file_text(const BoardFacts &facts);

// The names that a board file may give to a chip that was identified.
struct ChipNames {
  std::string common;              // as it was identified; empty: a board file cannot name it so
  std::vector<std::string> parts;  // which of them it is, the chip does not say
  std::string remark;              // for the board file
};
// parts: of its family. size_is_given: flash_size stands in the board file.
enum class FlashSize : std::uint8_t { found, given };
[[nodiscard]] ChipNames chip_names(const Chip &found, std::span<const Part> parts, FlashSize size);

}  // namespace flashhost
