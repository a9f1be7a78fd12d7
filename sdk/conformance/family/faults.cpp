// Level 2 of families: jobs on boards with something wrong.
#include "family/bad_board.hpp"
#include "family/job.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost::conformance {

namespace {

class FamilyOnABadBoard : public FamilyWithFaults {};
FLASHHOST_PARTS_SUITE(FamilyOnABadBoard, parts_to_break());

TEST_P(FamilyOnABadBoard, WritesWhatItShouldOrNamesWhatIsInTheWayBeforeAnythingChanges) {
  FLASHHOST_PROMISE("family.hpp, Locks::protection, and prepare: whatever state it is found in");
  const Bytes before = old_content();
  for (const std::string &fault : faults_to_try(part()).left_out) {
    if (!is_of_the_flash(fault) && !fault.starts_with("flash_size_register")) {
      not_tried("a board with " + fault);
    }
  }
  for (const std::string &fault : own_faults()) {
    for (const ResetAfter reset : {ResetAfter::run, ResetAfter::none}) {
      SCOPED_TRACE(fmt::format("board with {}, reset = {}", fault,
                               reset == ResetAfter::run ? "run" : "none"));
      const auto session = board({fault}, before);
      if (!session) continue;
      Job job(described(part()));
      job.reset = reset;
      const JobEnd end = job.run(*session);
      if (end.good) {
        EXPECT_EQ(session->difference(job.wanted(session->chip(), before)), "");
        EXPECT_EQ(end.report.passes, 1) << session->told().warnings;
        continue;
      }
      expect_words(end.text);
      EXPECT_EQ(session->difference(before), "") << "although " << in_words(end);
      EXPECT_TRUE(end.code == Errc::locked || end.code == Errc::target || end.code == Errc::refused)
          << in_words(end) << "\nA protection has to be reported by Locks::protection";
    }
  }
}

TEST_P(FamilyOnABadBoard, NamesTheBitsThatAreSetWhenACellWasNotErased) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash: check the controller's flags; chip.hpp, StatusBit");
  Session session(board_with(part()), old_content());
  session.prepared();
  for (const Way &way : session.ways()) {
    SCOPED_TRACE(in_words(way));
    session.prepared();
    const Chip chip = session.chip();
    const std::uint32_t address = chip.flash.address + 16 * chip.write_unit();
    std::uint32_t seen = 0;
    const bench::WatchingProbe::HookScope scope(session.hooks());
    session.hooks().after_any = [&] { seen |= session.status_now(address).value_or(0); };
    std::string text;
    try {
      const auto access = session.start(way);
      access->program(address, Bytes(std::size_t{4} * chip.write_unit(), 0xA5),
                      [](std::uint32_t) {});
      access->drain();
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::flash) << error.what();
      EXPECT_NE(error.cause(), Cause::write_protection) << "nothing is protected: " << error.what();
      text = std::string(error.what()) + " " + error.hint();
    }
    session.hooks().after_any = nullptr;
    if (!way.direct) {
      EXPECT_NE(text, "") << "the loader's ProgramPage returned no error";
    }
    for (const StatusBit &bit : chip.status.bits) {
      if (bit.meaning != StatusBit::Meaning::error) continue;
      const bool named = text.find(bit.name) != std::string::npos;
      const bool set = (seen & bit.mask) == bit.mask;
      if (set && !text.empty()) {
        EXPECT_TRUE(named) << bit.name << " was set, but is not named: " << text;
      }
      if (named) {
        EXPECT_TRUE(set) << bit.name << " is named, but was never set: " << text;
        EXPECT_EQ(bit.cause.find("protected"), std::string::npos)
            << "nothing is protected here; is " << bit.name << " the right name? " << text;
      }
    }
    EXPECT_TRUE(seen == 0 || !text.empty() ||
                (seen & status_mask(chip, StatusBit::Meaning::error)) == 0)
        << "error bits were set, but no error was reported: " << hex(seen);
  }
}

