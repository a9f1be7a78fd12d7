#include "plugin/elf_section.hpp"

#include <flashhost/plugin.h>

// Boost 1.74 forgets to include these in library_info.hpp with BOOST_DLL_USE_STD_FS.
#include <fstream>
#include <string>
#include <vector>
//
#include <boost/dll/library_info.hpp>
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace flashhost {

namespace {

// Boost's reader believes the section name table: it must lie within the file and end with a NUL.
bool sound_name_table(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  const std::uint64_t size = std::filesystem::file_size(path);
  ElfW(Ehdr) header{};
  ElfW(Shdr) names{};
  const auto read = [&](std::uint64_t offset, void *out, std::uint64_t length) {
    if (offset > size || length > size - offset) return false;
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(static_cast<char *>(out), static_cast<std::streamsize>(length));
    return file.good();
  };
  constexpr unsigned char native = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
  if (!read(0, &header, sizeof header) || header.e_ident[EI_CLASS] != native) return false;
  const std::uint64_t offset = std::uint64_t{header.e_shstrndx} * sizeof names;
  if (header.e_shoff > size || !read(header.e_shoff + offset, &names, sizeof names)) return false;
  if (names.sh_size == 0 || names.sh_offset > size || names.sh_size > size) return false;
  char last = 1;
  return read(names.sh_offset + names.sh_size - 1, &last, 1) && last == '\0';
}

}  // namespace

std::optional<std::string> not_a_plugin(const std::filesystem::path &file) {
  constexpr std::string_view prefix = "flashhost_v";
  constexpr const char *damaged = "it is not a whole ELF shared object of this machine";
  if (std::filesystem::file_size(file) == 0) return "it is empty";
  try {
    boost::dll::library_info info(file);
    if (!sound_name_table(file)) return damaged;
    const std::vector<std::string> sections = info.sections();
    if (std::find(sections.begin(), sections.end(), FLASHHOST_SECTION) != sections.end()) {
      return std::nullopt;
    }
    for (const std::string &section : sections) {
      if (!section.starts_with(prefix)) continue;
      return fmt::format("it speaks plugin interface {}, this flashhost speaks {}",
                         section.substr(prefix.size()), FLASHHOST_ABI);
    }
    return "it is a shared object, but no flashhost plugin: it has no section " FLASHHOST_SECTION;
  } catch (const std::exception &) {  // what Boost throws on such files: iostream errors, bad_alloc
    return damaged;
  }
}

}  // namespace flashhost
