// Level 2 of families: which chip is this?
#include "family/on_board.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
    EXPECT_EQ(found.flash.address, named.flash.address);
    // With a hole in it the flash is in pieces.
    std::uint64_t size = found.flash.size, end = found.flash.end();
    for (const Chip &further : found.further_flash) {
      size += further.flash.size;
      end = std::max(end, further.flash.end());
    }
    EXPECT_EQ(size, named.flash.size) << "bytes of flash";
    EXPECT_EQ(end, std::uint64_t{named.flash.address} + model_part(part).flash_size)
        << "the end of the flash";
    if (found.further_flash.empty()) {
      EXPECT_EQ(found.sectors, named.sectors);
    }
    EXPECT_EQ(found.device_id, named.device_id);
    EXPECT_EQ(found.program_unit, named.program_unit);
    EXPECT_EQ(found.status, named.status);
    EXPECT_EQ(found.special, named.special);
    EXPECT_FALSE(found.size_doubt.has_value()) << found.size_doubt.value_or(SizeDoubt{}).reason;
    if (const auto &revision = run().given.family.revision) {
      EXPECT_EQ(hex(found.revision), hex(*revision));
    }
    EXPECT_LE(found.ram.size, model_part(part).sram_size)
        << "more RAM is reported than the chip has";
    EXPECT_EQ(session.told().warnings, "") << "it warns about a chip that is in order";
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
      EXPECT_NE(identity.evidence, "") << "evidence is empty";
    } catch (const Error &error) {
      FAIL() << "identify must return no chip here, not throw: " << error.what();
    }
  }
}

// A chip with the same core and nothing else in common: all addresses outside the core's own space
// read the same value.
class OtherChip final : public bench::ForwardingProbe {
 public:
  OtherChip(std::unique_ptr<Probe> probe, std::uint8_t fill)
      : ForwardingProbe(std::move(probe)), fill_(fill) {}
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    constexpr MemoryRange system_control{0xE000E000, 0x1000};
    if (system_control.contains(address)) return ForwardingProbe::read_memory(address, out, width);
    std::ranges::fill(out, fill_);
  }

 private:
  std::uint8_t fill_;
};

TEST_P(FamilyIdentifies, NoChipOfOthersWithTheSameCore) {
  FLASHHOST_PROMISE("family.hpp, Identity::chip: nothing for a chip that is none of this family's");
  for (const std::string &part : parts_to_drive()) {
    for (const std::uint8_t fill : std::to_array<std::uint8_t>({0x00, 0xFF, 0x5A})) {
      SCOPED_TRACE(fmt::format("the core of {}, and every register reads {:02x}", part, fill));
      Session session(board_with(part), {});
      OtherChip probe(session.fresh_probe(), fill);
      probe.attach(AttachMode::attach);
      const Identity identity = tested_family().family->identify(probe);
      EXPECT_FALSE(identity.chip.has_value())
          << "taken for a " << identity.chip.value_or(Chip{}).name << " (" << identity.evidence
          << ")";
    }
  }
}

TEST_P(FamilyIdentifies, BoardsByTheirUniqueIds) {
  FLASHHOST_PROMISE("chip.hpp, unique_id: of each chip another; empty where the chip has none");
  const std::optional<std::uint32_t> length = run().given.family.unique_id;
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
      if (length) {
        ASSERT_EQ(first.size(), *length) << "the case file says how long the id is";
      } else {
        EXPECT_GE(first.size(), 8U) << "no id, or a short one; where that is right, say how many "
                                       "bytes in the case file: unique_id = 0";
      }
      if (first.empty()) return;
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
      EXPECT_FALSE(same) << "bytes " << i << " to " << i + 3
                         << " are the same on every board: the id must be at another address";
    }
  }
}

TEST_P(FamilyIdentifies, WithoutWritingAnythingOrStoppingTheCore) {
  FLASHHOST_PROMISE(
      "family.hpp, identify, settle and protection: Reads only; the core may be running");
  for (const std::string &part : parts_to_drive()) {
    SCOPED_TRACE(part);
    Session session(board_with(part), {});
    const auto probe = session.fresh_probe();
    probe->attach(AttachMode::attach);  // attaching may write to the debug unit
    const CoreState before = probe->state();
    const machine::Statistics &statistics = session.board().target().statistics();
    const std::uint64_t resets = statistics.system_resets, halts = statistics.halts;
    const bench::WatchingProbe::HookScope scope(session.hooks());
    session.hooks().before_write = [&](std::uint32_t address, auto, Width) {
      ADD_FAILURE() << "it writes to " << hex(address);
    };
    session.hooks().before_control = [](const char *call) {
      ADD_FAILURE() << "it calls " << call << " of the probe";
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
    EXPECT_EQ(statistics.system_resets, resets) << "the chip was reset";
    EXPECT_EQ(statistics.halts, halts) << "the core was halted";
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
    if (size_fault == names.end() || !run().given.family.has("size_register")) {
      not_tried("another size in the size register of " + part);
      continue;
    }
    SCOPED_TRACE(part);
    const std::uint32_t less = std::bit_floor(model_part(part).flash_size - 1);
    Session session(board_with(part, {fmt::format("flash_size_register={:x}", less / 1024)}), {});
    session.connect();
    EXPECT_EQ(session.chip().flash.size, less)
        << "the size register is not read; if the chips have none, say so in the case "
           "file: without = [\"size_register\"]";
    Session odd(board_with(part, {"flash_size_register=2d28"}), {});
    odd.connect();
    EXPECT_LE(odd.chip().flash.size, odd.chip().die_flash_size);
    EXPECT_TRUE(odd.chip().size_doubt.has_value())
        << "a flash of 0x2d28 KiB was accepted without doubt";
  }
}

}  // namespace

}  // namespace flashhost::conformance
