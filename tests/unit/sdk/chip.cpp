#include "fake_probe.hpp"
#include "log_host.hpp"
#include "thrown.hpp"

#include <flashhost/chip.hpp>
#include <flashhost/controller.hpp>

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;
using bench::text_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t first_status = 0x40000000, second_status = 0x40000040;
constexpr std::uint32_t control = 0x40000010, keys = 0x40000014;

// Two banks of two sectors of 1 KiB; twice as much on the die.
Chip chip() {
  using enum StatusBit::Meaning;
  Chip chip;
  chip.name = "CHIP";
  chip.die = "small die";
  chip.flash = {0x1000, 0x1000};
  for (std::uint32_t at = 0x1000; at < 0x3000; at += 0x400) {
    chip.die_sectors.push_back({at, 0x400, 1ms, 2ms});
  }
  set_flash_size(chip, 0x1000);
  chip.die_flash_size = 0x2000;
  chip.status.registers = {{"SR1", first_status, 0x1000}, {"SR2", second_status, 0x1800}};
  chip.status.bits = {{busy, 1, "BSY", "it works"},
                      {error, 2, "WPE", "it is protected", Cause::write_protection},
                      {error, 4, "PGE", "it was not erased"},
                      {done, 8, "EOP", "it ended"}};
  chip.status.codes = {{0x80000000, "the loader was locked out"}};
  chip.status.no_bits = "it never started";
  return chip;
}

TEST(ChipStatus, IsReadFromTheRegisterOfTheBank) {
  fake::Probe probe;
  probe.add_region(first_status, 0x100, 0);
  probe.poke(second_status, 5);
  EXPECT_EQ(read_status(probe, chip(), 0x17FF), 0U);
  EXPECT_EQ(read_status(probe, chip(), 0x1800), 5U);
  EXPECT_EQ(read_status(probe, Chip{}, 0x1800), std::nullopt);
}

TEST(ChipStatus, IsExplainedByTheBitsThatAreSet) {
  EXPECT_EQ(explain_status(chip(), 0x1000, 6),
            "WPE: it is protected; PGE: it was not erased (SR1 0x00000006)");
  EXPECT_EQ(explain_status(chip(), 0x1800, 0x0C), "PGE: it was not erased (SR2 0x0000000c)")
      << "that it ended is no news then";
  EXPECT_EQ(explain_status(chip(), 0x1000, 8), "EOP: it ended (SR1 0x00000008)");
  EXPECT_EQ(explain_status(chip(), 0x1000, 0), "it never started (SR1 0x00000000)");
  EXPECT_EQ(explain_status(chip(), 0x1000, 0x10),
            "bits that CHIP does not have: the read may have gone wrong (SR1 0x00000010)");
  EXPECT_EQ(explain_status(chip(), 0x1000, 0x80000000), "the loader was locked out");
  EXPECT_EQ(explain_status(Chip{}, 0x1000, 4), "what it means is not known");
}

TEST(ChipStatus, NamesThePageOfItsFirstErrorThatHasOne) {
  EXPECT_EQ(status_cause(chip(), 6, Cause::bad_cell), Cause::write_protection);
  EXPECT_EQ(status_cause(chip(), 4, Cause::bad_cell), Cause::bad_cell);
  EXPECT_TRUE(is_busy(chip(), 1));
  EXPECT_FALSE(is_busy(chip(), 0xFFFFFFFE));
}

TEST(ChipFlashSize, IsCutAndExtendedWithinTheDie) {
  Chip small = chip();
  set_flash_size(small, 0x400);
  EXPECT_EQ(small.sectors.size(), 1U);
  EXPECT_EQ(small.flash, (MemoryRange{0x1000, 0x400}));
  set_flash_size(small, 0x2000);
  EXPECT_EQ(small.sectors, small.die_sectors);
  EXPECT_EQ(wrong_flash_size(small, 0x200).value_or(""),
            "the small die holds at most 8 KiB and ends where a sector does (1 KiB each)");
  EXPECT_THAT(wrong_flash_size(small, 0x2400).value_or(""), HasSubstr("at most 8 KiB"));
  EXPECT_THAT(wrong_flash_size(small, 0).value_or(""), HasSubstr("at most 8 KiB"));
}

