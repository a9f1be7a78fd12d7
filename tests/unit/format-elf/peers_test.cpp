// Programs through our ELF parser, and through GNU objcopy, whose Intel HEX our parser of that
// reads: both must give the same bytes. The programs come from the cross compiler with odd linker
// scripts, from random linker scripts, and from no linker at all.
#include "elf.hpp"
#include "elf_maker.hpp"
#include "ihex.hpp"
#include "random.hpp"
#include "temporary_folder.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {
namespace {

namespace fs = std::filesystem;
using test::Random;

// Empty: refused.
using Outcome = std::optional<ParsedFile>;

class ElfPeers : public testing::Test {
 protected:
  void write(const std::string &name, const std::string &text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] Bytes read(const std::string &name) const {
    std::ifstream stream(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] int run(const std::string &command) const {
    return std::system(fmt::format("cd '{}' && {} >log 2>&1", folder_.string(), command).c_str());
  }
  void must_run(const std::string &command) const {
    ASSERT_EQ(run(command), 0) << command << "\n" << text("log");
  }

  [[nodiscard]] static Outcome ours(const Bytes &file) {
    try {
      return elf::parse(file);
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::image) << error.what();
      return std::nullopt;
    }
  }
  [[nodiscard]] Outcome theirs(const std::string &name) const {
    fs::remove(folder_ / "out.hex");
    if (run(OBJCOPY " -O ihex " + name + " out.hex") != 0) return std::nullopt;
    try {
      return ihex::parse(read("out.hex"));
    } catch (const Error &error) {
      return std::nullopt;  // sections that overlap and differ
    }
  }
  [[nodiscard]] std::string text(const std::string &name) const {
    const Bytes bytes = read(name);
    return {bytes.begin(), bytes.end()};
  }

  // Whether they agree; prints where they do not.
  [[nodiscard]] testing::AssertionResult agree(const std::string &name) const {
    const Outcome us = ours(read(name));
    const Outcome them = theirs(name);
    if (us == them) return testing::AssertionSuccess();
    const auto show = [](const Outcome &outcome) {
      if (!outcome) return std::string("refused");
      std::string shown;
      for (const Segment &segment : outcome->segments) {
        shown += fmt::format("{:#x}+{:#x} ", segment.address, segment.data.size());
      }
      return shown + fmt::format("entry {:#x}", outcome->entry_point.value_or(0));
    };
    return testing::AssertionFailure() << "we: " << show(us) << "; objcopy: " << show(them);
  }

 private:
  const bench::QuickFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

constexpr const char *source = R"(
__attribute__((section(".vectors"), used)) const unsigned vectors[4] = {0x20001000, 0x08000011, 3, 4};
__attribute__((section(".noinit"))) unsigned kept[16];
__attribute__((section(".fast"))) int fast(int x) { return x * 3; }
const char text[] = "a constant text";
unsigned variables[5] = {1, 2, 3, 4, 5};
unsigned zeros[100];
_Thread_local int each = 7;
__attribute__((constructor, used)) static void begin(void) { zeros[1] = 2; }
__attribute__((used)) int main(void) { return fast((int)variables[1]) + (int)zeros[2] + text[1] + (int)kept[3]; }
)";

constexpr const char *usual_sections = R"(
  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) } > flash
  .init_array : { KEEP(*(.init_array*)) } > flash
  .ARM.exidx : { *(.ARM.exidx*) } > flash
  .data : { *(.data*) *(.fast) } > ram AT> flash
  .tdata : { *(.tdata*) } > ram AT> flash
  .bss (NOLOAD) : { *(.bss*) *(COMMON) } > ram
  .noinit (NOLOAD) : { *(.noinit) } > ram
)";

struct Script {
  const char *name;
  std::string text;
};

