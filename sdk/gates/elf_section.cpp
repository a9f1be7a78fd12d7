#include "gates/elf_section.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost {

namespace {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);

// Far more than any plugin has (about 40 sections, 400 bytes of names).
constexpr std::size_t max_sections = 4096;
constexpr std::size_t max_names = std::size_t{64} * 1024;
constexpr std::size_t longest_name = 32;

constexpr const char *damaged = "it is not a whole ELF shared object of this machine";

template <class T>
bool read_object(const ReadAt &read, std::uint64_t offset, T &object) {
  return read(offset, std::as_writable_bytes(std::span(&object, 1)));
}

bool is_shared_object_of_this_machine(const Header &header) {
  constexpr unsigned char native_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
  constexpr unsigned char native_order =
      std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == native_class && header.e_ident[EI_DATA] == native_order &&
         header.e_type == ET_DYN && header.e_shentsize == sizeof(Section);
}

// The version in the name of another interface's section: "flashhost_v3"; empty if it is none.
std::string_view version_of(std::string_view section, std::string_view prefix) {
  constexpr std::size_t longest = 9;
  if (!section.starts_with(prefix)) return {};
  section.remove_prefix(prefix.size());
  const bool is_number =
      section.size() <= longest && std::all_of(section.begin(), section.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0;
      });
  return is_number ? section : std::string_view{};
}

}  // namespace

std::string MarkedSection::name() const {
  return fmt::format("{}{}", prefix, version);
}

std::optional<std::string> lacks_section(const ReadAt &read, const MarkedSection &wanted) {
  Header header{};
  if (!read_object(read, 0, header) || !is_shared_object_of_this_machine(header)) return damaged;
  if (header.e_shnum > max_sections) {
    return fmt::format("it has {} sections; more than {} are refused", header.e_shnum,
                       max_sections);
  }
  if (header.e_shstrndx >= header.e_shnum) return damaged;
  std::vector<Section> sections(header.e_shnum);
  if (!read(header.e_shoff, std::as_writable_bytes(std::span(sections)))) return damaged;

  const Section &table = sections[header.e_shstrndx];
  char last = 1;
  if (table.sh_size == 0 || !read_object(read, table.sh_offset + table.sh_size - 1, last) ||
      last != '\0') {
    return damaged;
  }
  if (table.sh_size > max_names) {
    return fmt::format("the names of its sections take {} bytes; more than {} are refused",
                       table.sh_size, max_names);
  }
  std::string names(table.sh_size, '\0');
  if (!read(table.sh_offset, std::as_writable_bytes(std::span(names))) || names.back() != '\0') {
    return damaged;
  }

  const std::string marked = wanted.name();
  std::string_view other_version;
  for (const Section &section : sections) {
    if (section.sh_name >= names.size()) return damaged;
    // Compares no more of a name than is needed: many sections may share one long name.
    std::string_view name = std::string_view(names).substr(section.sh_name, longest_name);
    name = name.substr(0, name.find('\0'));
    if (name == marked) return std::nullopt;
    if (other_version.empty()) other_version = version_of(name, wanted.prefix);
  }
  if (!other_version.empty()) {
    return fmt::format("it speaks {} {}, this flashhost speaks {}", wanted.interface_name,
                       other_version, wanted.version);
  }
  return fmt::format("it is a shared object, but no {}: it has no section {}", wanted.what, marked);
}

}  // namespace flashhost
