// The committed algorithms and their pack; FLASHHOST_FLM_FOLDER: those that another compiler made.
#include "thrown.hpp"

#include <family-flm/chip_choice.hpp>
#include <family-flm/elf_parts.hpp>
#include <family-flm/pack.hpp>
#include <family-flm/pdsc.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace flashhost::flm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

Bytes content_of(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string other_folder() {
  const char *folder = std::getenv("FLASHHOST_FLM_FOLDER");
  return folder == nullptr ? std::string() : folder;
}

FlmFile algorithm(const std::string &name) {
  const std::string folder =
      other_folder().empty() ? std::string(FLM_TEST_FOLDER) + "/algorithms" : other_folder();
  return parse_flm(content_of(folder + "/" + name + ".FLM"));
}

const Bytes &pack_bytes() {
  static const Bytes bytes = content_of(
      (other_folder().empty() ? FLM_TEST_FOLDER : other_folder()) + "/Example.Test_DFP.1.0.0.pack");
  return bytes;
}

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
  const Pack pack(pack_bytes());
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
  const Pack pack(pack_bytes());
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

}  // namespace
}  // namespace flashhost::flm