TEST(ChipFlashSize, CanOnlyShrinkWhereTheDieIsNotKnown) {
  Chip small = chip();
  small.die_sectors.clear();
  EXPECT_TRUE(wrong_flash_size(small, 0x1400));
  set_flash_size(small, 0x800);
  EXPECT_EQ(small.sectors.size(), 2U);
}

TEST(ChipRanges, NeighboursBecomeOne) {
  std::vector<MemoryRange> ranges;
  for (const MemoryRange range : {MemoryRange{0, 4}, MemoryRange{4, 4}, MemoryRange{12, 4}}) {
    add_range(ranges, range);
  }
  EXPECT_THAT(ranges, ElementsAre(MemoryRange{0, 8}, MemoryRange{12, 4}));
}

class Controller : public testing::Test {
 protected:
  Controller() {
    probe_.add_region(first_status, 0x100, 0);
    probe_.on_read = [this](std::uint32_t address) -> std::optional<std::uint32_t> {
      if (address != first_status) return {};
      return probe_.clock < idle_from_ ? 1U : 4U;
    };
    probe_.on_write = [this](std::uint32_t address, std::uint32_t value) {
      if (address != keys) return false;
      if (value != wanted_.front()) throw Error(Errc::memory_fault, "refused");
      wanted_.erase(wanted_.begin());
      if (wanted_.empty()) probe_.poke(control, 0);
      return true;
    };
  }
  std::uint32_t wait() { return wait_idle(host_, probe_, chip(), 0x1000, 20ms, "the erase"); }
  std::uint32_t unlock_it() {
    return unlock(probe_, {"the controller", "CR", control, 0x80, keys, {11, 22}});
  }

  fake::Probe probe_;
  fake::LogHost host_;
  Nanoseconds idle_from_{};
  std::vector<std::uint32_t> wanted_{11, 22};
};

TEST_F(Controller, IsWaitedForAndItsStatusReturned) {
  idle_from_ = 10ms;
  EXPECT_EQ(wait(), 4U);
  EXPECT_THAT(host_.warnings, IsEmpty());
}

TEST_F(Controller, IsWarnedAboutBeyondItsMaximum) {
  idle_from_ = 100ms;
  EXPECT_EQ(wait(), 4U);
  EXPECT_THAT(host_.warnings, ElementsAre(HasSubstr("the erase takes longer than the datasheet's "
                                                    "maximum of 20 ms")));
}

TEST_F(Controller, IsGivenUpAtSixTimesItsMaximum) {
  idle_from_ = 1h;
  EXPECT_THAT(text_of(Errc::flash, [&] { wait(); }),
              HasSubstr("still busy after 120 ms: BSY: it works (SR1 0x00000001)"));
  EXPECT_LT(probe_.clock, 130ms);
}

TEST_F(Controller, OpensWithItsKeysAndIsLockedBeforeItIsGivenThem) {
  probe_.poke(control, 0x05);
  EXPECT_EQ(unlock_it(), 0U);
  EXPECT_EQ(probe_.writes.front(), (fake::Write{control, 0x80}));
}

TEST_F(Controller, KeepsTheBitsThatItIsToldToWhenItIsLocked) {
  probe_.poke(control, 0x35);
  unlock(probe_, {"the controller", "CR", control, 0x80, keys, {11, 22}, 0x30});
  EXPECT_EQ(probe_.writes.front(), (fake::Write{control, 0xB0}));
}

TEST_F(Controller, ThatRefusesAKeyStaysLockedAndIsNamed) {
  probe_.poke(control, 0x80);
  wanted_ = {22};
  EXPECT_EQ(text_of(Errc::target, [&] { unlock_it(); }),
            "the controller does not unlock (CR 0x00000080)");
}

TEST_F(Controller, AFailureIsExplainedWithItsPlace) {
  EXPECT_EQ(text_of(Errc::flash, [] { throw_failed(chip(), "erasing", 0x1400, 2); }),
            "erasing at 0x00001400 failed: WPE: it is protected (SR1 0x00000002)");
}

}  // namespace
