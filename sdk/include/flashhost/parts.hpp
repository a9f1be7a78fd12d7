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
  // The order code, without the characters at its end that make no difference. Letters in brackets
  // are alternatives: "ACME32[TCRV]B". Capitals.
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

// What the parts with this device id and this size of flash have in common. If no part has just
// this size, those with the next smaller one count; if all are larger, the smallest. Of several
// names, the first whose pattern begins with `series`.
struct CommonPart {
  std::string name;            // "ACME32xB"
  std::uint32_t ram_size = 0;  // the least of these parts, so all of them have it
};
[[nodiscard]] CommonPart common_part(std::span<const Part> parts, std::uint32_t device_id,
                                     std::uint32_t flash_size, std::string_view series);
// Sizes of flash with which parts of this device id are sold: bytes, ascending, each once.
[[nodiscard]] std::vector<std::uint32_t> flash_sizes(std::span<const Part> parts,
                                                     std::uint32_t device_id);

}  // namespace flashhost
