#include "elf_file.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace flashhost::elf {

namespace {

constexpr const char *cut_off = "The file is cut off or damaged: build or copy it again.";
constexpr const char *other_program =
    "Most likely this is a program for a computer, not the firmware: check the file's path, and "
    "which compiler built it (arm-none-eabi-gcc, for example).";

[[noreturn]] void fail(const std::string &reason, std::string hint = cut_off) {
  throw Error(Errc::image, reason, std::move(hint));
}

[[noreturn]] void fail_in_libelf(const std::string &what) {
  fail(fmt::format("libelf cannot read {}: {}", what, elf_errmsg(-1)));
}

std::string machine_name(std::uint16_t machine) {
  constexpr auto known = std::to_array<std::pair<std::uint16_t, std::string_view>>({
      {EM_386, "x86"},
      {EM_MIPS, "MIPS"},
      {EM_PPC, "PowerPC"},
      {EM_ARM, "Arm"},
      {EM_X86_64, "x86-64"},
      {EM_AVR, "AVR"},
      {EM_XTENSA, "Xtensa"},
      {EM_AARCH64, "64-bit Arm"},
      {EM_RISCV, "RISC-V"},
  });
  for (const auto &[number, name] : known) {
    if (number == machine) return std::string(name);
  }
  return fmt::format("machine {}", machine);
}

// Class, byte order and machine stand at the same place in every ELF file.
void check_kind(std::span<const std::uint8_t> bytes) {
  if (!starts_with_magic(bytes)) {
    fail("it does not begin as an ELF file does (7f 45 4c 46)",
         "Is this an ELF file? If not, name its format: --format, or image.format in the board "
         "file.");
  }
  constexpr std::size_t type_and_machine = EI_NIDENT + 4;
  if (bytes.size() < type_and_machine) {
    fail(fmt::format("the file ends after {} bytes, inside the ELF header", bytes.size()));
  }
  const std::uint8_t order = bytes[EI_DATA];
  const bool big = order == ELFDATA2MSB;
  if (!big && order != ELFDATA2LSB) fail(fmt::format("the ELF header has byte order {}", order));
  const std::size_t at = EI_NIDENT + 2;
  const auto machine = static_cast<std::uint16_t>(big ? bytes[at] << 8 | bytes[at + 1]
                                                      : bytes[at + 1] << 8 | bytes[at]);
  const std::uint8_t width = bytes[EI_CLASS];
  if (width != ELFCLASS32 && width != ELFCLASS64) {
    fail(fmt::format("the ELF header has class {}", width));
  }
  if (machine != EM_ARM || width != ELFCLASS32) {
    fail(fmt::format("it is a {}-bit ELF file for {}, not a 32-bit one for Arm",
                     width == ELFCLASS64 ? 64 : 32, machine_name(machine)),
         other_program);
  }
  if (big) {
    fail("it is a big-endian ELF file, not a little-endian one",
         "A Cortex-M runs little-endian code: build the firmware without -mbig-endian.");
  }
  if (bytes[EI_VERSION] != EV_CURRENT) {
    fail(fmt::format("the ELF header has version {}", bytes[EI_VERSION]));
  }
}

Elf32_Ehdr header_of(std::span<const std::uint8_t> bytes) {
  Elf32_Ehdr header{};
  if (bytes.size() < sizeof header) {
    fail(fmt::format("the file ends after {} bytes, inside the ELF header", bytes.size()));
  }
  std::array<std::uint8_t, sizeof header> raw{};
  std::copy_n(bytes.begin(), raw.size(), raw.begin());
  Elf_Data source{};
  source.d_buf = raw.data();
  source.d_type = ELF_T_EHDR;
  source.d_version = EV_CURRENT;
  source.d_size = raw.size();
  Elf_Data target = source;
  target.d_buf = &header;
  if (elf32_xlatetom(&target, &source, ELFDATA2LSB) == nullptr) {
    throw Error(Errc::internal, fmt::format("libelf: {}", elf_errmsg(-1)));
  }
  return header;
}

void check_type(std::uint16_t type) {
  switch (type) {
    case ET_EXEC:
      return;
    case ET_REL:
      fail("it is an object file, which is not linked yet",
           "Its code has no addresses: link it, and give flashhost what the linker wrote.");
    case ET_DYN:
      fail("it is a shared object or position-independent program, which has no fixed addresses",
           "Link the firmware without -shared and -pie.");
    case ET_CORE:
      fail("it is a core file, what a program left behind when it crashed",
           "Check the file's path: this is not the firmware.");
    default:
      fail(fmt::format("the ELF header has type {}; a linked program has 2", type));
  }
}

void check_table(std::string_view what, std::size_t file, std::uint64_t offset, std::size_t count,
                 std::size_t entry, std::size_t expected) {
  if (count == 0) return;
  if (entry != expected) {
    fail(fmt::format("its {} headers take {} bytes each, not {}", what, entry, expected));
  }
  const std::uint64_t end = offset + std::uint64_t{count} * entry;
  if (end <= file) return;
  fail(fmt::format("its {} headers end at offset {}, but the file has {} bytes", what, end, file));
}

void check_tables(const Elf32_Ehdr &header, std::size_t size) {
  if (header.e_phnum == 0) {
    fail("it has no program headers, so nothing says where its parts are loaded",
         "Is this what the linker wrote? Use that file, or convert it: objcopy -O ihex.");
  }
  if (header.e_phnum > max_segments) {
    fail(fmt::format("it has {} program headers; more than {} are refused", header.e_phnum,
                     max_segments),
         "No firmware has so many. Was the linker script made by a program?");
  }
  check_table("program", size, header.e_phoff, header.e_phnum, header.e_phentsize,
              sizeof(Elf32_Phdr));
  // The number is then in the first section header. libelf would believe it.
  if (header.e_shnum == 0 && header.e_shoff != 0) {
    fail("the ELF header does not say how many sections there are",
         "Either the file is damaged, or it has more than 65279 sections, which are refused.");
  }
  check_table("section", size, header.e_shoff, header.e_shnum, header.e_shentsize,
              sizeof(Elf32_Shdr));
}

}  // namespace