std::vector<Script> scripts() {
  const std::string memory =
      "MEMORY { flash (rx) : ORIGIN = 0x08000000, LENGTH = 64K\n"
      "         ram (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }\n";
  const std::string sections = fmt::format("SECTIONS {{ {} }}\n", usual_sections);
  return {
      {"usual", "ENTRY(main)\n" + memory + sections},
      {"no-entry", memory + sections},
      {"headers-in-the-first-segment",
       "PHDRS { code PT_LOAD FILEHDR PHDRS; data PT_LOAD; tls PT_TLS; }\n"
       "SECTIONS { . = 0x08000000 + SIZEOF_HEADERS;\n"
       "  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) *(.init_array*) } :code\n"
       "  .data 0x20000000 : AT(0x08001000) { *(.data*) *(.fast) } :data\n"
       "  .tdata : { *(.tdata*) } :data :tls\n"
       "  .bss (NOLOAD) : { *(.bss*) *(COMMON) *(.noinit) } :data }\n"},
      {"one-segment-for-everything",
       "PHDRS { all PT_LOAD; }\n"
       "SECTIONS { . = 0x08000000;\n"
       "  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) } :all\n"
       "  . = ALIGN(0x400);\n"
       "  .data : { *(.data*) *(.fast) *(.tdata*) *(.init_array*) } :all\n"
       "  . = ALIGN(0x1000);\n"
       "  .late : { LONG(0x12345678) } :all\n"
       "  .bss : { *(.bss*) *(COMMON) *(.noinit) } :all }\n"},
      {"bss-before-data", memory +
                              "SECTIONS { .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) "
                              "*(.init_array*) } > flash\n"
                              "  .bss : { *(.bss*) *(COMMON) *(.noinit) } > ram\n"
                              "  .data : { *(.data*) *(.fast) *(.tdata*) } > ram AT> flash }\n"},
      {"gaps-and-a-filled-section",
       memory + "SECTIONS { .vectors : { KEEP(*(.vectors)) } > flash\n"
                "  .text 0x08000200 : { *(.text*) . = ALIGN(64); *(.rodata*) } > flash =0xA5A5\n"
                "  .init_array 0x08002000 : { *(.init_array*) } > flash\n"
                "  .data : { *(.data*) *(.fast) *(.tdata*) } > ram AT> flash\n"
                "  .crc 0x0800FFFC : { LONG(0xCAFEBABE) } > flash\n"
                "  .bss (NOLOAD) : { *(.bss*) *(COMMON) *(.noinit) } > ram }\n"},
      {"two-flashes",
       "MEMORY { flash : ORIGIN = 0x08000000, LENGTH = 1K\n"
       " other : ORIGIN = 0x90000000, LENGTH = 64K\n ram : ORIGIN = 0x20000000, LENGTH = 16K\n"
       " fast : ORIGIN = 0x10000000, LENGTH = 4K }\n"
       "SECTIONS { .vectors : { KEEP(*(.vectors)) } > flash\n"
       "  .fast : { *(.fast) } > fast AT> flash\n"
       "  .text : { *(.text*) *(.rodata*) *(.init_array*) } > other\n"
       "  .data : { *(.data*) *(.tdata*) } > ram AT> other\n"
       "  .bss (NOLOAD) : { *(.bss*) *(COMMON) *(.noinit) } > ram }\n"},
      {"no-script", ""},
  };
}

TEST_F(ElfPeers, what_the_cross_linker_makes_is_read_as_objcopy_reads_it) {
  write("program.c", source);
  must_run(CROSS "gcc -mcpu=cortex-m3 -mthumb -O1 -g -ffreestanding -c program.c");
  const std::vector<std::string> options{"",
                                         "-z max-page-size=4096",
                                         "-z max-page-size=16 -z common-page-size=16",
                                         "-n",
                                         "-N",
                                         "-s",
                                         "-S",
                                         "-z separate-code",
                                         "-z noseparate-code -z max-page-size=65536",
                                         "--gc-sections --entry main"};
  unsigned compared = 0;
  for (const Script &script : scripts()) {
    write("script.ld", script.text);
    for (const std::string &option : options) {
      SCOPED_TRACE(fmt::format("{} {}", script.name, option));
      const std::string by = script.text.empty() ? "-Ttext=0x08000000" : "-T script.ld";
      must_run(fmt::format(CROSS "ld {} {} program.o -o program.elf", by, option));
      ASSERT_TRUE(agree("program.elf"));
      ASSERT_TRUE(ours(read("program.elf")).has_value());
      must_run(CROSS "strip program.elf -o stripped.elf");
      ASSERT_TRUE(agree("stripped.elf"));
      write("crc", "0123");
      must_run(CROSS
               "objcopy --add-section .crc2=crc --set-section-flags .crc2=alloc,load,readonly "
               "--change-section-address .crc2=0x0800F000 program.elf added.elf");
      ASSERT_TRUE(agree("added.elf"));
      must_run(CROSS "objcopy --only-keep-debug program.elf debug.elf");
      ASSERT_TRUE(agree("debug.elf"));
      compared += 4;
    }
  }
  RecordProperty("compared", static_cast<int>(compared));
}

