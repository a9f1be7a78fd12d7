#include "flm_maker.hpp"
#include "thrown.hpp"

#include <family-flm/chip_choice.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace flashhost::flm {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint32_t flash = 0x08000000;

// A chip, and the files of its pack.
struct MadeUpChip {
  PackChip chip{"CHIP", "Maker", {}, {}};
  std::map<std::string, Bytes> files;

  MadeUpChip() {
    chip.properties.processors = {{"", "Cortex-M3", "", "", ""}};
    chip.properties.memories = {{"Flash", "rx", {flash, 0x10000}, true, true, "", "", ""},
                                {"CCM", "rw", {0x10000000, 0x800}, true, false, "", "", ""},
                                {"RAM", "rwx", {0x20000000, 0x2000}, true, false, "", "", ""}};
  }

  PackAlgorithm &add(const std::string &path, std::uint32_t size = 0x10000,
                     std::uint32_t address = flash) {
    test::FlmMaker maker;
    maker.description.name = path;
    maker.description.address = address;
    maker.description.size = size;
    files[path] = maker.make();
    PackAlgorithm algorithm;
    algorithm.path = path;
    algorithm.range = MemoryRange{address, size};
    algorithm.is_default = true;
    algorithm.level = Level::device;
    return chip.properties.algorithms.emplace_back(algorithm);
  }

  [[nodiscard]] Choice choose(const Wish &wish = {}) const {
    return choose_algorithms(chip, wish, [&](const std::string &path) { return files.at(path); });
  }
  [[nodiscard]] std::vector<std::string> paths(const Wish &wish = {}) const {
    std::vector<std::string> chosen;
    for (const ChosenAlgorithm &one : choose(wish).algorithms) chosen.push_back(one.listed.path);
    return chosen;
  }
  [[nodiscard]] std::string error(const Wish &wish = {}, Errc code = Errc::config) const {
    return text_and_hint_of(code, [&] { return choose(wish); });
  }
};

Wish named(std::vector<std::string> names) {
  return {"", std::move(names)};
}

TEST(Choice, the_only_default) {
  MadeUpChip setup;
  setup.add("Flash/a.FLM");
  const Choice choice = setup.choose();
  ASSERT_EQ(choice.algorithms.size(), 1U);
  EXPECT_EQ(choice.algorithms[0].file.device.name, "Flash/a.FLM");
  EXPECT_EQ(choice.algorithms[0].flash, (MemoryRange{flash, 0x10000}));
  EXPECT_EQ(choice.algorithms[0].ram, (MemoryRange{0x20000000, 0x2000}));
  EXPECT_THAT(choice.warnings, IsEmpty());
}

TEST(Choice, one_for_each_region_by_address) {
  MadeUpChip setup;
  setup.add("bank2", 0x8000, flash + 0x8000);
  setup.add("bank1", 0x8000);
  setup.add("external", 0x8000, 0x90000000);
  EXPECT_THAT(setup.paths(), ElementsAre("bank1", "bank2", "external"));
}

TEST(Choice, others_than_defaults_only_when_they_are_named) {
  MadeUpChip setup;
  setup.add("code");
  setup.add("Flash\\option_bytes.FLM", 0x400, 0x1FFFF800).is_default = false;
  EXPECT_THAT(setup.paths(), ElementsAre("code"));
  for (const char *name : {"option_bytes", "OPTION_BYTES.flm", "Flash\\option_bytes.FLM"}) {
    EXPECT_THAT(setup.paths(named({name})), ElementsAre("code", "Flash\\option_bytes.FLM")) << name;
  }
}

TEST(Choice, a_named_one_takes_the_place_of_the_default) {
  MadeUpChip setup;
  setup.add("single");
  setup.add("dual").is_default = false;
  EXPECT_THAT(setup.paths(named({"dual"})), ElementsAre("dual"));
}

TEST(Choice, the_closest_level_counts) {
  MadeUpChip setup;
  setup.add("device", 0x8000).level = Level::device;
  setup.add("family").level = Level::family;
  EXPECT_THAT(setup.paths(), ElementsAre("device"));
}

TEST(Choice, the_range_of_the_memory_counts) {
  MadeUpChip setup;
  setup.add("large", 0x20000);
  setup.add("right", 0x10000);
  setup.add("small", 0x8000);
  EXPECT_THAT(setup.paths(), ElementsAre("right"));
}

