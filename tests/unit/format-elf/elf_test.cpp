#include "elf.hpp"

#include "elf_maker.hpp"
#include "thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <functional>

namespace flashhost {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using test::ElfMaker;
using Segments = std::vector<Segment>;

Segments segments_of(const ElfMaker &maker) {
  return elf::parse(maker.make()).segments;
}

std::string error_of(const Bytes &file) {
  return text_of(Errc::image, [&] { return elf::parse(file); });
}
std::string error_of(const ElfMaker &maker) {
  return error_of(maker.make());
}

// Code at its address, and the initial values of variables, which lie behind it in the flash.
ElfMaker program() {
  ElfMaker maker;
  maker.part(".text", {1, 2, 3, 4}, 0x08000000, 0x08000000);
  maker.part(".data", {5, 6}, 0x20000000, 0x08000004);
  return maker;
}

TEST(Elf, sections_go_to_the_physical_address_at_which_their_segment_loads_them) {
  EXPECT_EQ(segments_of(program()), (Segments{{0x08000000, {1, 2, 3, 4, 5, 6}}}));
}

TEST(Elf, gaps_stay_gaps) {
  ElfMaker maker = program();
  maker.part(".rodata", {7}, 0x08000100, 0x08000100);
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 3, 4, 5, 6}}, {0x08000100, {7}}}));
}

TEST(Elf, the_entry_point_is_kept_with_its_lowest_bit) {
  ElfMaker maker = program();
  EXPECT_EQ(elf::parse(maker.make()).entry_point, std::nullopt);
  maker.header.e_entry = 0x08000131;
  EXPECT_EQ(elf::parse(maker.make()).entry_point, 0x08000131U);
}

TEST(Elf, sections_without_content_or_not_allocated_are_not_written) {
  ElfMaker maker = program();
  Elf32_Shdr &bss = maker.section(".bss", 0x100, 0x1000, 0x20000002);
  bss.sh_type = SHT_NOBITS;
  maker.segments[1].p_memsz = 0x1002;
  maker.section(".comment", 0x100, 4, 0).sh_flags = 0;
  maker.section(".empty", 0x100, 0, 0x08000200);
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 3, 4, 5, 6}}}));
}

TEST(Elf, the_headers_that_a_linker_put_into_the_first_segment_are_not_written) {
  ElfMaker maker;
  const std::uint32_t offset = maker.add({1, 2, 3, 4});
  maker.segment(0, offset + 4, 0x07FFFF00, 0x07FFFF00);
  maker.section(".text", offset, 4, 0x08000000);
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 3, 4}}}));
}

TEST(Elf, without_section_headers_segments_are_written_whole) {
  ElfMaker maker = program();
  maker.with_sections = false;
  maker.segments[1].p_memsz = 0x1000;
  maker.segment(0, 0, 0x20001000, 0x20001000).p_memsz = 64;
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 3, 4, 5, 6}}}));
}

TEST(Elf, where_all_physical_addresses_are_zero_the_virtual_ones_count) {
  ElfMaker maker;
  maker.part(".text", {1, 2}, 0x08000000, 0);
  maker.part(".rodata", {3}, 0x08000100, 0);
  const Segments expected{{0x08000000, {1, 2}}, {0x08000100, {3}}};
  EXPECT_EQ(segments_of(maker), expected);
  maker.with_sections = false;
  EXPECT_EQ(segments_of(maker), expected);
}

TEST(Elf, a_single_segment_may_be_loaded_to_address_zero) {
  ElfMaker maker;
  maker.part(".text", {1, 2}, 0x08000000, 0);
  EXPECT_EQ(segments_of(maker), (Segments{{0, {1, 2}}}));
}

TEST(Elf, a_section_that_no_segment_loads_keeps_its_address) {
  ElfMaker maker = program();
  const std::uint32_t offset = maker.add({9, 9});
  maker.section(".crc", offset, 2, 0x08001000);
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 3, 4, 5, 6}}, {0x08001000, {9, 9}}}));
}

TEST(Elf, initial_values_of_thread_local_variables_go_where_their_own_segment_says) {
  ElfMaker maker = program();
  const std::uint32_t offset = maker.add({7, 8});
  maker.segment(offset, 2, 0x20000010, 0x08000006).p_type = PT_TLS;
  maker.section(".tdata", offset, 2, 0x20000010).sh_flags = SHF_ALLOC | SHF_TLS;
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 3, 4, 5, 6, 7, 8}}}));
}

TEST(Elf, a_program_without_content_is_an_image_of_nothing) {
  ElfMaker maker;
  maker.segment(0, 0, 0x20000000, 0x20000000).p_memsz = 16;
  EXPECT_EQ(elf::parse(maker.make()), ParsedFile{});
}

