#include "flm_maker.hpp"
#include "thrown.hpp"

#include <family-flm/elf_parts.hpp>
#include <family-flm/flm_file.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::flm {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using test::FlmMaker;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

FlmFile parse(const FlmMaker &maker) {
  return parse_flm(maker.make());
}
std::string error_of(const FlmMaker &maker) {
  return text_of(Errc::image, [&] { return parse(maker); });
}

// As armlink writes it: RW, and ZI at the address that the description has, too.
FlmMaker with_data() {
  FlmMaker maker;
  maker.data = {0xD0, 0xD1, 0xD2, 0xD3};
  maker.zeros = 8;
  maker.zeros_address = 0x44;
  maker.description_address = 0x44;
  maker.symbol("FlashDevice").value = 0x44;
  return maker;
}

TEST(Flm, code_and_functions) {
  const FlmFile flm = parse({});
  EXPECT_EQ(flm.image, Bytes(0x40, 0xC0));
  EXPECT_EQ(flm.link_address, 0U);
  EXPECT_EQ(flm.static_base, std::nullopt);
  EXPECT_EQ(flm.entries, (Entries{0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C}));
  EXPECT_THAT(flm.warnings, IsEmpty());
}

TEST(Flm, what_the_description_says) {
  FlmMaker maker;
  maker.description.name = "Name\x01";
  maker.description.erased = 0x00;
  const FlashDevice device = parse(maker).device;
  EXPECT_EQ(device.name, "Name?");
  EXPECT_EQ(device.version, 0x0101);
  EXPECT_EQ(device.type, 1);
  EXPECT_EQ(device.range, (MemoryRange{0x08000000, 0x10000}));
  EXPECT_EQ(device.page_size, 0x400U);
  EXPECT_EQ(device.erased_value, 0x00);
  EXPECT_EQ(device.program_limit, 200ms);
  EXPECT_EQ(device.erase_limit, 1000ms);
  EXPECT_THAT(device.sectors, ElementsAre(SectorRun{0, 0x400, 64}));
}

TEST(Flm, a_name_that_fills_its_field_ends_with_it) {
  FlmMaker maker;
  maker.description.name = std::string(128, 'n');
  maker.description.type = 0x4141;
  EXPECT_EQ(parse(maker).device.name, std::string(80, 'n') + "...");
}

TEST(Flm, no_time_limit_is_a_long_one_and_none_is_longer_than_ten_minutes) {
  FlmMaker maker;
  maker.description.program_ms = 0;
  maker.description.erase_ms = 0;
  EXPECT_EQ(parse(maker).device.program_limit, 5s);
  EXPECT_EQ(parse(maker).device.erase_limit, 10s);
  maker.description.erase_ms = 0xFFFFFFFF;
  EXPECT_EQ(parse(maker).device.erase_limit, 10min);
}

