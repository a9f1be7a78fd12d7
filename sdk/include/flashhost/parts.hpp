// Parts by name: which order codes stand for which chip.
#pragma once

#include <flashhost/chip.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost {

// One row of a family's table: chips that differ in nothing but their package.
struct Part {
  // The order code up to where it stops to matter. Letters in brackets are alternatives:
  // "ACME32[TCRV]B". Capitals.
  std::string pattern;
  Chip chip;  // its name is set by whoever looks it up
  friend bool operator==(const Part &, const Part &) = default;
};

// The pattern with x for each bracket: "ACME32xB".
[[nodiscard]] std::string common_name(std::string_view pattern);
// All names that the patterns stand for, in the order of the table.
[[nodiscard]] std::vector<std::string> part_names(std::span<const Part> parts);

// The chip of that name. Any case; x may stand for a bracket; what follows in an order code (at
// most nine letters and digits) is ignored. Nothing when no pattern fits.
[[nodiscard]] std::optional<Chip> find_chip(std::span<const Part> parts, std::string_view name);

// What the parts with a device id have in common for a size of flash (bytes): the largest that such
// a flash holds, or the smallest when none fits. Of several, the first whose pattern begins with
// `series`.
struct CommonPart {
  std::string name;            // "ACME32xB"
  std::uint32_t ram_size = 0;  // the least of its kind: all of it is real
};
[[nodiscard]] CommonPart common_part(std::span<const Part> parts, std::uint32_t device_id,
                                     std::uint32_t flash_size, std::string_view series);
// Sizes of flash that they are sold with, bytes, ascending, each once.
[[nodiscard]] std::vector<std::uint32_t> flash_sizes(std::span<const Part> parts,
                                                     std::uint32_t device_id);

}  // namespace flashhost
