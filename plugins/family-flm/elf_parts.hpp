// What a flash algorithm's ELF file is made of: sections by name, and symbols.
#pragma once

#include <elf_file.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace flashhost::flm {

// A section that takes up memory of the target, or describes the device.
struct Part {
  std::size_t index = 0;
  std::uint32_t address = 0;
  std::uint32_t size = 0;
  std::span<const std::uint8_t> content;  // size bytes; empty: it consists of zeros (NOBITS)

  [[nodiscard]] std::uint64_t end() const { return std::uint64_t{address} + size; }
};

struct Symbol {
  std::string_view name;  // at most the first 64 characters
  std::uint32_t value = 0;
  std::size_t section = 0;
  bool function = false;
  bool local = false;
};

// [one thread at a time]
class ElfParts {
 public:
  // Flash algorithms with debug information are a few MiB large, and have some 30 sections.
  static constexpr std::size_t max_file_size = 16U << 20U;
  static constexpr std::size_t max_sections = 4096;

  // bytes must live as long as this object and what it hands out. Throws Errc::image for anything
  // but a linked 32-bit little-endian program for Arm with section headers.
  explicit ElfParts(std::span<const std::uint8_t> bytes);

  // All sections of that name that are not empty, in the order of the file. Throws Errc::image
  // where the content is not inside the file, or the addresses reach beyond 32 bits.
  [[nodiscard]] std::vector<Part> named(std::string_view name) const;
  // Empty: there is no such section, or it is empty. Throws as above.
  [[nodiscard]] std::optional<Part> part(std::size_t index) const;
  // Those of the first symbol table; none: the file has no such table.
  void for_each_symbol(const std::function<void(const Symbol &)> &visit) const;

 private:
  [[nodiscard]] std::span<const std::uint8_t> content_of(const GElf_Shdr &section,
                                                         std::size_t index) const;

  elf::File file_;
};

}  // namespace flashhost::flm
