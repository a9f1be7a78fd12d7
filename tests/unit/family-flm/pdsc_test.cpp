#include "thrown.hpp"

#include <family-flm/pdsc.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::flm {
namespace {

using bench::text_and_hint_of;
using bench::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Pdsc pdsc(const std::string &devices) {
  const std::string xml =
      R"(<?xml version="1.0"?><package><vendor>V</vendor><name>N</name>)"
      R"(<releases><release version="2.0.0"/><release version="1.0.0"/></releases>)"
      "<devices>" +
      devices + "</devices></package>";
  return Pdsc({reinterpret_cast<const std::uint8_t *>(xml.data()), xml.size()});
}

// A family with what is given at each level.
Pdsc levels(const std::string &family, const std::string &sub_family, const std::string &device,
            const std::string &variant) {
  return pdsc(R"(<family Dfamily="F" Dvendor="Maker:7">)" + family +
              R"(<subFamily DsubFamily="S">)" + sub_family + R"(<device Dname="D">)" + device +
              R"(<variant Dvariant="DV">)" + variant + "</variant></device></subFamily></family>");
}

Properties properties(const Pdsc &description) {
  return description.chip("DV").properties;
}

TEST(Pdsc, its_name) {
  EXPECT_EQ(pdsc("").name(), "V.N.2.0.0");
}

TEST(Pdsc, parts_are_devices_and_variants_with_what_they_inherit) {
  const Pdsc description = pdsc(R"(
    <family Dfamily="F" Dvendor="Maker:7">
      <processor Dcore="Cortex-M3"/>
      <memory id="IRAM1" start="0x20000000" size="0x1000"/>
      <device Dname="A"><memory id="IROM1" start="0x08000000" size="0x4000"/></device>
      <subFamily DsubFamily="S">
        <device Dname="B">
          <memory name="Flash" access="rx" start="134217728" size="65536"/>
          <memory name="Alias" access="rx" start="0" size="65536" alias="Flash"/>
          <memory name="GPIO" access="rwp" start="0x40000000" size="65536"/>
          <variant Dvariant="B1"/>
          <variant Dvariant="B2"><memory name="More" access="rw" start="0x10000000" size="0x1000"/></variant>
        </device>
      </subFamily>
    </family>)");
  EXPECT_THAT(description.devices(),
              ElementsAre(PackDevice{"B1", "Maker", {"Cortex-M3"}, 0x10000, 0x1000},
                          PackDevice{"B2", "Maker", {"Cortex-M3"}, 0x10000, 0x2000},
                          PackDevice{"A", "Maker", {"Cortex-M3"}, 0x4000, 0x1000}));
}

TEST(Pdsc, flash_is_what_an_algorithm_programs) {
  const Pdsc description = pdsc(R"(
    <family Dfamily="F"><device Dname="A">
      <memory name="Flash" access="rw" start="0" size="0x1000"/>
      <memory name="ROM" access="rx" start="0x10000" size="0x2000"/>
      <memory name="RAM" access="rwx" start="0x20000" size="0x4000"/>
      <memory name="External" access="rx" start="0x30000" size="0x8000"/>
      <algorithm name="a.FLM" start="0" size="0x1000" default="1"/>
      <algorithm name="b.FLM" start="0x30000" size="0x8000" default="0"/>
      <algorithm name="c" start="0x30000" size="0x8000" default="1" style="IAR"/>
    </device></family>)");
  EXPECT_THAT(description.devices(), ElementsAre(PackDevice{"A", "", {}, 0x1000, 0x4000}));
}

TEST(Pdsc, each_level_adds_memories_and_replaces_those_of_the_same_name) {
  const Properties chip =
      properties(levels(R"(<memory name="Flash" access="rx" start="0" size="1"/>
                <memory id="IRAM1" start="0x20000000" size="1"/>)",
                        R"(<memory name="RAM2" access="rwx" start="0x30000000" size="2"/>)",
                        R"(<memory name="Flash" access="rx" start="0" size="3"/>)",
                        R"(<memory id="IRAM1" start="0x20000000" size="4"/>)"));
  std::vector<std::string> found;
  for (const PackMemory &memory : chip.memories) {
    found.push_back(fmt::format("{} {}", memory.name, memory.range.size));
  }
  EXPECT_THAT(found, ElementsAre("RAM2 2", "Flash 3", "IRAM1 4"));
}

