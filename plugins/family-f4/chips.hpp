// The chips of the family as data, and what follows from the data alone.
#pragma once

#include "stm32-common/parts.hpp"

#include <flashhost/family.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace f4 {

// One die: what its device id stands for.
struct Line {
  std::uint16_t device_id = 0;
  std::string_view name;        // "F405/407/415/417"
  std::string_view part_names;  // of the parts that the id does not tell apart: "STM32F407"
  std::uint16_t maximum_kib = 0;
  std::uint8_t banks = 1;    // 2: 2 MiB always, 1 MiB when option bit DB1M says so
  std::uint16_t nwrp = 0;    // write protection bits of FLASH_OPTCR
  std::uint8_t ccm_kib = 0;  // RAM that neither executes nor is reached by DMA
  bool proprietary = true;   // knows PCROP (option bit SPRMOD)
  std::array<std::uint16_t, 6> revisions{};
};

using stm32::Part;

[[nodiscard]] std::span<const Line> lines();
[[nodiscard]] std::span<const Part> parts();
[[nodiscard]] const Line *find_line(std::uint32_t device_id);
[[nodiscard]] bool has_revision(const Line &line, std::uint32_t revision);

// By a part's name: any case, longer order codes and x for the package are accepted. One bank where
// an option bit decides, and programmed in words.
[[nodiscard]] std::optional<flashhost::Chip> describe(std::string_view name);
[[nodiscard]] std::vector<std::string> part_names();
[[nodiscard]] std::string common_name(const Line &line, std::uint32_t flash_size);
// Sizes of flash that the line is sold with, bytes, ascending.
[[nodiscard]] std::vector<std::uint32_t> flash_sizes(const Line &line);

enum class Banks : std::uint8_t { one, two };
// Bytes that are programmed at a time: FLASH_CR.PSIZE, by the supply.
enum class Parallelism : std::uint8_t { x8 = 1, x16 = 2, x32 = 4 };

struct Build {
  std::string name;
  std::uint32_t flash_size = 0;
  std::uint32_t ram_size = 0;
  Banks banks = Banks::one;
  Parallelism parallelism = Parallelism::x32;
};
[[nodiscard]] flashhost::Chip make_chip(const Line &line, Build build);
[[nodiscard]] Banks banks_for(const Line &line, std::uint32_t flash_size, bool option_bit);

// What the rest of the family asks of a chip as it was made.
[[nodiscard]] Banks banks_of(const flashhost::Chip &chip);
[[nodiscard]] Parallelism parallelism_of(const flashhost::Chip &chip);
[[nodiscard]] std::uint32_t psize_of(const flashhost::Chip &chip);  // in its place in FLASH_CR
// How FLASH_CR.SNB names the sector at an address.
[[nodiscard]] std::uint32_t sector_number(const flashhost::Chip &chip, std::uint32_t address);
// Does a flash of this size end where a sector does?
[[nodiscard]] bool whole_sectors(std::uint32_t flash_size);

}  // namespace f4