TEST(Choice, two_that_are_equally_good_and_differ_are_an_error) {
  MadeUpChip setup;
  setup.add("Flash/single.FLM");
  setup.add("Flash/dual.FLM");
  EXPECT_EQ(setup.error(),
            "chip CHIP has several flash algorithms for 0x08000000..0x0800ffff: Flash/single.FLM, "
            "Flash/dual.FLM | The pack does not say which one it is; they may be for different "
            "settings of the chip's option bytes. Name one of them.");
  EXPECT_THAT(setup.paths(named({"dual"})), ElementsAre("Flash/dual.FLM"));
  EXPECT_THAT(setup.error(named({"dual", "single"})), HasSubstr("has several flash algorithms"));
}

TEST(Choice, two_with_the_same_content_are_one) {
  MadeUpChip setup;
  setup.add("a");
  setup.add("b");
  setup.files["b"] = setup.files["a"];
  EXPECT_THAT(setup.paths(), ElementsAre("a"));
}

TEST(Choice, one_that_is_equally_good_as_the_second_of_its_region_is_an_error_too) {
  MadeUpChip setup;
  setup.add("bank1", 0x4000).level = Level::variant;
  setup.add("bank2", 0x4000, flash + 0x4000);
  setup.add("both", 0x8000);
  EXPECT_THAT(setup.error(), HasSubstr("bank2, both"));
}

TEST(Choice, other_styles_are_skipped) {
  MadeUpChip setup;
  setup.add("iar").style = "IAR";
  setup.add("keil").style = "keil";
  EXPECT_THAT(setup.paths(), ElementsAre("keil"));
  EXPECT_EQ(setup.error(named({"iar"})), "chip CHIP has no flash algorithm 'iar' | It has: keil.");
}

TEST(Choice, no_algorithm_or_no_default) {
  MadeUpChip setup;
  EXPECT_EQ(setup.error(),
            "the pack has no flash algorithm (FLM) for chip CHIP | Name one from elsewhere: "
            "algorithm, in the board file.");
  EXPECT_EQ(setup.error(named({"x"})),
            "chip CHIP has no flash algorithm 'x' | The pack has none for it.");
  setup.add("Flash/a.FLM").is_default = false;
  setup.add("b.FLM").is_default = false;
  EXPECT_EQ(setup.error(),
            "no flash algorithm of chip CHIP is a default | Name one of: a.FLM, b.FLM.");
}

TEST(Choice, cores) {
  MadeUpChip setup;
  setup.chip.properties.processors = {{"app", "Cortex-M33", "", "", ""},
                                      {"net", "Cortex-M33", "", "", ""}};
  setup.add("all", 0x400, 0x1000);
  EXPECT_THAT(setup.paths(), ElementsAre("all"));
  EXPECT_THAT(setup.choose().warnings, ElementsAre("Of the cores app, net the first is used."));
  setup.add("app").processor = "app";
  setup.add("net", 0x8000, 0x01000000).processor = "net";
  EXPECT_EQ(
      setup.error(),
      "chip CHIP has several cores, each with flash algorithms of its own | Name one of: app, "
      "net.");
  EXPECT_THAT(setup.paths({"app", {}}), ElementsAre("all", "app"));
  EXPECT_THAT(setup.paths({"NET", {}}), ElementsAre("all", "net"));
  EXPECT_THAT(setup.choose({"NET", {}}).warnings, IsEmpty());
  EXPECT_EQ(setup.error({"gpu", {}}), "chip CHIP has no core 'gpu' | Its cores: app, net.");
}

TEST(Choice, memory_of_another_core_is_not_used) {
  MadeUpChip setup;
  setup.chip.properties.processors = {{"app", "Cortex-M33", "", "", ""},
                                      {"net", "Cortex-M33", "", "", ""}};
  setup.chip.properties.memories[2].processor = "net";
  setup.add("a");
  EXPECT_THAT(setup.error({"app", {}}), HasSubstr("no default RAM"));
  EXPECT_EQ(setup.choose({"net", {}}).algorithms[0].ram.address, 0x20000000U);
}

TEST(Choice, a_name_for_the_only_core_of_a_chip) {
  MadeUpChip setup;
  setup.add("a");
  EXPECT_EQ(setup.error({"app", {}}),
            "chip CHIP has no core 'app' | It has one core: remove the name.");
}

