#include "file/exports.hpp"

#include "files/files.hpp"

#include <flashhost/error.hpp>
#include <flashhost/types.hpp>

#include <elf.h>

#include <cstring>
#include <stdexcept>

namespace flashhost::conformance {

namespace {

constexpr std::size_t largest_plugin = std::size_t{512} << 20;

template <class Record>
Record record_at(const Bytes &file, std::uint64_t offset) {
  Record record{};
  if (offset > file.size() || file.size() - offset < sizeof record) {
    throw std::runtime_error("the ELF file is cut off");
  }
  std::memcpy(&record, file.data() + offset, sizeof record);
  return record;
}

std::string text_at(const Bytes &file, std::uint64_t offset) {
  std::string text;
  for (; offset < file.size() && file[offset] != 0; ++offset) {
    text.push_back(static_cast<char>(file[offset]));
  }
  return text;
}

}  // namespace

std::vector<ExportedSymbol> exported_symbols(const std::filesystem::path &path) {
  const Bytes file = files::read_file(path, largest_plugin, Errc::plugin);
  const auto header = record_at<Elf64_Ehdr>(file, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
    throw std::runtime_error("not a 64-bit ELF file");
  }
  const auto section = [&](std::uint32_t number) {
    return record_at<Elf64_Shdr>(file, header.e_shoff + std::uint64_t{number} * header.e_shentsize);
  };
  std::vector<ExportedSymbol> symbols;
  for (std::uint32_t number = 0; number < header.e_shnum; ++number) {
    const Elf64_Shdr table = section(number);
    if (table.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr names = section(table.sh_link);
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = record_at<Elf64_Sym>(file, table.sh_offset + at);
      const unsigned binding = ELF64_ST_BIND(symbol.st_info);
      if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL) continue;
      symbols.push_back(
          {text_at(file, names.sh_offset + symbol.st_name), binding == STB_GNU_UNIQUE});
    }
  }
  return symbols;
}

}  // namespace flashhost::conformance
