// Level 2 of families: which chip is this?
#include "family/on_board.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

namespace flashhost::conformance {

namespace {

class FamilyIdentifies : public testing::TestWithParam<std::string> {};
FLASHHOST_CONFORMANCE_SUITE(FamilyIdentifies, family, 2);

TEST_P(FamilyIdentifies, AModelOfOneOfItsChipsIsThere) {
  EXPECT_FALSE(known_parts().empty())
      << "Level 2 drives the family on simulated chips, and no model knows a part of this family.\n"
      << models().describe() << "\nWrite a model, model-<id>.so, with flashhost_add_model, and put "
      << "it beside the plugin or name its folder with --model-dir; flashhost new family makes one "
      << "to start from. For now, --level 1 tests what needs no chip.";
}

TEST_P(FamilyIdentifies, EveryPartOfTheModelsAsItself) {
  FLASHHOST_PROMISE("family.hpp, identify: which chip is this");
  for (const std::string &part : known_parts()) {
    SCOPED_TRACE(part);
    const Chip named = described(part);
    Session session(board_with(part), random_bytes(model_part(part).flash_size, 5));
    session.connect();
    const Chip &found = session.chip();
    EXPECT_EQ(found.flash, named.flash);
    EXPECT_EQ(found.sectors, named.sectors);
    EXPECT_EQ(found.device_id, named.device_id);
    EXPECT_EQ(found.program_unit, named.program_unit);
    EXPECT_EQ(found.status, named.status);
    EXPECT_EQ(found.special, named.special);
    EXPECT_FALSE(found.size_doubt.has_value()) << found.size_doubt.value_or(SizeDoubt{}).reason;
    EXPECT_LE(found.ram.size, model_part(part).sram_size) << "it reports more RAM than there is";
    EXPECT_EQ(session.told().warnings, "") << "it has suspicions about a chip that is in order";
    TargetOptions options;
    options.chip.part = part;
    EXPECT_NO_THROW(session.connect(options)) << "with family.chip in the board file";
    EXPECT_EQ(session.chip().ram, named.ram);
  }
}

TEST_P(FamilyIdentifies, NoChipOfAnotherModel) {
  FLASHHOST_PROMISE("family.hpp, Identity::chip: nothing for a chip that is none of this family's");
  for (const std::string &part : foreign_parts()) {
    SCOPED_TRACE(part);
    Session session(board_with(part), {});
    const auto probe = session.fresh_probe();
    probe->attach(AttachMode::attach);
    try {
      const Identity identity = tested_family().family->identify(*probe);
      EXPECT_FALSE(identity.chip.has_value())
          << "taken for a " << identity.chip.value_or(Chip{}).name << " (" << identity.evidence
          << ")";
      EXPECT_NE(identity.evidence, "") << "what the answer goes by";
    } catch (const Error &error) {
      FAIL() << "a chip of others is no error: " << error.what();
    }
  }
}

TEST_P(FamilyIdentifies, BoardsByTheirUniqueIds) {
  FLASHHOST_PROMISE("chip.hpp, unique_id: of each chip another; empty where the chip has none");
  if (!run().given.family.unique_id) return;
  for (const std::string &part : parts_to_drive()) {
    SCOPED_TRACE(part);
    std::set<Bytes> ids;
    Bytes united, common;
    constexpr std::uint64_t boards = 6;
    for (std::uint64_t seed = 1; seed <= boards; ++seed) {
      const auto id = [&] {
        Session session(board_with(part, {}, seed), {});
        return session.connect().chip().unique_id;
      };
      const Bytes first = id();
      EXPECT_EQ(id(), first) << "the same board has another id the next time";
      EXPECT_GE(first.size(), 8U)
          << "no id, or a short one; where the chips have none, say so in the "
             "case file: unique_id = false";
      ids.insert(first);
      united.resize(first.size());
      if (common.empty()) common = first;
      for (std::size_t i = 0; i < std::min(first.size(), common.size()); ++i) {
        united[i] = static_cast<std::uint8_t>(united[i] | (first[i] ^ common[i]));
      }
    }
    EXPECT_EQ(ids.size(), boards) << "boards have the same id";
    for (std::size_t i = 0; i + 4 <= common.size(); i += 4) {
      const bool same = std::ranges::all_of(united.begin() + static_cast<std::ptrdiff_t>(i),
                                            united.begin() + static_cast<std::ptrdiff_t>(i) + 4,
                                            [](std::uint8_t byte) { return byte == 0; });
      const bool blank =
          std::ranges::all_of(common.begin() + static_cast<std::ptrdiff_t>(i),
                              common.begin() + static_cast<std::ptrdiff_t>(i) + 4,
                              [](std::uint8_t byte) { return byte == 0 || byte == 0xFF; });
      EXPECT_FALSE(same && blank) << "bytes " << i << " to " << i + 3
                                  << " are 0 or ff on every board: the id stands elsewhere";
    }
  }
}

TEST_P(FamilyIdentifies, WithoutWritingAnythingOrStoppingTheCore) {
  FLASHHOST_PROMISE(
      "family.hpp, identify, settle and protection: Reads only; the core may be running");
  for (const std::string &part : parts_to_drive()) {
    SCOPED_TRACE(part);
    Session session(board_with(part), {});
    session.hooks().before_write = [&](std::uint32_t address, auto, Width) {
      ADD_FAILURE() << "it writes to " << hex(address);
    };
    const auto probe = session.fresh_probe();
    session.hooks().before_write = nullptr;  // attaching writes to the debug unit
    probe->attach(AttachMode::attach);
    const CoreState before = probe->state();
    session.hooks().before_write = [&](std::uint32_t address, auto, Width) {
      ADD_FAILURE() << "it writes to " << hex(address);
    };
    Family &family = *tested_family().family;
    Identity identity = family.identify(*probe);
    ASSERT_TRUE(identity.chip.has_value());
    Chip chip = identity.chip.value_or(Chip{});
    family.settle(*probe, chip);
    if (Locks *locks = family.locks()) {
      EXPECT_FALSE(locks->protection(*probe, chip).any()) << "this board is not protected";
    }
    EXPECT_EQ(probe->state(), before);
    session.hooks().before_write = nullptr;
  }
}

TEST_P(FamilyIdentifies, RamThatIsReallyThere) {
  FLASHHOST_PROMISE("chip.hpp, ram: executable, all of it real");
  for (const std::string &part : known_parts()) {
    SCOPED_TRACE(part);
    Session session(board_with(part), {});
    session.prepared();
    for (const MemoryRange ram : {session.chip().ram, described(part).ram}) {
      ASSERT_GE(ram.size, 1024U);
      EXPECT_EQ(ram.address % 4, 0U);
      EXPECT_LE(ram.end() - ram.address, std::uint64_t{1} << 30);
      for (const std::uint64_t at :
           {std::uint64_t{ram.address}, ram.address + std::uint64_t{ram.size / 2 & ~3U},
            ram.end() - 4}) {
        const auto address = static_cast<std::uint32_t>(at);
        EXPECT_TRUE(session.set_word(address, 0xA5C3F00FU ^ address)) << hex(address);
      }
      for (const std::uint64_t at :
           {std::uint64_t{ram.address}, ram.address + std::uint64_t{ram.size / 2 & ~3U},
            ram.end() - 4}) {
        const auto address = static_cast<std::uint32_t>(at);
        EXPECT_EQ(session.word(address), 0xA5C3F00FU ^ address)
            << hex(address) << ": there is no RAM";
      }
    }
  }
}

TEST_P(FamilyIdentifies, TheSizeThatTheSizeRegisterReports) {
  FLASHHOST_PROMISE("identify.hpp, take_reported_size: what the chip reports counts");
  for (const std::string &part : parts_to_drive()) {
    const auto names = models().with_part(part)->fault_names();
    const auto size_fault = std::ranges::find_if(
        names, [](const machine::FaultName &fault) { return fault.name == "flash_size_register"; });
    if (size_fault == names.end()) continue;
    SCOPED_TRACE(part);
    const std::uint32_t less = std::bit_floor(model_part(part).flash_size - 1);
    Session session(board_with(part, {fmt::format("flash_size_register={:x}", less / 1024)}), {});
    session.connect();
    EXPECT_EQ(session.chip().flash.size, less) << "the size register is not looked at";
    Session odd(board_with(part, {"flash_size_register=2d28"}), {});
    odd.connect();
    EXPECT_LE(odd.chip().flash.size, odd.chip().die_flash_size);
    EXPECT_TRUE(odd.chip().size_doubt.has_value()) << "0x2d28 KiB is believed";
  }
}

}  // namespace

}  // namespace flashhost::conformance
