// Makes flash algorithms, also such as no linker would write.
#pragma once

#include "../format-elf/elf_maker.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::test {

// FlashDevice, byte by byte.
struct Description {
  std::string name = "made by a test";
  std::uint16_t version = 0x0101;
  std::uint16_t type = 1;
  std::uint32_t address = 0x08000000;
  std::uint32_t size = 0x10000;
  std::uint32_t page = 0x400;
  std::uint8_t erased = 0xFF;
  std::uint32_t program_ms = 100;
  std::uint32_t erase_ms = 500;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sectors = {{0x400, 0}};  // size, offset
  bool terminated = true;

  [[nodiscard]] Bytes bytes() const {
    Bytes result;
    const auto add = [&](std::uint64_t value, int count) {
      for (int i = 0; i < count; ++i) result.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    };
    add(version, 2);
    result.insert(result.end(), name.begin(), name.end());
    result.resize(130);
    add(type, 2);
    for (const std::uint32_t word : {address, size, page, 0U}) add(word, 4);
    add(erased, 4);
    add(program_ms, 4);
    add(erase_ms, 4);
    for (const auto &[sector, offset] : sectors) {
      add(sector, 4);
      add(offset, 4);
    }
    if (terminated) add(0xFFFFFFFF'FFFFFFFF, 8);
    return result;
  }
};

struct FlmMaker {
  struct Name {
    std::string name;
    std::uint32_t value;
    std::uint16_t section;
    unsigned char type = STT_FUNC;
    unsigned char binding = STB_GLOBAL;
  };
  // Sections by this number: PrgCode, PrgData twice, DevDscr. They are there also where they are
  // empty.
  static constexpr std::uint16_t code_index = 1;
  static constexpr std::uint16_t data_index = 2;
  static constexpr std::uint16_t zeros_index = 3;
  static constexpr std::uint16_t description_index = 4;
  static constexpr std::uint16_t first_free_index = 7;  // behind the symbols and their names

  std::string code_name = "PrgCode";
  Bytes code = Bytes(0x40, 0xC0);
  std::uint32_t code_address = 0;
  Bytes data;
  std::uint32_t data_address = 0x40;
  std::uint32_t zeros = 0;
  std::uint32_t zeros_address = 0x40;
  Description description;
  // As armlink links: where the zeros are.
  std::uint32_t description_address = 0x40;
  std::vector<Name> names = default_names();
  std::function<void(ElfMaker &)> change = [](ElfMaker &) {};

  static std::vector<Name> default_names() {
    return {
        {"Init", 0x05, code_index},        {"UnInit", 0x09, code_index},
        {"EraseSector", 0x0D, code_index}, {"ProgramPage", 0x11, code_index},
        {"EraseChip", 0x15, code_index},   {"BlankCheck", 0x19, code_index},
        {"Verify", 0x1D, code_index},      {"FlashDevice", 0x40, description_index, STT_OBJECT}};
  }

  Name &symbol(const std::string &name) {
    return *std::find_if(names.begin(), names.end(), [&](const Name &n) { return n.name == name; });
  }
  void remove(const std::string &name) {
    names.erase(
        std::remove_if(names.begin(), names.end(), [&](const Name &n) { return n.name == name; }),
        names.end());
  }
  // Moves code, data and zeros; the description stays.
  void move(std::uint32_t by) {
    for (std::uint32_t *address : {&code_address, &data_address, &zeros_address}) *address += by;
    for (Name &name : names) {
      if (name.section == code_index) name.value += by;
    }
  }

  [[nodiscard]] Bytes make() const {
    ElfMaker elf;
    elf.segment(0, 0, 0, 0);
    add(elf, code_name, code, code_address).sh_flags |= SHF_EXECINSTR;
    add(elf, "PrgData", data, data_address).sh_flags |= SHF_WRITE;
    Elf32_Shdr &zero = elf.section("PrgData", elf.content_at, zeros, zeros_address);
    zero.sh_type = SHT_NOBITS;
    add(elf, "DevDscr", description.bytes(), description_address);
    add_symbols(elf);
    change(elf);
    return elf.make();
  }

 private:
  static Elf32_Shdr &add(ElfMaker &elf, const std::string &name, const Bytes &bytes,
                         std::uint32_t address) {
    return elf.section(name, elf.add(bytes), static_cast<std::uint32_t>(bytes.size()), address);
  }

  void add_symbols(ElfMaker &elf) const {
    std::string strings(1, '\0');
    Bytes table(sizeof(Elf32_Sym));
    for (const Name &name : names) {
      Elf32_Sym symbol{};
      symbol.st_name = static_cast<Elf32_Word>(strings.size());
      symbol.st_value = name.value;
      symbol.st_info = static_cast<unsigned char>(name.binding << 4U | name.type);
      symbol.st_shndx = name.section;
      const auto *bytes = reinterpret_cast<const std::uint8_t *>(&symbol);
      table.insert(table.end(), bytes, bytes + sizeof symbol);
      strings += name.name + '\0';
    }
    add(elf, ".strtab", Bytes(strings.begin(), strings.end()), 0).sh_type = SHT_STRTAB;
    Elf32_Shdr &symbols = add(elf, ".symtab", table, 0);
    symbols.sh_type = SHT_SYMTAB;
    symbols.sh_link = description_index + 1;
  }
};

}  // namespace flashhost::test