TEST(Pdsc, a_memory_of_another_core_is_another_one) {
  const Properties chip =
      properties(levels(R"(<memory name="RAM" access="rwx" Pname="a" start="0" size="1"/>)", "",
                        R"(<memory name="RAM" access="rwx" Pname="b" start="0" size="2"/>)", ""));
  EXPECT_EQ(chip.memories.size(), 2U);
}

TEST(Pdsc, attributes_of_a_memory) {
  const Properties chip = properties(levels(
      R"(<memory name="M" access="rwxs" start=" 0x10 " size="16" default="1" startup="true" alias="N"/>
         <memory id="IROM1" start="0" size="1" default="0"/>
         <memory id="IRAM1" start="0X20000000" size="1"/>)",
      "", "", ""));
  PackMemory wanted{"M", "rwxs", {0x10, 16}, true, true, "N", "", ""};
  EXPECT_EQ(chip.memories[0], wanted);
  EXPECT_TRUE(chip.memories[0].is_ram());
  EXPECT_EQ(chip.memories[1].access, "rx");
  EXPECT_FALSE(chip.memories[1].is_default);
  EXPECT_FALSE(chip.memories[1].is_ram());
  EXPECT_EQ(chip.memories[2].access, "rwx");
  EXPECT_EQ(chip.memories[2].range.address, 0x20000000U);
}

TEST(Pdsc, attributes_of_an_algorithm) {
  const Properties chip = properties(levels(
      R"(<algorithm name="a.FLM" start="0" size="0x100" RAMstart="0x20000000" RAMsize="0x800" default="1"
           style="KEIL" Pname="p"/>)",
      R"(<algorithm name="b.FLM"/>)", R"(<algorithm name="c" style="IAR"/>)", ""));
  EXPECT_EQ(chip.algorithms[0], (PackAlgorithm{"a.FLM", MemoryRange{0, 0x100}, 0x20000000, 0x800,
                                               true, "KEIL", "p", Level::family, ""}));
  EXPECT_EQ(chip.algorithms[1],
            (PackAlgorithm{"b.FLM", {}, {}, {}, false, "", "", Level::sub_family, ""}));
  EXPECT_TRUE(chip.algorithms[0].is_flm());
  EXPECT_TRUE(chip.algorithms[1].is_flm());
  EXPECT_FALSE(chip.algorithms[2].is_flm());
}

TEST(Pdsc, a_closer_algorithm_of_the_same_range_and_style_replaces_and_those_of_a_level_stay) {
  const Properties chip =
      properties(levels(R"(<algorithm name="family" start="0" size="0x100"/>
                <algorithm name="iar" start="0" size="0x100" style="IAR"/>
                <algorithm name="other" start="0" size="0x200"/>)",
                        "",
                        R"(<algorithm name="one" start="0" size="0x100" style="Keil"/>
                <algorithm name="two" start="0" size="0x100"/>)",
                        ""));
  std::vector<std::string> paths;
  for (const PackAlgorithm &algorithm : chip.algorithms) paths.push_back(algorithm.path);
  EXPECT_THAT(paths, ElementsAre("iar", "other", "one", "two"));
}

