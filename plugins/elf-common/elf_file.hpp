// The headers of an ELF file: checked, then read through libelf.
#pragma once

#include <gelf.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flashhost::elf {

// Program headers. Linked firmware has some ten.
inline constexpr std::size_t max_segments = 1024;

[[nodiscard]] bool starts_with_magic(std::span<const std::uint8_t> head);

// A linked 32-bit little-endian program for Arm whose header tables lie inside the file. What the
// tables say of contents is not checked. [one thread at a time]
class File {
 public:
  // bytes must live as long as this object, and are not changed. Throws Errc::image for anything
  // else than described above.
  explicit File(std::span<const std::uint8_t> bytes);

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] std::uint32_t entry() const { return header_.e_entry; }

  // Program headers, in the order of the file; at least one.
  [[nodiscard]] const std::vector<GElf_Phdr> &segments() const { return segments_; }

  // Section headers, with the first, which describes nothing; 0: there are none.
  [[nodiscard]] std::size_t section_count() const { return header_.e_shnum; }
  [[nodiscard]] GElf_Shdr section(std::size_t index) const;
  // Printable, at most 40 characters; empty if the file has no such name.
  [[nodiscard]] std::string section_name(std::size_t index) const;

 private:
  struct End {
    void operator()(Elf *elf) const { elf_end(elf); }
  };

  std::span<const std::uint8_t> bytes_;
  Elf32_Ehdr header_{};
  std::unique_ptr<Elf, End> elf_;
  std::vector<GElf_Phdr> segments_;
};

}  // namespace flashhost::elf
