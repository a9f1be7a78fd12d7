// Every row of the tables of all families: what holds for all STM32.
#include "family-stm32/families.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace {

using namespace flashhost;
using stm32::kib;

struct Facts {
  std::set<std::uint32_t> device_ids;
  std::uint32_t least_ram = 0, most_ram = 0, program_unit = 0;
  std::map<char, std::uint32_t> sizes;  // KiB, by the letter at a name's end
  std::size_t names = 0;                // all packages of all parts
};

template <class Family>
const Facts facts;
template <>
const Facts facts<fake::F1>{.device_ids = {0x410, 0x412, 0x414, 0x418, 0x420, 0x428, 0x430},
                            .least_ram = 4 * kib,
                            .most_ram = 96 * kib,
                            .program_unit = 2,
                            .sizes = {{'4', 16},
                                      {'6', 32},
                                      {'8', 64},
                                      {'B', 128},
                                      {'C', 256},
                                      {'D', 384},
                                      {'E', 512},
                                      {'F', 768},
                                      {'G', 1024}},
                            .names = 95};
template <>
const Facts facts<fake::F0>{.device_ids = {0x440, 0x442, 0x444, 0x445, 0x448},
                            .least_ram = 4 * kib,
                            .most_ram = 32 * kib,
                            .program_unit = 2,
                            .sizes = {{'4', 16}, {'6', 32}, {'8', 64}, {'B', 128}, {'C', 256}},
                            .names = 75};
template <>
const Facts facts<fake::F3>{
    .device_ids = {0x422, 0x432, 0x438, 0x439, 0x446},
    .least_ram = 12 * kib,
    .most_ram = 64 * kib,
    .program_unit = 2,
    .sizes = {{'4', 16}, {'6', 32}, {'8', 64}, {'B', 128}, {'C', 256}, {'D', 384}, {'E', 512}},
    .names = 69};
template <>
const Facts facts<fake::F4>{
    .device_ids = {0x413, 0x419, 0x421, 0x423, 0x431, 0x433, 0x434, 0x441, 0x458, 0x463},
    .least_ram = 32 * kib,
    .most_ram = 320 * kib,
    .program_unit = 4,
    .sizes = {{'8', 64},
              {'B', 128},
              {'C', 256},
              {'D', 384},
              {'E', 512},
              {'G', 1024},
              {'H', 1536},
              {'I', 2048}},
    .names = 149};

template <class Family>
class Stm32Lines : public testing::Test {};
using Families = testing::Types<fake::F0, fake::F1, fake::F3, fake::F4>;
struct FamilyName {
  template <class Family>
  static std::string GetName(int /*index*/) {
    return Family::name;
  }
};
TYPED_TEST_SUITE(Stm32Lines, Families, FamilyName);

TYPED_TEST(Stm32Lines, EachDeviceIdStandsOnceAndItsPartsFindTheirLine) {
  std::set<std::uint32_t> ids;
  for (const auto &line : TypeParam::lines()) {
    EXPECT_TRUE(ids.insert(line.device_id).second) << line.name;
    for (const Part &part : TypeParam::parts()) {
      EXPECT_EQ(&TypeParam::line_of(part.chip) == &line, part.chip.device_id == line.device_id)
          << part.pattern;
    }
  }
  EXPECT_EQ(ids, facts<TypeParam>.device_ids);
}

TYPED_TEST(Stm32Lines, TheLargestPartFillsTheDie) {
  for (const auto &line : TypeParam::lines()) {
    const auto sizes = flash_sizes(TypeParam::parts(), line.device_id);
    ASSERT_FALSE(sizes.empty()) << line.name;
    EXPECT_EQ(sizes.back(), line.maximum_kib * kib) << line.name;
  }
}

TYPED_TEST(Stm32Lines, TheCommonNameOfEachSizeIsAPartOfThatLineAndSize) {
  for (const auto &line : TypeParam::lines()) {
    for (const std::uint32_t size : flash_sizes(TypeParam::parts(), line.device_id)) {
      const std::string name =
          common_part(TypeParam::parts(), line.device_id, size, line.part_names).name;
      EXPECT_TRUE(name.starts_with(line.part_names)) << name;
      const Chip chip = fake::described<TypeParam>(name);
      EXPECT_EQ(chip.device_id, line.device_id) << name;
      EXPECT_EQ(chip.flash.size, size) << name;
    }
  }
}

TYPED_TEST(Stm32Lines, EachLetterOfAPartStandsForItsSizeAndItsLine) {
  for (const Part &part : TypeParam::parts()) {
    const auto &sizes = facts<TypeParam>.sizes;
    const auto size = sizes.find(part.pattern.back());
    ASSERT_NE(size, sizes.end()) << part.pattern;
    EXPECT_EQ(part.chip.flash.size, size->second * kib) << part.pattern;
    EXPECT_EQ(part.chip.die_flash_size, TypeParam::line_of(part.chip).maximum_kib * kib)
        << part.pattern;
  }
}

TYPED_TEST(Stm32Lines, AllPartsOfTheManualAreThere) {
  EXPECT_EQ(part_names(TypeParam::parts()).size(), facts<TypeParam>.names);
}

// Beyond what the conformance kit asks of every family's table.
TYPED_TEST(Stm32Lines, SizesOfEachPartArePlausible) {
  for (const std::string &name : part_names(TypeParam::parts())) {
    SCOPED_TRACE(name);
    const Chip chip = fake::described<TypeParam>(name);
    EXPECT_EQ(chip.flash.address, stm32::flash_base);
    EXPECT_GE(chip.ram.size, facts<TypeParam>.least_ram);
    EXPECT_LE(chip.ram.size, facts<TypeParam>.most_ram);
    EXPECT_EQ(chip.program_unit, facts<TypeParam>.program_unit);
    EXPECT_EQ(chip.erased_value, 0xFF);
  }
}

TYPED_TEST(Stm32Lines, NoTwoSpecialRangesOfAPartOverlap) {
  for (const std::string &name : part_names(TypeParam::parts())) {
    const Chip chip = fake::described<TypeParam>(name);
    for (std::size_t i = 0; i < chip.special.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_FALSE(chip.special[i].range.overlaps(chip.special[j].range))
            << name << ": " << chip.special[i].name << " and " << chip.special[j].name;
      }
    }
  }
}

}  // namespace
