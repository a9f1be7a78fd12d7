// The chips of the family as data, and what follows from the data alone.
#pragma once

#include "stm32-common/parts.hpp"

#include <flashhost/family.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace f1 {

// One die: what its device id stands for.
struct Line {
  std::uint16_t device_id = 0;
  std::string_view name;        // "medium density"
  std::string_view part_names;  // the parts that the id does not tell apart: "STM32F103"
  std::uint16_t page_size = 0;
  std::uint16_t maximum_kib = 0;         // the most flash that the die can hold
  std::uint8_t pages_per_wrp_unit = 0;   // unit 31 covers all that is left
  std::uint8_t banks = 1;                // the second one starts at 512 KiB
  flashhost::MemoryRange system_memory;  // bootloader and electronic signature
  std::array<std::uint16_t, 4> revisions{};
  std::uint8_t revision_count = 0;
};

using stm32::Part;

[[nodiscard]] std::span<const Line> lines();
[[nodiscard]] std::span<const Part> parts();
[[nodiscard]] const Line *find_line(std::uint32_t device_id);
[[nodiscard]] bool has_revision(const Line &line, std::uint32_t revision);

// By a part's name: any case, longer order codes and x for the package are accepted.
[[nodiscard]] std::optional<flashhost::Chip> describe(std::string_view name);
[[nodiscard]] std::vector<std::string> part_names();

// What a line has in common for a size of flash (bytes) when no part is named: the least SRAM of
// its parts, and a name such as STM32F103xB.
[[nodiscard]] std::uint32_t least_ram(const Line &line, std::uint32_t flash_size);
[[nodiscard]] std::string common_name(const Line &line, std::uint32_t flash_size);
// Sizes of flash that the line is sold with, bytes, ascending.
[[nodiscard]] std::vector<std::uint32_t> flash_sizes(const Line &line);

[[nodiscard]] flashhost::Chip make_chip(const Line &line, std::string name,
                                        std::uint32_t flash_size, std::uint32_t ram_size);

}  // namespace f1