TEST(Flm, data_then_zeros_and_the_description_at_the_address_of_the_zeros) {
  const FlmFile flm = parse(with_data());
  Bytes image(0x40, 0xC0);
  image.insert(image.end(), {0xD0, 0xD1, 0xD2, 0xD3, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(flm.image, image);
  EXPECT_EQ(flm.static_base, 0x40U);
  EXPECT_EQ(flm.device.page_size, 0x400U);
}

TEST(Flm, only_data) {
  FlmMaker maker = with_data();
  maker.zeros = 0;
  EXPECT_EQ(parse(maker).image.size(), 0x44U);
  EXPECT_EQ(parse(maker).static_base, 0x40U);
}

TEST(Flm, only_zeros) {
  FlmMaker maker = with_data();
  maker.data.clear();
  EXPECT_EQ(parse(maker).image.size(), 0x4CU);
  EXPECT_EQ(parse(maker).image[0x40], 0);
  EXPECT_EQ(parse(maker).static_base, 0x44U);
}

TEST(Flm, a_gap_before_the_data_stays) {
  FlmMaker maker = with_data();
  maker.data_address = 0x50;
  maker.zeros_address = 0x54;
  const FlmFile flm = parse(maker);
  EXPECT_EQ(flm.image.size(), 0x5CU);
  EXPECT_EQ(flm.image[0x4F], 0);
  EXPECT_EQ(flm.image[0x50], 0xD0);
  EXPECT_EQ(flm.static_base, 0x50U);
}

TEST(Flm, code_that_is_not_linked_to_address_0) {
  FlmMaker maker = with_data();
  const FlmFile at_0 = parse(maker);
  maker.move(0x20000100);
  FlmFile moved = parse(maker);
  EXPECT_EQ(moved.link_address, 0x20000100U);
  moved.link_address = 0;
  EXPECT_EQ(moved, at_0);
}

TEST(Flm, code_in_two_sections) {
  FlmMaker maker = with_data();
  maker.remove("EraseChip");
  maker.names.push_back({"EraseChip", 0x61, FlmMaker::first_free_index});
  maker.change = [](test::ElfMaker &elf) {
    elf.section("PrgCode", elf.add(Bytes(0x10, 0xC1)), 0x10, 0x60).sh_flags |= SHF_EXECINSTR;
  };
  const FlmFile flm = parse(maker);
  EXPECT_EQ(flm.entries.erase_chip, 0x60U);
  EXPECT_EQ(flm.image.size(), 0x70U);
  EXPECT_EQ(flm.image[0x60], 0xC1);
}

TEST(Flm, optional_functions_may_be_missing) {
  FlmMaker maker;
  for (const char *name : {"EraseChip", "BlankCheck", "Verify"}) maker.remove(name);
  EXPECT_EQ(parse(maker).entries, (Entries{0x04, 0x08, 0x0C, 0x10, {}, {}, {}}));
}

TEST(Flm, each_other_function_is_needed) {
  for (const char *name : {"Init", "UnInit", "EraseSector", "ProgramPage"}) {
    FlmMaker maker;
    maker.remove(name);
    EXPECT_EQ(error_of(maker), std::string("it has no function ") + name + " in PrgCode");
  }
}

TEST(Flm, a_function_of_another_section_or_a_variable_is_no_function) {
  FlmMaker maker;
  maker.symbol("Init").section = FlmMaker::data_index;
  EXPECT_EQ(error_of(maker), "it has no function Init in PrgCode");
  maker.symbol("Init").section = FlmMaker::code_index;
  maker.symbol("Init").type = STT_OBJECT;
  EXPECT_EQ(error_of(maker), "it has no function Init in PrgCode");
}

TEST(Flm, a_global_function_counts_before_local_ones) {
  FlmMaker maker;
  maker.names.insert(maker.names.begin(),
                     {"Init", 0x21, FlmMaker::code_index, STT_FUNC, STB_LOCAL});
  maker.names.insert(maker.names.begin(),
                     {"Init", 0x25, FlmMaker::code_index, STT_FUNC, STB_LOCAL});
  EXPECT_EQ(parse(maker).entries.init, 0x04U);
}

TEST(Flm, a_single_local_function_is_taken_and_several_are_not) {
  FlmMaker maker;
  maker.symbol("Init").binding = STB_LOCAL;
  EXPECT_EQ(parse(maker).entries.init, 0x04U);
  maker.names.push_back({"Init", 0x21, FlmMaker::code_index, STT_FUNC, STB_LOCAL});
  EXPECT_EQ(error_of(maker), "it has several functions Init, none of them global");
}

TEST(Flm, two_global_functions_of_a_name) {
  FlmMaker maker;
  maker.names.push_back({"Verify", 0x21, FlmMaker::code_index});
  EXPECT_EQ(error_of(maker), "it has two functions Verify, at 0x0000001d and 0x00000021");
}

TEST(Flm, a_function_without_the_thumb_bit) {
  FlmMaker maker;
  maker.symbol("EraseChip").value = 0x14;
  EXPECT_EQ(error_of(maker),
            "its function EraseChip at 0x00000014 is no Thumb code (the lowest bit of its address "
            "is 0)");
}

TEST(Flm, a_function_outside_of_the_code) {
  FlmMaker maker;
  maker.symbol("Init").value = 0x41;
  EXPECT_EQ(error_of(maker),
            "its function Init at 0x00000040 is outside of PrgCode, 0x00000000..0x0000003f");
  maker.symbol("Init").value = 0x3F;  // the last instruction
  EXPECT_EQ(parse(maker).entries.init, 0x3EU);
  maker.move(0x100);
  maker.symbol("Init").value = 0xFF;
  EXPECT_THAT(error_of(maker), HasSubstr("is outside of PrgCode"));
}

TEST(Flm, the_description_is_found_by_its_symbol) {
  FlmMaker maker;
  maker.description_address = 0x1000;  // not what the symbol says: it is before its section
  EXPECT_EQ(error_of(maker), "its symbol FlashDevice, 0x00000040, is in no section");
  maker.symbol("FlashDevice").value = 0x1000;
  EXPECT_EQ(parse(maker).device.range.size, 0x10000U);
}

TEST(Flm, without_a_symbol_the_description_is_the_section) {
  FlmMaker maker;
  maker.remove("FlashDevice");
  maker.description_address = 0x1000;
  EXPECT_EQ(parse(maker).device.range.size, 0x10000U);
  maker.change = [](test::ElfMaker &elf) { elf.sections[3].first = "Other"; };
  EXPECT_EQ(error_of(maker), "it has no FlashDevice, neither a symbol nor a section DevDscr");
  maker.change = [](test::ElfMaker &elf) { elf.sections.push_back(elf.sections[3]); };
  EXPECT_EQ(error_of(maker),
            "it has several sections DevDscr, and no symbol FlashDevice says which counts");
}

TEST(Flm, a_description_that_is_cut_off) {
  FlmMaker maker;
  maker.change = [](test::ElfMaker &elf) { elf.sections[3].second.sh_size = 159; };
  EXPECT_EQ(error_of(maker),
            "its description of the flash (FlashDevice): it takes 160 bytes at least, but its "
            "section has 159 bytes from there on");
  maker.symbol("FlashDevice").value = 0x10000;
  EXPECT_THAT(error_of(maker), HasSubstr("has 0 bytes from there on"));
}

TEST(Flm, a_description_that_is_no_flash) {
  constexpr const char *prefix = "its description of the flash (FlashDevice): ";
  FlmMaker maker;
  maker.description.size = 0;
  EXPECT_EQ(error_of(maker), std::string(prefix) + "the device has 0 bytes");
  maker.description.size = 0xF8000001;
  EXPECT_EQ(
      error_of(maker),
      std::string(prefix) + "4160749569 bytes at 0x08000000 reach beyond the 32-bit address space");
}

TEST(Flm, page_sizes) {
  FlmMaker maker;
  for (const std::uint32_t bad : {0U, 65537U, 0x80000000U}) {
    maker.description.page = bad;
    EXPECT_THAT(error_of(maker), HasSubstr("1 to 65536 are possible")) << bad;
  }
  maker.description.page = 24;
  EXPECT_THAT(error_of(maker), HasSubstr("pages of 24 bytes, which is no power of two"));
  maker.description.page = 65536;
  EXPECT_EQ(parse(maker).device.page_size, 65536U);
}

TEST(Flm, option_bytes_may_be_one_page_of_any_size) {
  FlmMaker maker;
  maker.description.page = 12;
  maker.description.size = 12;
  maker.description.sectors = {{12, 0}};
  EXPECT_EQ(parse(maker).device.page_size, 12U);
  EXPECT_THAT(parse(maker).warnings, IsEmpty());
}

TEST(Flm, a_device_that_is_no_whole_pages) {
  FlmMaker maker;
  maker.description.size = 0x10100;
  maker.description.sectors = {{0x100, 0}};
  EXPECT_THAT(parse(maker).warnings,
              ElementsAre("The device has 65792 bytes, which are no whole pages of 1 KiB: its end "
                          "cannot be programmed."));
}

TEST(Flm, code_or_data_that_overlap) {
  FlmMaker maker = with_data();
  maker.data_address = 0x3F;
  EXPECT_EQ(error_of(maker), "its sections 1 and 2 overlap at 0x0000003f");
  maker = with_data();
  maker.zeros_address = 0x43;
  EXPECT_EQ(error_of(maker), "its sections 2 and 3 overlap at 0x00000043");
}

TEST(Flm, code_at_an_odd_address) {
  FlmMaker maker = with_data();
  maker.move(0x101);
  EXPECT_EQ(error_of(maker), "its code begins at an odd address, 0x00000101");
}

TEST(Flm, data_before_the_code) {
  FlmMaker maker = with_data();
  maker.move(0x100);
  maker.data_address = 0;
  EXPECT_EQ(error_of(maker), "its data, at 0x00000000, is before its code");
}

TEST(Flm, an_image_of_more_than_a_mebibyte) {
  FlmMaker maker = with_data();
  maker.zeros = FlmFile::max_image_size - 0x44;
  EXPECT_EQ(parse(maker).image.size(), FlmFile::max_image_size);
  ++maker.zeros;
  EXPECT_EQ(error_of(maker), "code and data span 1048577 bytes; more than 1 MiB are refused");
  maker.zeros = 0xFFFFFFFF - 0x44;
  EXPECT_THAT(error_of(maker), HasSubstr("more than 1 MiB are refused"));
  maker.zeros_address = 0xFFFFFFFF;
  EXPECT_THAT(error_of(maker), HasSubstr("reach beyond the 32-bit address space"));
}

TEST(Flm, no_code) {
  FlmMaker maker;
  maker.code_name = ".text";
  EXPECT_EQ(text_and_hint_of(Errc::image, [&] { return parse(maker); }),
            "it has no section PrgCode | Is this a CMSIS flash algorithm (.FLM)? Check the path, "
            "or take it out of the vendor's pack.");
}

TEST(Flm, an_algorithm_for_j_link) {
  FlmMaker maker;
  maker.remove("ProgramPage");
  maker.names.push_back({"SEGGER_FL_Program", 0x21, FlmMaker::code_index});
  EXPECT_EQ(text_and_hint_of(Errc::image, [&] { return parse(maker); }),
            "it has no function ProgramPage in PrgCode: it is an algorithm for SEGGER's J-Link "
            "(OFL), which has other functions | Use the CMSIS flash algorithm (.FLM) of the "
            "vendor's pack.");
}

TEST(Flm, an_algorithm_for_j_link_that_has_all_functions_is_one) {
  FlmMaker maker;
  maker.names.push_back({"SEGGER_FL_Program", 0x21, FlmMaker::code_index});
  EXPECT_EQ(parse(maker), parse({}));
}

TEST(Flm, sections_beyond_the_file) {
  FlmMaker maker;
  maker.change = [](test::ElfMaker &elf) { elf.sections[0].second.sh_size = 0x10000; };
  EXPECT_THAT(error_of(maker), HasSubstr("section 1 (PrgCode): its content ends at offset 65792, "
                                         "but the file has"));
}

TEST(Flm, symbols_without_names) {
  FlmMaker maker;
  maker.change = [](test::ElfMaker &elf) { elf.sections[5].second.sh_link = 77; };
  EXPECT_EQ(error_of(maker), "its symbols have no names: section 77 is not there");
}

TEST(Flm, no_symbols) {
  FlmMaker maker;
  maker.change = [](test::ElfMaker &elf) { elf.sections[5].second.sh_type = SHT_PROGBITS; };
  EXPECT_EQ(error_of(maker), "it has no function Init in PrgCode");
}

TEST(Flm, a_file_that_is_no_algorithm) {
  constexpr const char *hint =
      " | A flash algorithm is a file as a linker writes it (.FLM): check the path, or take it out "
      "of the vendor's pack again.";
  const auto text = [](const Bytes &bytes) {
    return text_and_hint_of(Errc::image, [&] { return parse_flm(bytes); });
  };
  EXPECT_EQ(text({1, 2, 3}),
            std::string("it does not begin as an ELF file does (7f 45 4c 46)") + hint);
  EXPECT_EQ(text(Bytes(ElfParts::max_file_size + 1)),
            std::string("it has 16777217 bytes; flash algorithms of more than 16 MiB are refused") +
                hint);
  FlmMaker maker;
  maker.change = [](test::ElfMaker &elf) { elf.with_sections = false; };
  EXPECT_EQ(error_of(maker), "it has no sections, so nothing says which part is which");
  maker.change = [](test::ElfMaker &elf) {
    for (int i = 0; i < 4096; ++i) elf.section(".debug", 0, 0, 0);
  };
  EXPECT_EQ(error_of(maker), "it has 4104 sections; more than 4096 are refused");
}

TEST(Flm, cut_off_at_any_place_it_is_refused) {
  const Bytes file = with_data().make();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(static_cast<void>(parse_flm(part)), Error) << size;
  }
}

}  // namespace
}  // namespace flashhost::flm
