// Files that carry their own addresses, through the whole program: what a linker writes is flashed
// as it is.
#include "board.hpp"

#include <format-elf/elf_maker.hpp>
#include <gmock/gmock.h>

#include <fstream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Formats : public Board {
 protected:
  // Code, and initial values of variables behind it; with the headers in the first segment, as some
  // linkers write it.
  static test::ElfMaker program(const Bytes &code, const Bytes &variables) {
    test::ElfMaker maker;
    const std::uint32_t offset = maker.add(code);
    const auto size = static_cast<std::uint32_t>(code.size());
    maker.segment(0, offset + size, flash_base - offset, flash_base - offset);
    maker.section(".text", offset, size, flash_base);
    maker.part(".data", variables, 0x20000000, flash_base + size);
    maker.section(".bss", offset, 512, 0x20000400).sh_type = SHT_NOBITS;
    return maker;
  }
  static std::string text_of(const Bytes &bytes) { return {bytes.begin(), bytes.end()}; }
};

TEST_F(Formats, AnElfFileIsFlashedAsTheLinkerWroteIt) {
  const Bytes code = firmware(5000, 1);
  const Bytes variables = firmware(300, 2);
  image_file("app.elf", text_of(program(code, variables).make()));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("5300 bytes written and verified"));
  Bytes expected(flash_size, 0xFF);
  std::copy(code.begin(), code.end(), expected.begin());
  std::copy(variables.begin(), variables.end(), expected.begin() + 5000);
  EXPECT_EQ(flash(), expected);
}

TEST_F(Formats, AnElfFileForTheComputerIsRefusedByName) {
  put(0, firmware(512));
  test::ElfMaker maker = program(firmware(512, 1), {1});
  maker.header.e_ident[EI_CLASS] = ELFCLASS64;
  maker.header.e_machine = EM_X86_64;
  image_file("app", text_of(maker.make()));
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("app: it is a 64-bit ELF file for x86-64, not a 32-bit one for Arm"),
                    HasSubstr("a program for a computer")));
}

TEST_F(Formats, AnElfFileIsNotFlashedAsARawBinary) {
  put(0, firmware(512));
  image_file("app.elf", text_of(program(firmware(512, 1), {1}).make()),
             "format = \"bin\"\naddress = 0x08000000\n");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("app.elf: it is an ELF file"), HasSubstr("raw = true")));
}

TEST_F(Formats, WhatWasReadIntoAUf2FileVerifies) {
  const Bytes before = firmware(3000, 3);
  put(0, before);
  const std::string dump = (directory.path() / "dump.uf2").string();
  const Outcome read = flashhost({"read", "--range", "0x08000000:3000", "-o", dump});
  EXPECT_EQ(read.exit_code, 0) << read.err;
  const Outcome verified = flashhost({"verify", dump});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
}

TEST_F(Formats, WhatCanOnlyBeReadIsNotWritten) {
  put(0, firmware(512));
  const Outcome outcome = flashhost({"read", "-o", (directory.path() / "dump.elf").string()});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the format elf can be read, but not written"));
}

// One block of a UF2 file for a family of chips (the numbers are those of the format's own list).
std::string uf2_block(std::uint32_t family, std::uint32_t address, const Bytes &payload) {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) block[at + i] = static_cast<char>(value >> (8 * i));
  };
  put(0, 0x0A324655);
  put(4, 0x9E5D5157);
  put(8, 0x2000);  // the family is given
  put(12, address);
  put(16, static_cast<std::uint32_t>(payload.size()));
  put(24, 1);
  put(28, family);
  std::copy(payload.begin(), payload.end(), block.begin() + 32);
  put(508, 0x0AB16F30);
  return block;
}

TEST_F(Formats, AUf2FileForOtherChipsIsRefusedBeforeAnythingIsWritten) {
  constexpr std::uint32_t stm32f1 = 0x5EE21072, stm32f4 = 0x57755A57;
  put(0, firmware(4096, 1));
  image_file("app.uf2", uf2_block(stm32f4, flash_base + 0x8000, firmware(256, 2)));
  const Outcome wrong = flashhost();
  expect_untouched(wrong, 4);
  EXPECT_THAT(wrong.err,
              HasSubstr("app.uf2: it says that it is for STM32F4, but the chip is STM32F103"));
  std::ofstream(directory.path() / "right.uf2", std::ios::binary)
      << uf2_block(stm32f1, flash_base + 0x8000, firmware(256, 2));
  const Outcome right = flashhost({(directory.path() / "right.uf2").string()});
  EXPECT_EQ(right.exit_code, 0) << right.err;
  EXPECT_EQ(flash()[0x8000], firmware(256, 2)[0]);
}

}  // namespace
}  // namespace flashhost::testing