TEST(Pdsc, attributes_of_a_core_are_merged_one_by_one) {
  const Properties chip = properties(
      levels(R"(<processor Dcore="Cortex-M4" Dfpu="0" Dmpu="1"/>)", R"(<processor Dfpu="SP_FPU"/>)",
             R"(<processor Pname="second" Dcore="Cortex-M0+"/>)", R"(<processor Dtz="TZ"/>)"));
  EXPECT_THAT(chip.processors, ElementsAre(PackProcessor{"", "Cortex-M4", "SP_FPU", "1", "TZ"},
                                           PackProcessor{"second", "Cortex-M0+", "", "", ""}));
}

TEST(Pdsc, sequences_with_a_body_and_flash_that_is_programmed_by_sequences) {
  const Properties chip = properties(
      levels(R"(<sequences><sequence name="ResetSystem"><block>a</block></sequence>
                <sequence name="DebugPortStop"/></sequences>)",
             "", R"(<flashinfo name="QSPI" start="0" pagesize="1"/>)",
             R"(<sequences><sequence name="ResetSystem"><block>b</block></sequence></sequences>)"));
  EXPECT_THAT(chip.sequences, ElementsAre("ResetSystem"));
  EXPECT_THAT(chip.flash_infos, ElementsAre("QSPI"));
}

constexpr const char *three_parts = R"(
  <family Dfamily="F"><device Dname="STM32F103CB"/><device Dname="STM32F103C8"/>
  <device Dname="STM32F407VG"><memory name="M" access="rx" start="0" size="1"/></device></family>)";

TEST(Pdsc, a_chip_in_upper_or_lower_case) {
  const PackChip chip = pdsc(three_parts).chip("stm32f103c8");
  EXPECT_EQ(chip.name, "STM32F103C8");
  EXPECT_THAT(chip.warnings, IsEmpty());
}

TEST(Pdsc, a_shortened_name_of_one_part_or_of_parts_that_are_alike) {
  EXPECT_THAT(pdsc(three_parts).chip("STM32F4").warnings,
              ElementsAre("'STM32F4' is taken for STM32F407VG."));
  const PackChip chip = pdsc(three_parts).chip("STM32F103");
  EXPECT_EQ(chip.name, "STM32F103CB");
  EXPECT_THAT(chip.warnings,
              ElementsAre("'STM32F103' is taken for STM32F103CB, STM32F103C8, which are alike."));
}

TEST(Pdsc, a_shortened_name_of_different_parts_is_refused) {
  EXPECT_EQ(text_and_hint_of(Errc::config, [] { return pdsc(three_parts).chip("STM32F"); }),
            "'STM32F' stands for several chips that are not alike: STM32F103CB, STM32F103C8, "
            "STM32F407VG | Name one of them in full.");
}

TEST(Pdsc, a_part_that_is_there_twice) {
  EXPECT_EQ(text_of(Errc::config,
                    [] {
                      return pdsc(R"(<family><device Dname="A"/><device Dname="a">
                        <processor Dcore="Cortex-M0"/></device></family>)")
                          .chip("A");
                    }),
            "'A' stands for several chips that are not alike: A, a");
}

TEST(Pdsc, a_device_stands_for_its_variants) {
  const Pdsc description = pdsc(
      R"(<family><device Dname="D"><variant Dvariant="X"/><variant Dvariant="Y"/></device></family>)");
  EXPECT_EQ(description.chip("d").name, "X");
  EXPECT_THAT(description.chip("d").warnings,
              ElementsAre("'d' is taken for X, Y, which are alike."));
}

TEST(Pdsc, an_unknown_chip) {
  EXPECT_EQ(text_and_hint_of(Errc::config, [] { return pdsc(three_parts).chip("STM32F103XB"); }),
            "the pack V.N.2.0.0 has no chip 'STM32F103XB' | Did you mean STM32F103CB?");
  EXPECT_EQ(text_of(Errc::config, [] { return pdsc(three_parts).chip(""); }),
            "the pack V.N.2.0.0 has no chip ''");
}