TEST(Elf, data_may_end_with_the_address_space) {
  ElfMaker maker;
  maker.part(".text", {1, 2}, 0xFFFFFFFE, 0xFFFFFFFE);
  EXPECT_EQ(segments_of(maker), (Segments{{0xFFFFFFFE, {1, 2}}}));
  maker.segments[0].p_paddr = 0xFFFFFFFF;
  EXPECT_EQ(error_of(maker),
            "section 1 (.text): 2 bytes at 0xffffffff reach beyond the 32-bit address space");
}

TEST(Elf, sections_that_overlap_must_agree) {
  ElfMaker maker = program();
  maker.segments[1].p_paddr = 0x08000002;
  EXPECT_EQ(text_and_hint_of(Errc::image, [&] { return elf::parse(maker.make()); }),
            "sections 1 (.text) and 2 (.data) overlap at 0x08000002 and differ there: 0x03 and "
            "0x05 | Two parts of the firmware are loaded to one address: check the load addresses "
            "in the linker script (AT).");
  maker.content = {1, 2, 5, 6, 5, 6};
  EXPECT_EQ(segments_of(maker), (Segments{{0x08000000, {1, 2, 5, 6}}}));
}

TEST(Elf, segments_that_overlap_must_agree_too) {
  ElfMaker maker = program();
  maker.with_sections = false;
  maker.segments[1].p_paddr = 0x08000003;
  EXPECT_EQ(error_of(maker),
            "segments 0 and 1 overlap at 0x08000003 and differ there: 0x04 and 0x05");
}

struct Refusal {
  std::string text;
  std::function<void(ElfMaker &)> change;
};

void expect_refusals(const std::vector<Refusal> &refusals) {
  for (const Refusal &refusal : refusals) {
    ElfMaker maker = program();
    refusal.change(maker);
    EXPECT_EQ(error_of(maker), refusal.text);
  }
}

TEST(Elf, what_is_no_linked_program_for_arm_is_named) {
  expect_refusals({
      {"it is a 32-bit ELF file for RISC-V, not a 32-bit one for Arm",
       [](ElfMaker &maker) { maker.header.e_machine = EM_RISCV; }},
      {"it is a 32-bit ELF file for machine 4660, not a 32-bit one for Arm",
       [](ElfMaker &maker) { maker.header.e_machine = 0x1234; }},
      {"it is a 64-bit ELF file for x86-64, not a 32-bit one for Arm",
       [](ElfMaker &maker) {
         maker.header.e_ident[EI_CLASS] = ELFCLASS64;
         maker.header.e_machine = EM_X86_64;
       }},
      {"it is a 64-bit ELF file for 64-bit Arm, not a 32-bit one for Arm",
       [](ElfMaker &maker) {
         maker.header.e_ident[EI_CLASS] = ELFCLASS64;
         maker.header.e_machine = EM_AARCH64;
       }},
      {"it is a 32-bit ELF file for PowerPC, not a 32-bit one for Arm",
       [](ElfMaker &maker) {
         maker.header.e_ident[EI_DATA] = ELFDATA2MSB;
         maker.header.e_machine = EM_PPC << 8;
       }},
      {"it is a big-endian ELF file, not a little-endian one",
       [](ElfMaker &maker) {
         maker.header.e_ident[EI_DATA] = ELFDATA2MSB;
         maker.header.e_machine = EM_ARM << 8;
       }},
      {"it is an object file, which is not linked yet",
       [](ElfMaker &maker) { maker.header.e_type = ET_REL; }},
      {"it is a shared object or position-independent program, which has no fixed addresses",
       [](ElfMaker &maker) { maker.header.e_type = ET_DYN; }},
      {"it is a core file, what a program left behind when it crashed",
       [](ElfMaker &maker) { maker.header.e_type = ET_CORE; }},
      {"the ELF header has type 9; a linked program has 2",
       [](ElfMaker &maker) { maker.header.e_type = 9; }},
      {"the ELF header has class 3", [](ElfMaker &maker) { maker.header.e_ident[EI_CLASS] = 3; }},
      {"the ELF header has byte order 0",
       [](ElfMaker &maker) { maker.header.e_ident[EI_DATA] = 0; }},
      {"the ELF header has version 2",
       [](ElfMaker &maker) { maker.header.e_ident[EI_VERSION] = 2; }},
      {"it does not begin as an ELF file does (7f 45 4c 46)",
       [](ElfMaker &maker) { maker.header.e_ident[0] = ':'; }},
      {"it has no program headers, so nothing says where its parts are loaded",
       [](ElfMaker &maker) { maker.segments.clear(); }},
  });
}

TEST(Elf, hints_say_what_to_do) {
  ElfMaker maker = program();
  maker.header.e_type = ET_REL;
  EXPECT_EQ(bench::error_of([&] { return elf::parse(maker.make()); }).hint(),
            "Its code has no addresses: link it, and give flashhost what the linker wrote.");
  maker.header.e_machine = EM_386;
  EXPECT_THAT(bench::error_of([&] { return elf::parse(maker.make()); }).hint(),
              testing::StartsWith("Most likely this is a program for a computer"));
}

