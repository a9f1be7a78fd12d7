// Level 1 of families: facts that cannot be right for any chip, and, if there is a model of the
// chip, facts that differ from the model's.
#include "family/family_bench.hpp"
#include "family/family_suite.hpp"

#include <flashhost/loader_abi.h>
#include <flashhost/text.hpp>

#include <algorithm>
#include <chrono>
#include <set>

namespace flashhost::conformance {

using namespace std::chrono_literals;

TEST_P(FamilyFacts, EachNameIsThatOfOnePartAlone) {
  FLASHHOST_PROMISE("parts.hpp, Part: chips that differ in nothing but their package");
  const std::vector<Part> parts = family().parts();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const std::string &name : part_names(std::span(parts).subspan(i, 1))) {
      for (std::size_t other = 0; other < parts.size(); ++other) {
        const bool found = find_chip(std::span(parts).subspan(other, 1), name).has_value();
        EXPECT_EQ(found, other == i) << name << " and " << parts[other].pattern;
      }
    }
  }
}

TEST_P(FamilyFacts, SizesAreThoseOfAMicrocontroller) {
  FLASHHOST_PROMISE("chip.hpp, Chip: flash, ram, die_flash_size");
  constexpr std::uint32_t most = 64U << 20;
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    EXPECT_GE(chip.flash.size, 1024U);
    EXPECT_LE(chip.die_flash_size, most) << "more than 64 MiB of flash";
    EXPECT_GE(chip.ram.size, 1024U);
    EXPECT_LE(chip.ram.size, most) << "more than 64 MiB of RAM";
    EXPECT_EQ(chip.ram.address % 4, 0U);
    EXPECT_EQ(chip.flash.address % 4, 0U);
    EXPECT_LE(chip.ram.end(), std::uint64_t{1} << 32);
    EXPECT_LE(chip.flash.end(), std::uint64_t{1} << 32);
    EXPECT_TRUE(chip.has_device_id()) << "a chip that can be identified has a device id";
    EXPECT_TRUE(chip.erased_value == 0xFF || chip.erased_value == 0) << int{chip.erased_value};
    EXPECT_TRUE(std::ranges::any_of(
        chip.sectors, [&](const Sector &sector) { return sector.address == chip.boot_address; }))
        << hex(chip.boot_address) << " is not the start of a sector: boot_address must be one";
  }
}

TEST_P(FamilyFacts, TimesAreThoseOfFlash) {
  FLASHHOST_PROMISE("chip.hpp: program_typical, erase_typical, mass_erase_typical and maxima");
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    const auto within = [](Nanoseconds time, Nanoseconds least, Nanoseconds most) {
      return time >= least && time <= most;
    };
    EXPECT_TRUE(within(chip.program_typical, 1us, 10ms)) << format_duration(chip.program_typical);
    EXPECT_LE(chip.program_maximum, 100 * chip.program_typical)
        << "more than a hundred times the typical time";
    if (chip.mass_erase_typical != Nanoseconds::zero()) {
      EXPECT_TRUE(within(chip.mass_erase_typical, 100us, 300s))
          << format_duration(chip.mass_erase_typical);
      EXPECT_LE(chip.mass_erase_maximum, 100 * chip.mass_erase_typical);
    }
    for (const Sector &sector : chip.sectors) {
      EXPECT_TRUE(within(sector.erase_typical, 100us, 60s))
          << hex(sector.address) << " " << format_duration(sector.erase_typical);
      EXPECT_LE(sector.erase_maximum, 100 * sector.erase_typical) << hex(sector.address);
      EXPECT_GT(sector.erase_typical, chip.program_typical)
          << hex(sector.address) << " takes less time to erase than one unit takes to program";
    }
  }
}

TEST_P(FamilyFacts, EntriesOfTheLoaderAreDistinct) {
  FLASHHOST_PROMISE("family.hpp, LoaderCode: entry points as offsets into code");
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    const LoaderCode loader = family().loader(chip);
    std::set<std::uint32_t> seen;
    for (const std::uint32_t entry : loader.entries()) {
      if (entry == LoaderCode::none) continue;
      EXPECT_TRUE(seen.insert(entry).second) << "two functions begin at " << hex(entry);
    }
    if (loader.code.empty()) continue;
    EXPECT_TRUE(std::ranges::any_of(loader.code, [](std::uint8_t byte) { return byte != 0; }));
    EXPECT_GE(loader.clock_hz, 100'000U) << "a core clock below 100 kHz";
    EXPECT_LE(loader.clock_hz, 1'000'000'000U) << "a core clock above 1 GHz";
    EXPECT_LT(loader.code.size() + loader.zero_data + loader.scratch + loader.stack_size,
              chip.ram.size)
        << "the loader does not fit into the RAM";
  }
}

TEST_P(FamilyFacts, StatusRegistersAreNamedAndAscend) {
  FLASHHOST_PROMISE("chip.hpp, FlashStatus::registers: ascending by flash_from");
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    std::set<std::uint32_t> addresses;
    std::set<std::string> names;
    for (std::size_t i = 0; i < chip.status.registers.size(); ++i) {
      const StatusRegister &source = chip.status.registers[i];
      EXPECT_NE(source.name, "");
      EXPECT_EQ(source.address % 4, 0U) << source.name;
      EXPECT_TRUE(addresses.insert(source.address).second) << source.name << " is there twice";
      EXPECT_FALSE(chip.flash.contains(source.address) || chip.ram.contains(source.address))
          << source.name << " stands in a memory";
      if (i == 0) continue;
      EXPECT_GT(source.flash_from, chip.status.registers[i - 1].flash_from);
    }
    for (const StatusBit &bit : chip.status.bits) {
      EXPECT_TRUE(names.insert(bit.name).second) << bit.name << " is there twice";
    }
  }
}

