#include "elf_parts.hpp"

#include "little_endian.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace flashhost::flm {

namespace {

constexpr const char *get_it_again =
    "A flash algorithm is a file as a linker writes it (.FLM): check the path, or take it out of "
    "the vendor's pack again.";

[[noreturn]] void fail(const std::string &reason) {
  throw Error(Errc::image, reason, get_it_again);
}

elf::File open(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > ElfParts::max_file_size) {
    fail(fmt::format("it has {}; flash algorithms of more than {} are refused",
                     format_size(bytes.size()), format_size(ElfParts::max_file_size)));
  }
  try {
    elf::File file(bytes);
    if (file.section_count() == 0) fail("it has no sections, so nothing says which part is which");
    if (file.section_count() > ElfParts::max_sections) {
      fail(fmt::format("it has {} sections; more than {} are refused", file.section_count(),
                       ElfParts::max_sections));
    }
    return file;
  } catch (const Error &error) {
    // What the library advises is about firmware.
    throw Error(error.code(), error.what(), get_it_again);
  }
}

std::string_view text_at(std::span<const std::uint8_t> strings, std::size_t offset) {
  constexpr std::size_t longest = 64;
  if (offset >= strings.size()) return {};
  const auto text = strings.subspan(offset, std::min(longest, strings.size() - offset));
  const auto end = std::find(text.begin(), text.end(), std::uint8_t{0});
  return {reinterpret_cast<const char *>(text.data()),
          static_cast<std::size_t>(end - text.begin())};
}

Symbol symbol_of(std::span<const std::uint8_t> entry, std::span<const std::uint8_t> strings) {
  // Elf32_Sym: name, value, size, info, other, section.
  const unsigned info = entry[12];
  return {text_at(strings, u32(entry, 0)), u32(entry, 4), u16(entry, 14),
          ELF32_ST_TYPE(info) == STT_FUNC, ELF32_ST_BIND(info) == STB_LOCAL};
}

}  // namespace

ElfParts::ElfParts(std::span<const std::uint8_t> bytes) : file_(open(bytes)) {}

std::vector<Part> ElfParts::named(std::string_view name) const {
  std::vector<Part> parts;
  for (std::size_t index = 1; index < file_.section_count(); ++index) {
    if (file_.section_name(index) != name) continue;
    if (const auto found = part(index)) parts.push_back(*found);
  }
  return parts;
}

std::optional<Part> ElfParts::part(std::size_t index) const {
  if (index == 0 || index >= file_.section_count()) return {};
  const GElf_Shdr section = file_.section(index);
  if (section.sh_size == 0 || section.sh_type == SHT_NULL) return {};
  if (section.sh_addr + section.sh_size > std::uint64_t{1} << 32U) {
    fail(fmt::format("section {} ({}): {} bytes at {:#010x} reach beyond the 32-bit address space",
                     index, file_.section_name(index), section.sh_size, section.sh_addr));
  }
  Part found{index,
             static_cast<std::uint32_t>(section.sh_addr),
             static_cast<std::uint32_t>(section.sh_size),
             {}};
  if (section.sh_type != SHT_NOBITS) found.content = content_of(section, index);
  return found;
}

std::span<const std::uint8_t> ElfParts::content_of(const GElf_Shdr &section,
                                                   std::size_t index) const {
  const auto bytes = file_.bytes();
  const std::uint64_t end = section.sh_offset + section.sh_size;
  if (end > bytes.size()) {
    fail(fmt::format("section {} ({}): its content ends at offset {}, but the file has {} bytes",
                     index, file_.section_name(index), end, bytes.size()));
  }
  return bytes.subspan(static_cast<std::size_t>(section.sh_offset),
                       static_cast<std::size_t>(section.sh_size));
}

void ElfParts::for_each_symbol(const std::function<void(const Symbol &)> &visit) const {
  for (std::size_t index = 1; index < file_.section_count(); ++index) {
    const GElf_Shdr section = file_.section(index);
    if (section.sh_type != SHT_SYMTAB) continue;
    const auto table = content_of(section, index);
    const auto strings = part(section.sh_link);
    if (!strings)
      fail(fmt::format("its symbols have no names: section {} is not there", section.sh_link));
    for (std::size_t at = 0; at + sizeof(Elf32_Sym) <= table.size(); at += sizeof(Elf32_Sym)) {
      visit(symbol_of(table.subspan(at, sizeof(Elf32_Sym)), strings->content));
    }
    return;
  }
}

}  // namespace flashhost::flm