TEST(Elf, tables_that_do_not_fit_are_named) {
  expect_refusals({
      {"its program headers end at offset 1064, but the file has 448 bytes",
       [](ElfMaker &maker) { maker.header.e_phoff = 1000; }},
      {"its program headers end at offset 4294967359, but the file has 448 bytes",
       [](ElfMaker &maker) { maker.header.e_phoff = 0xFFFFFFFF; }},
      {"its program headers take 56 bytes each, not 32",
       [](ElfMaker &maker) { maker.header.e_phentsize = 56; }},
      {"its section headers end at offset 464, but the file has 448 bytes",
       [](ElfMaker &maker) { maker.header.e_shoff = 304; }},
      {"its section headers take 0 bytes each, not 40",
       [](ElfMaker &maker) { maker.header.e_shentsize = 0; }},
      {"it has 1025 program headers; more than 1024 are refused",
       [](ElfMaker &maker) { maker.header.e_phnum = 1025; }},
      {"it has 65535 program headers; more than 1024 are refused",
       [](ElfMaker &maker) { maker.header.e_phnum = PN_XNUM; }},
  });
  ElfMaker maker = program();
  maker.with_sections = false;
  maker.header.e_shoff = 0x100;
  EXPECT_EQ(error_of(maker), "the ELF header does not say how many sections there are");
}

TEST(Elf, content_that_does_not_fit_is_named) {
  expect_refusals({
      {"section 2 (.data): its content ends at offset 4294967487, but the file has 448 bytes",
       [](ElfMaker &maker) {
         maker.sections[1].second.sh_offset = 0x100;
         maker.sections[1].second.sh_size = 0xFFFFFFFF - 0x40;
       }},
      {"section 1 (.text): its content ends at offset 8589934590, but the file has 448 bytes",
       [](ElfMaker &maker) {
         maker.sections[0].second.sh_offset = 0xFFFFFFFF;
         maker.sections[0].second.sh_size = 0xFFFFFFFF;
       }},
      {"segment 1: its content ends at offset 70000, but the file has 262 bytes",
       [](ElfMaker &maker) {
         maker.with_sections = false;
         maker.segments[1].p_filesz = 70000 - maker.segments[1].p_offset;
       }},
  });
}

TEST(Elf, content_that_many_sections_name_does_not_multiply) {
  ElfMaker maker = program();
  for (std::uint32_t i = 0; i < 100; ++i) {
    maker.section(".again", 0x100, 6, 0x08000100 + 16 * i);
  }
  EXPECT_EQ(segments_of(maker).size(), 101U);
  for (std::uint32_t i = 0; i < 100; ++i) {
    maker.section(".again", 0x100, 0x100, 0x08010000 + 256 * i);
  }
  EXPECT_THAT(error_of(maker), testing::StartsWith("its sections share content: they name "));
}

TEST(Elf, names_of_sections_are_cleaned_and_may_be_missing) {
  ElfMaker maker = program();
  maker.segments[1].p_paddr = 0x08000002;
  maker.sections[0].first = "a\x1b[2J\xC3" + std::string(100, 'x');
  EXPECT_THAT(error_of(maker),
              testing::StartsWith("sections 1 (a?[2J?" + std::string(34, 'x') + ") and 2 (.data)"));
  maker.header.e_shstrndx = 77;
  EXPECT_THAT(error_of(maker), testing::StartsWith("sections 1 and 2 overlap"));
}

TEST(Elf, every_truncation_is_noticed) {
  const Bytes file = program().make();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(error_of(part), "no error") << size;
  }
  EXPECT_EQ(error_of(Bytes(file.begin(), file.begin() + 10)),
            "the file ends after 10 bytes, inside the ELF header");
  EXPECT_EQ(error_of(Bytes(file.begin(), file.begin() + 40)),
            "the file ends after 40 bytes, inside the ELF header");
  EXPECT_EQ(error_of(Bytes(file.begin(), file.begin() + 300)),
            "its section headers end at offset 448, but the file has 300 bytes");
}

// libelf takes a pointer to memory that it may change.
TEST(Elf, the_file_is_not_written_to) {
  const Bytes file = program().make();
  void *page =
      mmap(nullptr, file.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  std::copy(file.begin(), file.end(), static_cast<std::uint8_t *>(page));
  ASSERT_EQ(mprotect(page, file.size(), PROT_READ), 0);
  EXPECT_EQ(elf::parse({static_cast<const std::uint8_t *>(page), file.size()}), elf::parse(file));
  munmap(page, file.size());
}

}  // namespace
}  // namespace flashhost