bool starts_with_magic(std::span<const std::uint8_t> head) {
  return head.size() >= SELFMAG && std::memcmp(head.data(), ELFMAG, SELFMAG) == 0;
}

File::File(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
  check_kind(bytes);
  elf_version(EV_CURRENT);
  header_ = header_of(bytes);
  check_type(header_.e_type);
  check_tables(header_, bytes.size());
  // libelf writes only where it is asked to update the file, which nobody does.
  auto *memory = reinterpret_cast<char *>(const_cast<std::uint8_t *>(bytes.data()));
  elf_.reset(elf_memory(memory, bytes.size()));
  if (elf_ == nullptr) fail_in_libelf("it");
  segments_.resize(header_.e_phnum);
  int index = 0;
  for (GElf_Phdr &segment : segments_) {
    if (gelf_getphdr(elf_.get(), index, &segment) == nullptr) {
      fail_in_libelf(fmt::format("segment {}", index));
    }
    ++index;
  }
}

// Copies: the file's own tables may lie at any address.
GElf_Shdr File::section(std::size_t index) const {
  GElf_Shdr header{};
  if (gelf_getshdr(elf_getscn(elf_.get(), index), &header) == nullptr) {
    fail_in_libelf(fmt::format("section {}", index));
  }
  return header;
}

std::string File::section_name(std::size_t index) const {
  const char *name = elf_strptr(elf_.get(), header_.e_shstrndx, section(index).sh_name);
  if (name == nullptr) return {};
  constexpr std::size_t longest = 40;
  std::string printable;
  for (; *name != '\0' && printable.size() < longest; ++name) {
    printable += *name > ' ' && *name <= '~' ? *name : '?';
  }
  return printable;
}

}  // namespace flashhost::elf