// Without section headers objcopy sees nothing. Then there may be padding beside what it takes of
// the whole file.
TEST_F(ElfPeers, without_section_headers_nothing_is_lost) {
  write("program.c", source);
  must_run(CROSS "gcc -mcpu=cortex-m3 -mthumb -O1 -ffreestanding -c program.c");
  for (const Script &script : scripts()) {
    if (script.text.empty()) continue;
    SCOPED_TRACE(script.name);
    write("script.ld", script.text);
    must_run(CROSS "ld -T script.ld -z max-page-size=256 program.o -o program.elf");
    Bytes file = read("program.elf");
    const ParsedFile whole = elf::parse(file);
    const auto clear = [&](std::size_t offset, std::size_t size) {
      std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(offset), size, std::uint8_t{0});
    };
    clear(offsetof(Elf32_Ehdr, e_shoff), 4);
    clear(offsetof(Elf32_Ehdr, e_shnum), 4);  // and e_shstrndx
    const ParsedFile without = elf::parse(file);
    for (const Segment &segment : whole.segments) {
      bool found = false;
      for (const Segment &other : without.segments) {
        if (other.address > segment.address || other.end() < segment.end()) continue;
        found = std::equal(
            segment.data.begin(), segment.data.end(),
            other.data.begin() + static_cast<std::ptrdiff_t>(segment.address - other.address));
      }
      EXPECT_TRUE(found) << fmt::format("{:#x}", segment.address);
    }
  }
}

// Sections of random kinds, sizes and addresses.
struct RandomProgram {
  std::string assembler;
  std::string script;
  std::string options;
};

RandomProgram random_program(Random &random) {
  RandomProgram program;
  std::string sections;
  const bool regions = random.one_in(2);
  std::uint32_t flash = 0x08000000 + 4 * random.below(64);
  std::uint32_t ram = 0x20000000 + 4 * random.below(64);
  const std::uint32_t count = 1 + random.below(8);
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool nobits = random.one_in(4);
    const bool thread = !nobits && random.one_in(8);
    const std::uint32_t size = random.one_in(10) ? 0 : 1 + random.below(300);
    const char *flags = thread ? "awT" : random.one_in(2) ? "ax" : "aw";
    const char *type = nobits                        ? "%nobits"
                       : random.one_in(6)            ? "%note"
                       : !thread && random.one_in(6) ? "%init_array"
                                                     : "%progbits";
    program.assembler += fmt::format(".section .s{}, \"{}\", {}\n.balign {}\n", i, flags, type,
                                     1U << random.below(5));
    program.assembler += nobits ? fmt::format(".space {}\n", size)
                                : fmt::format(".rept {}\n.byte {}\n.endr\n.byte {}\n", size / 2,
                                              random.below(256), random.below(256));
    const bool in_ram = nobits || random.one_in(3);
    const char *load = nobits && random.one_in(2) ? "(NOLOAD) " : "";
    if (regions) {
      sections += fmt::format("  .s{0} {1}: {{ *(.s{0}) }} > {2}\n", i, load,
                              in_ram ? (nobits ? "ram" : "ram AT> flash") : "flash");
    } else if (in_ram) {
      sections += fmt::format("  .s{0} {1:#x} {2}: AT({3:#x}) {{ *(.s{0}) }}\n", i, ram, load,
                              nobits ? ram : flash);
    } else {
      sections += fmt::format("  .s{0} {1:#x} {2}: {{ *(.s{0}) }}\n", i, flash, load);
    }
    if (random.one_in(5)) sections += "  . = ALIGN(256);\n";
    if (regions && random.one_in(6))
      sections += "  .fill" + std::to_string(i) + " : { LONG(1) } > flash\n";
    flash += (size + 2 + 31) / 32 * 32 + (random.one_in(3) ? 32 * random.below(100) : 0);
    ram += (size + 2 + 31) / 32 * 32;
  }
  if (regions) {
    program.script = fmt::format(
        "MEMORY {{ flash : ORIGIN = {:#x}, LENGTH = 1M\n ram : ORIGIN = {:#x}, LENGTH = 1M }}\n",
        flash & ~31U, ram & ~31U);
  }
  if (random.one_in(2)) program.script += fmt::format("ENTRY({:#x})\n", random.below(0x20000000));
  program.script += "SECTIONS {\n" + sections + "  /DISCARD/ : { *(.ARM.attributes) }\n}\n";
  const std::uint32_t page = 1U << (2 + random.below(15));
  program.options =
      fmt::format("-z max-page-size={0} -z common-page-size={0} {1} {2} --no-check-sections", page,
                  random.one_in(4)   ? "-N"
                  : random.one_in(3) ? "-n"
                                     : "",
                  random.one_in(4) ? "-s" : "");
  return program;
}