TEST_P(FamilyFacts, AreThereUnlessTheCaseFileSaysOtherwise) {
  FLASHHOST_PROMISE("family.hpp, Family: abilities; chip.hpp, mass_erase_typical");
  const auto expect = [&](const char *ability, bool there) {
    EXPECT_EQ(there, given().has(ability))
        << (there ? "the case file says that there is none of: "
                  : "it is not there; where that is right, the case file says so in `without`: ")
        << ability;
  };
  expect("locks", family().locks() != nullptr);
  expect("direct_flash", family().direct_flash() != nullptr);
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    expect("mass_erase", chip.mass_erase_typical != Nanoseconds::zero());
    expect("loader", !family().loader(chip).code.empty());
  }
}

TEST_P(FamilyFacts, OfDiesFitThePartsThatAreMadeOfThem) {
  FLASHHOST_PROMISE("chip.hpp, die_sectors and die_flash_size: the most that this die can hold");
  const std::vector<Chip> chips = all_chips();
  for (const Chip &chip : chips) {
    SCOPED_TRACE(chip.name);
    if (!chip.die_sectors.empty()) {
      EXPECT_EQ(chip.die_sectors.back().range().end(),
                std::uint64_t{chip.flash.address} + chip.die_flash_size)
          << "die_sectors do not end at die_flash_size";
    }
    for (const Chip &other : chips) {
      if (other.device_id != chip.device_id) continue;
      EXPECT_GE(chip.die_flash_size, other.flash.size) << "less than the flash of " << other.name;
    }
  }
  // A model with the whole die as its flash must agree, too.
  for (const std::string &part : known_parts()) {
    const Chip chip = described(part);
    std::uint32_t largest = 0;
    for (const std::string &other : known_parts()) {
      if (described(other).device_id != chip.device_id) continue;
      largest = std::max(largest, model_part(other).flash_size);
    }
    EXPECT_LE(chip.die_flash_size, largest)
        << part << ": no part of the models with this device id has so much flash";
  }
}

TEST_P(FamilyFacts, KnowAllPartsOfTheModelsOfItsChips) {
  FLASHHOST_PROMISE("family.hpp, parts: the table of its parts");
  if (!given().chips.empty()) return;  // the case file says which
  const std::vector<std::string> known = known_parts();
  for (const machine::ModelPtr &model : models().all()) {
    std::vector<std::string> missing;
    for (const machine::Part &part : model->parts()) {
      if (std::ranges::find(known, part.name) == known.end()) missing.emplace_back(part.name);
    }
    if (missing.size() == model->parts().size()) continue;
    EXPECT_EQ(testing::PrintToString(missing), "{}")
        << "the family knows some parts of this model, but not these";
  }
}

TEST_P(FamilyFacts, AboutTheLoaderCanBeKept) {
  FLASHHOST_PROMISE("family.hpp, LoaderCode: stack_size, page_size, ticks and limits");
  for (const Chip &chip : all_chips()) {
    SCOPED_TRACE(chip.name);
    const LoaderCode loader = family().loader(chip);
    if (loader.code.empty()) continue;
    EXPECT_GE(loader.stack_size, FH_AGENT_STACK) << "less than the agent itself needs";
    EXPECT_LE(loader.page_size, chip.sectors.front().size);
    if (loader.page_size != 0) {
      EXPECT_EQ(chip.program_unit % loader.page_size, 0U)
          << "page_size is " << loader.page_size << ": program_unit, " << chip.program_unit
          << ", must be a multiple of it";
    }
    if (loader.ticks) continue;
    for (const Sector &sector : chip.sectors) {
      ASSERT_GE(loader.limits.erase_sector, sector.erase_maximum)
          << "the limit of EraseSector is below the maximum of " << hex(sector.address);
    }
    EXPECT_GE(loader.limits.erase_chip, chip.mass_erase_maximum);
    EXPECT_GE(loader.limits.program_page, chip.program_maximum);
    EXPECT_GT(loader.limits.init, Nanoseconds::zero());
  }
}

TEST_P(FamilyFacts, AgreeWithTheModelsOfItsChips) {
  FLASHHOST_PROMISE("chip.hpp, Chip: flash, ram");
  for (const std::string &part : known_parts()) {
    SCOPED_TRACE(part);
    const machine::Part &model = model_part(part);
    const Chip chip = described(part);
    // Less where there is a hole: FamilyIdentifies looks where the flash ends.
    EXPECT_LE(chip.flash.size, model.flash_size) << "bytes of flash";
    EXPECT_LE(chip.ram.size, model.sram_size + model.core_memory_size) << "bytes of RAM";
    EXPECT_GE(chip.ram.size * 2, std::min(model.sram_size, 16U << 10))
        << "much less RAM than the chip has";
  }
}

}  // namespace flashhost::conformance
