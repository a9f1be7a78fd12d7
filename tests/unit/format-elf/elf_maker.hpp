// Makes ELF files, also such as no linker would write.
#pragma once

#include <flashhost/types.hpp>

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::test {

// A 32-bit program for Arm: header, program headers, content from content_at on, then the section
// headers with their names. Everything may be changed before make().
struct ElfMaker {
  Elf32_Ehdr header = default_header();
  std::vector<Elf32_Phdr> segments;
  std::vector<std::pair<std::string, Elf32_Shdr>> sections;  // without the first and the names
  std::uint32_t content_at = 0x100;
  Bytes content;
  bool with_sections = true;

  // Appends bytes to the content; their offset in the file.
  std::uint32_t add(const Bytes &bytes) {
    const std::size_t at = content_at + content.size();
    content.insert(content.end(), bytes.begin(), bytes.end());
    return static_cast<std::uint32_t>(at);
  }

  Elf32_Phdr &segment(std::uint32_t offset, std::uint32_t size, std::uint32_t virtual_address,
                      std::uint32_t physical_address) {
    return segments.emplace_back(
        Elf32_Phdr{PT_LOAD, offset, virtual_address, physical_address, size, size, PF_R, 4});
  }

  Elf32_Shdr &section(const std::string &name, std::uint32_t offset, std::uint32_t size,
                      std::uint32_t virtual_address) {
    return sections
        .emplace_back(
            name, Elf32_Shdr{0, SHT_PROGBITS, SHF_ALLOC, virtual_address, offset, size, 0, 0, 1, 0})
        .second;
  }

  // A section in a segment of its own.
  void part(const std::string &name, const Bytes &bytes, std::uint32_t virtual_address,
            std::uint32_t physical_address) {
    const std::uint32_t offset = add(bytes);
    const auto size = static_cast<std::uint32_t>(bytes.size());
    segment(offset, size, virtual_address, physical_address);
    section(name, offset, size, virtual_address);
  }

  // Fills in what the header says of the tables, unless the test has set it.
  [[nodiscard]] Bytes make() const {
    Bytes file(sizeof header);
    Elf32_Ehdr head = header;
    const auto set = [](auto &field, std::size_t value) {
      if (field == 0) field = static_cast<std::remove_reference_t<decltype(field)>>(value);
    };
    if (!segments.empty()) {
      set(head.e_phoff, file.size());
      set(head.e_phnum, segments.size());
    }
    for (const Elf32_Phdr &segment : segments) append(file, segment);
    file.resize(std::max<std::size_t>(file.size(), content_at));
    file.insert(file.end(), content.begin(), content.end());
    if (with_sections) {
      std::string names(1, '\0');
      std::vector<Elf32_Shdr> table(1);
      for (auto [name, section] : sections) {
        section.sh_name = static_cast<Elf32_Word>(names.size());
        names += name + '\0';
        table.push_back(section);
      }
      Elf32_Shdr last{};
      last.sh_name = static_cast<Elf32_Word>(names.size());
      names += std::string(".shstrtab") + '\0';
      last.sh_type = SHT_STRTAB;
      last.sh_offset = static_cast<Elf32_Off>(file.size());
      last.sh_size = static_cast<Elf32_Word>(names.size());
      last.sh_addralign = 1;
      table.push_back(last);
      file.insert(file.end(), names.begin(), names.end());
      file.resize((file.size() + 3) / 4 * 4);
      set(head.e_shoff, file.size());
      set(head.e_shnum, table.size());
      set(head.e_shstrndx, table.size() - 1);
      for (const Elf32_Shdr &section : table) append(file, section);
    }
    std::memcpy(file.data(), &head, sizeof head);
    return file;
  }

 private:
  template <class T>
  static void append(Bytes &file, const T &value) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(&value);
    file.insert(file.end(), bytes, bytes + sizeof value);
  }

  static Elf32_Ehdr default_header() {
    Elf32_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_ARM;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof(Elf32_Ehdr);
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_shentsize = sizeof(Elf32_Shdr);
    header.e_flags = 0x05000200;  // EABI version 5
    return header;
  }
};

}  // namespace flashhost::test