TEST_F(ElfPeers, random_linker_scripts_give_what_objcopy_takes) {
  unsigned linked = 0;
  unsigned seed = 0;
  for (; linked < 250 && seed < 800; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    const RandomProgram program = random_program(random);
    write("program.s", program.assembler);
    write("script.ld", program.script);
    must_run(CROSS "as -mcpu=cortex-m3 program.s -o program.o");
    if (run(CROSS "ld -T script.ld " + program.options + " program.o -o program.elf") != 0)
      continue;
    ++linked;
    ASSERT_TRUE(agree("program.elf")) << program.script << program.assembler;
  }
  EXPECT_EQ(linked, 250U) << "of " << seed << " scripts";
}

// Headers as no linker writes them, but which are consistent in themselves.
Bytes random_file(Random &random) {
  test::ElfMaker maker;
  const std::uint32_t segments = 1 + random.below(4);
  const bool no_physical = random.one_in(4);
  for (std::uint32_t i = 0; i < segments; ++i) {
    const std::uint32_t size = 16 + random.below(200);
    const std::uint32_t offset = maker.add(random.bytes(size));
    const std::uint32_t address = 0x08000000 + 0x1000 * i + random.below(64);
    const std::uint32_t physical = no_physical        ? 0
                                   : random.one_in(3) ? 0x10000000 + 0x80 * random.below(16)
                                                      : address;
    const bool headers = i == 0 && random.one_in(4);
    const std::uint32_t before = headers ? offset : 0;
    Elf32_Phdr &segment = maker.segment(offset - before, size + before, address - before,
                                        physical == 0 ? 0 : physical - before);
    if (random.one_in(4)) segment.p_memsz += random.below(64);
    if (random.one_in(8)) segment.p_type = random.one_in(2) ? PT_TLS : PT_NOTE;
    if (random.one_in(8)) segment.p_filesz -= random.below(8);
    const std::uint32_t sections = random.below(5);
    std::uint32_t at = 0;
    for (std::uint32_t k = 0; k < sections && at < size; ++k) {
      const std::uint32_t length = random.below(size - at + (random.one_in(10) ? 4 : 1));
      Elf32_Shdr &section =
          maker.section(fmt::format(".s{}.{}", i, k), offset + at, length, address + at);
      if (random.one_in(6)) section.sh_flags = 0;
      if (random.one_in(6)) section.sh_flags |= SHF_TLS | SHF_WRITE;
      if (random.one_in(6)) section.sh_type = SHT_NOBITS;
      if (random.one_in(6)) section.sh_type = random.one_in(2) ? SHT_NOTE : SHT_INIT_ARRAY;
      if (random.one_in(12)) section.sh_type = SHT_NULL;
      if (random.one_in(10)) section.sh_addr += 0x10000;  // in no segment any more
      if (random.one_in(10)) section.sh_addr += 4;
      at += length + random.below(8);
    }
  }
  maker.content.resize(maker.content.size() + 16);
  maker.section(".comment", maker.content_at, 4, 0).sh_flags = 0;  // objcopy wants one at least
  maker.header.e_entry = random.one_in(2) ? 0 : random.below(0x10000000);
  return maker.make();
}

TEST_F(ElfPeers, random_headers_are_read_as_objcopy_reads_them) {
  unsigned refused = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    const Bytes file = random_file(random);
    write("random.elf", {file.begin(), file.end()});
    ASSERT_TRUE(agree("random.elf"));
    if (!ours(file)) ++refused;
  }
  EXPECT_GT(refused, 5U);
  EXPECT_LT(refused, 200U);
}

}  // namespace
}  // namespace flashhost