TEST(Pdsc, numbers_that_are_none_are_errors_of_their_chip_alone) {
  const Pdsc description = pdsc(R"(<family>
    <device Dname="A"><memory name="M" access="rx" start="here" size="1"/></device>
    <device Dname="B"><memory name="M" access="rx" start="0xFFFFFFFF" size="2"/></device>
    <device Dname="C"><memory name="M" access="rx" start="0"/></device>
    <device Dname="D"><algorithm name="a" start="0" size="0x100000000"/></device>
    <device Dname="E"><algorithm/></device>
    <device Dname="F"><algorithm style="IAR"/></device></family>)");
  EXPECT_EQ(description.devices().size(), 6U);
  EXPECT_EQ(description.devices()[0].flash_size, 0U);
  const auto error = [&](const char *chip) {
    return text_of(Errc::image, [&] { return description.chip(chip); });
  };
  EXPECT_EQ(error("A"), "chip A, memory 'M': its start, 'here', is no number below 2^32");
  EXPECT_EQ(error("B"),
            "chip B, memory 'M': 2 bytes at 0xffffffff reach beyond the 32-bit address space");
  EXPECT_EQ(error("C"), "chip C, memory 'M': it has no start or no size");
  EXPECT_EQ(error("D"), "chip D, algorithm 'a': its size, '0x100000000', is no number below 2^32");
  EXPECT_EQ(error("E"), "chip E, algorithm '': it has no name");
  EXPECT_EQ(description.chip("F").name, "F");
}

TEST(Pdsc, what_is_no_description) {
  const auto error = [](const std::string &xml) {
    return text_of(Errc::image, [&] {
      return Pdsc({reinterpret_cast<const std::uint8_t *>(xml.data()), xml.size()});
    });
  };
  EXPECT_THAT(error("<package><devices></package>"), HasSubstr("it is no XML: "));
  EXPECT_EQ(error("<project/>"), "its first element is not <package>");
  EXPECT_THAT(error(""), HasSubstr("it is no XML: "));
  EXPECT_EQ(error(std::string(Pdsc::max_size + 1, ' ')),
            "it has 16777217 bytes; more than 16 MiB are refused");
}

TEST(Pdsc, entities_are_not_expanded_and_depth_does_no_harm) {
  const std::string bomb =
      R"(<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><package><vendor>&b;</vendor></package>)";
  const Pdsc description({reinterpret_cast<const std::uint8_t *>(bomb.data()), bomb.size()});
  EXPECT_EQ(description.name(), "&b;.?.?");
  std::string deep;
  for (int i = 0; i < 500'000; ++i) deep += "<family>";
  for (int i = 0; i < 500'000; ++i) deep += "</family>";
  EXPECT_THAT(pdsc(deep).devices(), IsEmpty());
}

std::string repeated(const std::string &text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += fmt::format(fmt::runtime(text), i);
  return all;
}

TEST(Pdsc, more_than_any_pack_has_is_refused) {
  const auto error = [](const std::string &devices) {
    return text_of(Errc::image, [&] { return pdsc(devices).devices(); });
  };
  EXPECT_EQ(error(repeated("<family Dfamily='{}'/>", Pdsc::max_levels + 1)),
            "it has more than 20000 families, devices and variants, which is refused");
  const std::string memories = repeated("<memory name='{}' start='0' size='1'/>", max_properties);
  EXPECT_EQ(pdsc("<family>" + memories + "<device Dname='D'/></family>").devices().size(), 1U);
  EXPECT_EQ(error("<family>" + memories + "<device Dname='D'><memory name='x'/></device></family>"),
            "a chip has more than 256 memories, which is refused");
  EXPECT_EQ(
      error("<family>" + repeated("<algorithm name='{}'/>", 257) + "<device Dname='D'/></family>"),
      "a chip has more than 256 flash algorithms, which is refused");
  EXPECT_EQ(
      error("<family>" + repeated("<processor Pname='{}'/>", 257) + "<device Dname='D'/></family>"),
      "a chip has more than 256 processors, which is refused");
}

}  // namespace
}  // namespace flashhost::flm
