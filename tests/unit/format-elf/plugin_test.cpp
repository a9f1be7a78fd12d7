#include "elf_maker.hpp"
#include "format_plugin.hpp"
#include "thrown.hpp"

namespace flashhost {
namespace {

using bench::text_of;
using ElfPlugin = FormatPlugin;

TEST_F(ElfPlugin, recognises_every_elf_file_for_whatever_machine) {
  test::ElfMaker maker;
  EXPECT_EQ(format_->recognises("bin", maker.make()), 100);
  maker.header.e_ident[EI_CLASS] = ELFCLASS64;
  maker.header.e_machine = EM_X86_64;
  EXPECT_EQ(format_->recognises("", maker.make()), 100);
  EXPECT_EQ(format_->recognises("elf", {}), 50);
  EXPECT_EQ(format_->recognises("axf", bytes_of("abc")), 50);
  EXPECT_EQ(format_->recognises("bin", bytes_of("\x7F"
                                                "EL")),
            0);
}

TEST_F(ElfPlugin, refuses_an_address_because_the_file_carries_its_own) {
  test::ElfMaker maker;
  maker.part(".text", {1}, 0x08000000, 0x08000000);
  const Bytes file = maker.make();
  EXPECT_EQ(format_->parse(file, {}), (ParsedFile{{{0x08000000, {1}}}, {}}));
  EXPECT_EQ(text_of(Errc::config, [&] { return format_->parse(file, {0x08000000}); }),
            "an address is given, but ELF carries its own addresses");
}

TEST_F(ElfPlugin, writes_nothing) {
  EXPECT_EQ(format_->writer(), nullptr);
}

}  // namespace
}  // namespace flashhost