TEST(Choice, the_smallest_of_pack_memory_and_algorithm_counts) {
  MadeUpChip setup;
  setup.add("a", 0x20000);
  EXPECT_EQ(setup.choose().algorithms[0].flash, (MemoryRange{flash, 0x10000}));
  setup.chip.properties.algorithms[0].range = MemoryRange{flash, 0x8000};
  EXPECT_EQ(setup.choose().algorithms[0].flash, (MemoryRange{flash, 0x8000}));
  setup.add("a", 0x4000);
  setup.chip.properties.algorithms.pop_back();
  EXPECT_EQ(setup.choose().algorithms[0].flash, (MemoryRange{flash, 0x4000}));
}

TEST(Choice, one_algorithm_for_two_memories) {
  MadeUpChip setup;
  setup.chip.properties.memories.push_back(
      {"Bank2", "rx", {flash + 0x10000, 0x8000}, true, true, "", "", ""});
  setup.add("a", 0x100000);
  EXPECT_EQ(setup.choose().algorithms[0].flash, (MemoryRange{flash, 0x18000}));
}

TEST(Choice, the_memory_may_be_missing_and_the_range_as_well) {
  MadeUpChip setup;
  setup.chip.properties.memories.erase(setup.chip.properties.memories.begin());
  setup.add("a").range.reset();
  EXPECT_EQ(setup.choose().algorithms[0].flash, (MemoryRange{flash, 0x10000}));
}

TEST(Choice, an_algorithm_for_another_address_than_the_pack_says) {
  MadeUpChip setup;
  setup.add("a").range = MemoryRange{0x00200000, 0x10000};
  EXPECT_EQ(
      setup.error({}, Errc::image),
      "a: by the pack it is for 0x00200000..0x0020ffff, but by itself for "
      "0x08000000..0x0800ffff | Pack and algorithm do not fit. Name another algorithm, or use "
      "another version of the pack.");
}

TEST(Choice, ram_by_the_algorithm) {
  MadeUpChip setup;
  PackAlgorithm &algorithm = setup.add("a");
  algorithm.ram_start = 0x20001000;
  algorithm.ram_size = 0x800;
  EXPECT_EQ(setup.choose().algorithms[0].ram, (MemoryRange{0x20001000, 0x800}));
  setup.chip.properties.algorithms[0].ram_size.reset();
  EXPECT_EQ(setup.choose().algorithms[0].ram, (MemoryRange{0x20001000, 0x1000}));
  setup.chip.properties.algorithms[0].ram_start = 0x30000000;
  EXPECT_EQ(
      setup.error(),
      "a: the pack says that its RAM starts at 0x30000000, but not how large it is | Name the "
      "RAM yourself: ram_start and ram_size.");
  setup.chip.properties.algorithms[0].ram_size = 0xF0000000;
  EXPECT_THAT(setup.error({}, Errc::image),
              HasSubstr("a: its RAM, 4026531840 bytes at 0x30000000"));
}

TEST(Choice, no_ram) {
  MadeUpChip setup;
  setup.add("a");
  setup.chip.properties.memories[2].is_default = false;
  EXPECT_EQ(setup.error(),
            "a: the pack names no RAM for it, and no default RAM of the chip | Name the RAM "
            "yourself, ram_start and ram_size: the chip's data sheet has its address.");
}

TEST(Choice, what_is_wrong_with_an_algorithm_is_said_with_its_name) {
  MadeUpChip setup;
  setup.add("a");
  setup.files["a"] = {1, 2, 3};
  EXPECT_THAT(setup.error({}, Errc::image), HasSubstr("a: it does not begin as an ELF file does"));
}

TEST(Choice, warnings_of_the_algorithm_are_handed_on) {
  MadeUpChip setup;
  setup.add("Flash/a.FLM", 0x10100);
  test::FlmMaker maker;
  maker.description.sectors = {{0x400, flash}};
  setup.files["Flash/a.FLM"] = maker.make();
  EXPECT_THAT(setup.choose().warnings,
              ElementsAre("a.FLM: The offsets in its sector table are addresses; they are taken as "
                          "such."));
}

}  // namespace
}  // namespace flashhost::flm