TEST_P(FamilyOnABadBoard, EndsInAMessageAboutTheAddressOrTheStatusWhenTheFlashIsBroken) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash: throw Errc::flash; chip.hpp, FlashStatus");
  const Chip named = described(part());
  const std::uint32_t address = (named.flash.address + 16) & ~3U;
  for (const std::string &fault :
       {fmt::format("bad_cell={:x}", address), fmt::format("bad_erase={:x}", address),
        std::string("stuck_busy"), std::string("flash_time=50x")}) {
    if (!has_fault(fault.substr(0, fault.find('=')))) continue;
    for (const bool by_loader : {true, false}) {
      if (by_loader ? family().loader(named).code.empty() : family().direct_flash() == nullptr)
        continue;
      SCOPED_TRACE(fault + (by_loader ? ", by the loader" : ", by the direct path"));
      Session session(board_with(part(), {fault}), old_content());
      Job job(named);
      job.segments = {{named.flash.address, Bytes(64, 0x40)}};
      if (!by_loader) job.without_loader();
      const JobEnd end = job.run(session);
      EXPECT_FALSE(end.good) << "the operation reported success";
      EXPECT_TRUE(end.code == Errc::flash || end.code == Errc::verify) << in_words(end);
      const bool names_address = end.text.find(hex(address).substr(2, 7)) != std::string::npos;
      const bool names_status =
          std::ranges::any_of(
              named.status.bits,
              [&](const StatusBit &bit) { return end.text.find(bit.name) != std::string::npos; }) ||
          std::ranges::any_of(named.status.registers, [&](const StatusRegister &source) {
            return end.text.find(source.name) != std::string::npos;
          });
      EXPECT_TRUE(names_address || names_status) << "the message names neither the address "
                                                 << hex(address) << " nor the status: " << end.text;
    }
  }
}

TEST_P(FamilyOnABadBoard, WaitsForAnOperationThatIsGoingOnWhenItComes) {
  FLASHHOST_PROMISE("family.hpp, prepare: flash controller idle");
  DirectFlash *direct = family().direct_flash();
  if (direct == nullptr) return not_tried("an erase cut short: there is no direct path");
  Session session(board_with(part()), old_content());
  session.prepared();
  const Chip chip = session.chip();
  const Sector sector = chip.sectors.back();
  const bench::WatchingProbe::HookScope scope(session.hooks());
  session.hooks().after_any = [&] {
    if (is_busy(chip, session.status_now(sector.address).value_or(0)))
      throw Error(Errc::probe, "the probe was unplugged");
  };
  EXPECT_THROW(direct->erase_sector(session.probe(), chip, sector), Error);
  session.hooks().after_any = nullptr;
  const Bytes before = erased(chip, session.board().flash(), sector.range());
  const auto probe = session.fresh_probe();
  probe->attach(AttachMode::attach);
  UndoLog undo;
  family().prepare(*probe, chip, undo);
  EXPECT_FALSE(is_busy(chip, session.status_now(sector.address).value_or(~0U)))
      << "the controller is still busy after prepare";
  EXPECT_EQ(session.difference(before), "");
  direct->erase_sector(*probe, chip, chip.sectors.front());
  EXPECT_EQ(session.difference(erased(chip, before, chip.sectors.front().range())), "");
}

TEST_P(FamilyOnABadBoard, CompletesAJobThatLostThePower) {
  FLASHHOST_PROMISE("family.hpp: an interrupted run is completed by the next one");
  const Bytes before = old_content();
  const Chip named = described(part());
  Session whole(board_with(part()), before);
  Job trial(named);
  ASSERT_TRUE(trial.run(whole).good);
  const machine::Statistics &statistics = whole.board().target().statistics();
  const std::uint64_t erases = statistics.page_erases + statistics.mass_erases;
  const std::uint64_t all = erases + statistics.programmed_units;
  for (const std::uint64_t at : {std::uint64_t{1}, erases + 1, erases + 7, all * 2 / 3, all}) {
    SCOPED_TRACE(fmt::format("power lost in operation {} of {}", at, all));
    Session session(board_with(part()), before);
    Job job(named);
    session.board().target().lose_power_at(at);
    EXPECT_FALSE(job.run(session).good);
    session.board().target().power_cycle();
    const JobEnd end = job.run(session);
    EXPECT_TRUE(end.good) << in_words(end);
    EXPECT_EQ(session.difference(job.wanted(named, before)), "");
  }
}

}  // namespace

}  // namespace flashhost::conformance
