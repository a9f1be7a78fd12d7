// What the committed algorithms and their packs say of themselves.
#include "committed.hpp"
#include "thrown.hpp"

#include <family-flm/chip_choice.hpp>
#include <family-flm/elf_parts.hpp>
#include <family-flm/pack.hpp>
#include <family-flm/pdsc.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::flm {
namespace {

using test::algorithm;
using test::pack_bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

TEST(Algorithms, f1) {
  const FlmFile flm = algorithm("F1_128");
  EXPECT_EQ(flm.device, (FlashDevice{"flashhost test: STM32F1 128 KiB",
                                     0x0101,
                                     1,
                                     {0x08000000, 0x20000},
                                     1024,
                                     0xFF,
                                     200ms,
                                     1000ms,
                                     {{0, 1024, 128}}}));
  EXPECT_EQ(flm.static_base, std::nullopt);
  EXPECT_TRUE(flm.entries.erase_chip && flm.entries.blank_check && flm.entries.verify);
  EXPECT_THAT(flm.warnings, IsEmpty());
}

TEST(Algorithms, f4) {
  const FlmFile flm = algorithm("F4_1024");
  EXPECT_EQ(flm.device,
            (FlashDevice{"flashhost test: STM32F4 1 MiB",
                         0x0101,
                         1,
                         {0x08000000, 0x100000},
                         1024,
                         0xFF,
                         200ms,
                         12s,
                         {{0, 0x4000, 4}, {0x10000, 0x10000, 1}, {0x20000, 0x20000, 7}}}));
  EXPECT_TRUE(flm.entries.erase_chip);
  EXPECT_FALSE(flm.entries.blank_check || flm.entries.verify);
}

TEST(Algorithms, the_bad_ones_look_good) {
  for (const char *name : {"erases-neighbour", "does-nothing", "never-returns", "overwrites-stack",
                           "faults", "fails-at-page", "clobbers-registers", "masks-interrupts"}) {
    const FlmFile flm = algorithm(std::string("bad/") + name);
    EXPECT_EQ(flm.device, algorithm("F1_128").device) << name;
    EXPECT_NE(flm.image, algorithm("F1_128").image) << name;
  }
  EXPECT_THAT(algorithm("bad/wrong-sectors").device.sectors, ElementsAre(SectorRun{0, 2048, 64}));
}

TEST(Algorithms, the_one_with_data_has_it_behind_its_code) {
  const FlmFile flm = algorithm("bad/needs-uninit");
  ASSERT_EQ(flm.image.size(), flm.static_base.value_or(0) + 8);
  EXPECT_EQ(Bytes(flm.image.end() - 8, flm.image.end()),
            (Bytes{0xED, 0x5E, 0xED, 0x5E, 0, 0, 0, 0}));
}

TEST(Algorithms, the_pack_and_its_chips) {
  const Bytes bytes = pack_bytes("Example.Test_DFP");
  const Pack pack(bytes);
  const Pdsc description(pack.pdsc());
  EXPECT_EQ(description.name(), "Example.Test_DFP.1.0.0");
  EXPECT_THAT(
      description.devices(),
      ElementsAre(
          PackDevice{"STM32F103C8", "STMicroelectronics", {"Cortex-M3"}, 0x10000, 0x5000},
          PackDevice{"STM32F103CB", "STMicroelectronics", {"Cortex-M3"}, 0x20000, 0x5000},
          PackDevice{"STM32F407VGTx", "STMicroelectronics", {"Cortex-M4"}, 0x100000, 0x2C000},
          PackDevice{"STM32F407VGHx", "STMicroelectronics", {"Cortex-M4"}, 0x100000, 0x2C000}));
}

TEST(Algorithms, from_pack_and_chip_to_algorithm) {
  const Bytes bytes = pack_bytes("Example.Test_DFP");
  const Pack pack(bytes);
  const Pdsc description(pack.pdsc());
  const auto choose = [&](const char *chip, const Wish &wish) {
    return choose_algorithms(
               description.chip(chip), wish,
               [&](const std::string &path) { return pack.read(path, ElfParts::max_file_size); })
        .algorithms.at(0);
  };
  const ChosenAlgorithm small = choose("stm32f103c8", {});
  EXPECT_EQ(small.file, algorithm("F1_128"));
  EXPECT_EQ(small.flash, (MemoryRange{0x08000000, 0x10000}));
  EXPECT_EQ(small.ram, (MemoryRange{0x20000000, 0x5000}));
  EXPECT_EQ(choose("STM32F103CB", {}).ram, (MemoryRange{0x20000000, 0x1000}));
  EXPECT_EQ(choose("STM32F103CB", {"", {"erases-neighbour"}}).file,
            algorithm("bad/erases-neighbour"));
  EXPECT_EQ(choose("STM32F407VG", {}).file, algorithm("F4_1024"));
}

TEST(Algorithms, odd) {
  const FlmFile flm = algorithm("ODD64");
  const FlashDevice main{
      "flashhost test: ODD64 64 KiB",     0x0101, 1, {0, 0x10000}, 256, 0xFF, 200ms, 400ms,
      {{0, 1024, 16}, {0x4000, 4096, 12}}};
  EXPECT_EQ(flm.device, main);

  FlashDevice expected = main;
  expected.name = "flashhost test: ODD64 64 KiB, large pages";
  expected.page_size = 2048;
  EXPECT_EQ(algorithm("ODD64_PAGES").device, expected);

  expected = main;
  expected.name = "flashhost test: ODD80 64 KiB, at its alias";
  expected.range.address = 0x30000000;
  EXPECT_EQ(algorithm("ODD80_ALIAS").device, expected);

  expected = main;
  expected.name = "flashhost test: ODD80 user row";
  expected.range = {0x12000, 4096};
  expected.page_size = 64;
  expected.sectors = {{0, 1024, 4}};
  EXPECT_EQ(algorithm("ODD80_ROW").device, expected);

  expected = main;
  expected.name = "flashhost test: ODD80 options";
  expected.range = {0x13000, 40};
  expected.page_size = 40;
  expected.sectors = {{0, 40, 1}};
  EXPECT_EQ(algorithm("ODD80_OPT").device, expected);

  for (const char *name : {"ODD64", "ODD64_PAGES", "ODD80_ALIAS", "ODD80_ROW", "ODD80_OPT"}) {
    SCOPED_TRACE(name);
    const FlmFile file = algorithm(name);
    EXPECT_FALSE(file.entries.erase_chip || file.entries.blank_check || file.entries.verify);
    EXPECT_EQ(file.static_base, std::nullopt);
    EXPECT_THAT(file.warnings, IsEmpty());
  }
}

TEST(Algorithms, the_pack_of_odd_and_its_chips) {
  const Bytes bytes = pack_bytes("Example.Odd_DFP");
  const Pack pack(bytes);
  const Pdsc description(pack.pdsc());
  EXPECT_EQ(description.name(), "Example.Odd_DFP.1.0.0");
  const auto device = [](const char *name, std::uint64_t flash_size, std::uint64_t ram_size) {
    return PackDevice{name, "Example", {"Cortex-M0+"}, flash_size, ram_size};
  };
  EXPECT_THAT(description.devices(),
              ElementsAre(device("ODD64", 0x10000, 0x4000), device("ODD64S", 0x10000, 0x800),
                          device("ODD64P", 0x10000, 0x4000), device("ODD80", 0x11000, 0x4000),
                          device("ODD80S", 0x10000, 0x4000), device("ODD80A", 0x10000, 0x4000),
                          device("ODD80A_SHORT", 0x10000, 0x4000)));
}

TEST(Algorithms, of_each_odd_chip) {
  using Algorithms = std::vector<std::pair<std::string, bool>>;  // with whether it is a default
  const Bytes bytes = pack_bytes("Example.Odd_DFP");
  const Pack pack(bytes);
  const Pdsc description(pack.pdsc());
  const auto of = [&](const char *chip) {
    Algorithms algorithms;
    for (const PackAlgorithm &listed : description.chip(chip).properties.algorithms) {
      const std::string file = listed.path.substr(listed.path.find('/') + 1);
      const FlmFile content = parse_flm(pack.read(listed.path, ElfParts::max_file_size));
      EXPECT_EQ(content, algorithm(file.substr(0, file.find('.')))) << file;
      EXPECT_EQ(listed.range, content.device.range) << file;
      algorithms.emplace_back(file, listed.is_default);
    }
    return algorithms;
  };
  EXPECT_EQ(of("ODD64"), (Algorithms{{"ODD64.FLM", true}}));
  EXPECT_EQ(of("ODD64S"), (Algorithms{{"ODD64.FLM", true}}));
  EXPECT_EQ(of("ODD64P"), (Algorithms{{"ODD64_PAGES.FLM", true}}));
  EXPECT_EQ(of("ODD80"), (Algorithms{{"ODD64.FLM", true},
                                     {"ODD80_ROW.FLM", true},
                                     {"ODD80_OPT.FLM", false},
                                     {"ODD80_ALIAS.FLM", false}}));
  EXPECT_EQ(of("ODD80S"), (Algorithms{{"ODD64.FLM", true}, {"ODD80_ALIAS.FLM", true}}));
  EXPECT_EQ(of("ODD80A"), (Algorithms{{"ODD64.FLM", true}}));
}

TEST(Algorithms, chosen_for_odd_chips) {
  const Bytes bytes = pack_bytes("Example.Odd_DFP");
  const Pack pack(bytes);
  const Pdsc description(pack.pdsc());
  const auto choose = [&](const char *chip, const Wish &wish) {
    const Choice choice = choose_algorithms(
        description.chip(chip), wish,
        [&](const std::string &path) { return pack.read(path, ElfParts::max_file_size); });
    std::vector<std::pair<std::string, MemoryRange>> chosen;
    for (const ChosenAlgorithm &one : choice.algorithms) {
      EXPECT_EQ(one.ram, (MemoryRange{0x1FFFF000, 0x4000}));
      chosen.emplace_back(one.listed.path, one.flash);
    }
    return chosen;
  };
  const std::pair main{std::string("Flash/ODD64.FLM"), MemoryRange{0, 0x10000}};
  const std::pair row{std::string("Flash/ODD80_ROW.FLM"), MemoryRange{0x12000, 0x1000}};
  const std::pair options{std::string("Flash/ODD80_OPT.FLM"), MemoryRange{0x13000, 40}};
  EXPECT_THAT(choose("ODD80", {}), ElementsAre(main, row));
  EXPECT_THAT(choose("ODD80", {"", {"ODD80_OPT"}}), ElementsAre(main, row, options));
  EXPECT_THAT(choose("ODD80A", {}), ElementsAre(main));
  EXPECT_THAT(choose("ODD64P", {}),
              ElementsAre(std::pair("Flash/ODD64_PAGES.FLM", MemoryRange{0, 0x10000})));
}

TEST(Algorithms, the_memories_of_odd_chips) {
  const Bytes bytes = pack_bytes("Example.Odd_DFP");
  const Pack pack(bytes);
  const Pdsc description(pack.pdsc());
  const PackMemory flash{"Flash", "rx", {0, 0x10000}, true, true, "", "", ""};
  const PackMemory ram{"SRAM", "rwx", {0x1FFFF000, 0x4000}, true, false, "", "", ""};
  const PackMemory row{"Row", "rx", {0x12000, 0x1000}, true, false, "", "", ""};
  const PackMemory alias{"FlashAlias", "rx", {0x30000000, 0x10000}, false, false, "Flash", "", ""};
  const auto of = [&](const char *chip) { return description.chip(chip).properties.memories; };
  EXPECT_THAT(of("ODD64P"), ElementsAre(flash, ram));
  EXPECT_THAT(of("ODD80"), ElementsAre(flash, ram, row));
  EXPECT_THAT(of("ODD80S"), ElementsAre(flash, ram, alias));
  EXPECT_THAT(of("ODD80A"), ElementsAre(flash, ram, alias));
}

}  // namespace
}  // namespace flashhost::flm
