// Parts by name: STM32F, three digits, a letter for the package, one for the size of flash.
#pragma once

#include <flashhost/types.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stm32 {

inline constexpr std::uint32_t kib = 1024;
inline constexpr std::uint32_t flash_base = 0x08000000, ram_base = 0x20000000;

// One row of the manual: a series with one size of flash, in several packages.
struct Part {
  std::string_view series;  // "STM32F103"
  char size = 0;            // the letter: 4 6 8 B C D E F G H I
  std::uint16_t flash_kib = 0;
  std::uint16_t ram_kib = 0;
  std::string_view packages;  // "TCRV"
  std::uint16_t device_id = 0;
};

struct NamedPart {
  const Part *part = nullptr;
  std::string name;  // as the manual writes it, x for any package
};
// Any case, longer order codes and x for the package are accepted.
[[nodiscard]] std::optional<NamedPart> find_part(std::span<const Part> parts,
                                                 std::string_view name);
[[nodiscard]] std::vector<std::string> part_names(std::span<const Part> parts);

// What the parts with a device id have in common for a size of flash (bytes): the letter of the
// largest that such a flash holds (the smallest when none fits), and the least SRAM of its parts.
[[nodiscard]] char size_letter(std::span<const Part> parts, std::uint32_t device_id,
                               std::uint32_t flash_size);
[[nodiscard]] std::uint32_t least_ram(std::span<const Part> parts, std::uint32_t device_id,
                                      std::uint32_t flash_size);
// Sizes of flash that they are sold with, bytes, ascending.
[[nodiscard]] std::vector<std::uint32_t> flash_sizes(std::span<const Part> parts,
                                                     std::uint32_t device_id);

}  // namespace stm32
