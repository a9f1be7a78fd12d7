// Level 2 of families: whole jobs on boards that are in order.
#include "family/job.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/text.hpp>

#include <chrono>

namespace flashhost::conformance {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t marker = 0x0E30E30E;

void put_word(Bytes &bytes, std::uint32_t value) {
  for (int at = 0; at < 4; ++at) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
}

// A vector table, and code that writes the marker to the start of the RAM; runs on every Cortex-M.
Segment firmware(const Chip &chip) {
  Segment segment{chip.boot_address, {}};
  put_word(segment.data, chip.ram.address + 1024);
  put_word(segment.data, chip.boot_address + 9);
  for (const std::uint32_t two : {0x49024801U,     // ldr r0, [pc, #4]; ldr r1, [pc, #8]
                                  0xE7FE6001U}) {  // str r1, [r0]; b .
    put_word(segment.data, two);
  }
  put_word(segment.data, chip.ram.address);
  put_word(segment.data, marker);
  return segment;
}

class FamilyInAJob : public FamilyOnAGoodBoard {
 protected:
  // The ways that this family has: with the loader (true), by the direct path (false).
  [[nodiscard]] static std::vector<bool> loaders(const Chip &chip) {
    std::vector<bool> result;
    if (!family().loader(chip).code.empty()) result.push_back(true);
    if (family().direct_flash() != nullptr) result.push_back(false);
    return result;
  }
  static void expect_good(const JobEnd &end, Session &session, bool by_loader) {
    ASSERT_TRUE(end.good) << in_words(end);
    EXPECT_EQ(end.report.passes, 1) << "it took a second attempt: " << session.told().warnings;
    EXPECT_EQ(session.told().warnings, "");
    EXPECT_EQ(session.told().all.find("writing through the probe alone") == std::string::npos,
              by_loader)
        << session.told().all;
  }
  // The writes with which the direct path erases the first sector of an unlocked chip.
  [[nodiscard]] static std::vector<std::pair<std::uint32_t, std::uint32_t>> erase_by_hand(
      const std::string &part) {
    Session session(board_with(part), {});
    session.prepared();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> writes;
    const bench::WatchingProbe::HookScope scope(session.hooks());
    session.hooks().before_write = [&](std::uint32_t address, auto data, Width) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < data.size() && i < 4; ++i)
        value |= std::uint32_t{data[i]} << (8 * i);
      writes.emplace_back(address, value);
    };
    family().direct_flash()->erase_sector(session.probe(), session.chip(),
                                          session.chip().sectors.front());
    return writes;
  }
  // Whether the controller still erases although nobody has unlocked it.
  [[nodiscard]] static bool obeys(
      Session &session, const std::vector<std::pair<std::uint32_t, std::uint32_t>> &writes) {
    const std::uint64_t before = session.board().target().statistics().page_erases;
    for (const auto &[address, value] : writes) session.set_word(address, value);
    session.board().target().advance(
        2 * std::chrono::duration_cast<Nanoseconds>(session.chip().sectors.front().erase_maximum));
    return session.board().target().statistics().page_erases != before;
  }
};
FLASHHOST_PER_PART_SUITE(FamilyInAJob);

TEST_P(FamilyInAJob, WritesImagesOfAnyStartAndLengthAndKeepsWhatIsAroundThem) {
  FLASHHOST_PROMISE("family.hpp: the host owns the procedure, the family owns the facts");
  const Bytes before = old_content();
  for (const bool by_loader : loaders(described(part()))) {
    SCOPED_TRACE(by_loader ? "by the loader" : "by the direct path");
    Session session(board_with(part()), before);
    Job job(described(part()));
    if (!by_loader) job.without_loader();
    expect_good(job.run(session), session, by_loader);
    EXPECT_EQ(session.difference(job.wanted(session.chip(), before)), "");
    const JobEnd again = job.run(session);
    EXPECT_TRUE(again.good) << in_words(again);
    EXPECT_EQ(again.report.erased_sectors, 0U)
        << "the second run erased sectors although nothing had changed";
  }
}

TEST_P(FamilyInAJob, FillsTheWholeFlash) {
  FLASHHOST_PROMISE("chip.hpp, sectors: tile flash");
  constexpr std::uint32_t most = 64 * 1024;
  const Chip named = described(part());
  if (named.flash.size > most && !run().every_part) {
    return not_tried("filling the whole flash, which is large; --all does");
  }
  Session session(board_with(part()), old_content());
  Job job(named);
  job.segments = {{named.flash.address, random_bytes(named.flash.size, 31)}};
  expect_good(job.run(session), session, !family().loader(named).code.empty());
  EXPECT_EQ(session.difference(job.segments.front().data), "");
}

TEST_P(FamilyInAJob, LeavesTheCoreAsTheBoardFileAsks) {
  FLASHHOST_PROMISE("family.hpp, prepare, finish and UndoLog: nothing of a job is left");
  for (const ResetAfter reset : {ResetAfter::run, ResetAfter::halt, ResetAfter::none}) {
    SCOPED_TRACE(reset == ResetAfter::run ? "run" : reset == ResetAfter::halt ? "halt" : "none");
    Session session(board_with(part()), old_content());
    session.connect();
    const Registers before = session.tidy_registers();
    Job job(session.chip());
    job.segments = {firmware(session.chip())};
    job.reset = reset;
    const JobEnd end = job.run(session);
    ASSERT_TRUE(end.good) << in_words(end);
    session.board().target().advance(5ms);
    const std::uint32_t status = session.word(cortex_m::dhcsr).value_or(0);
    EXPECT_EQ((status & cortex_m::dhcsr_s_halt) != 0, reset != ResetAfter::run);
    for (const auto &[address, value] : before) {
      EXPECT_EQ(hex(session.word(address).value_or(~value)), hex(value))
          << hex(address) << " is not as it was before the job";
    }
    if (reset != ResetAfter::run) continue;
    EXPECT_EQ(session.word(session.chip().ram.address), marker)
        << "the firmware at " << hex(session.chip().boot_address) << " does not start";
  }
}

TEST_P(FamilyInAJob, ReportsTheSectorThatTheChipBootsFrom) {
  FLASHHOST_PROMISE("chip.hpp, boot_address: first address of the sector that it boots from now");
  Session session(board_with(part()), {});
  session.connect();
  EXPECT_TRUE(std::ranges::any_of(session.chip().sectors, [&](const Sector &sector) {
    return sector.address == session.chip().boot_address;
  })) << hex(session.chip().boot_address);
  Job job(session.chip());
  job.segments = {firmware(session.chip())};
  ASSERT_TRUE(job.run(session).good);
  session.board().target().power_cycle();
  session.board().target().advance(20ms);
  EXPECT_EQ(session.word(session.chip().ram.address), marker)
      << "after a power cycle the firmware at " << hex(session.chip().boot_address)
      << " does not start";
}

TEST_P(FamilyInAJob, LocksTheControllerWhenItIsDone) {
  FLASHHOST_PROMISE("loader_abi.h, UnInit; family.hpp, finish: after a loader the flash is locked");
  if (family().direct_flash() == nullptr) {
    return not_tried("whether the controller is locked: there is no direct path to try it with");
  }
  const auto writes = erase_by_hand(part());
  Session fresh(board_with(part()), old_content());
  fresh.connect();
  fresh.probe().halt();
  if (obeys(fresh, writes)) {
    return not_tried("whether the controller is locked: it obeys in any case");
  }
  if (family().loader(fresh.chip()).uninit != LoaderCode::none) {
    Session session(board_with(part()), old_content());
    session.prepared();
    session.with({}, [](FlashAccess &) {});
    EXPECT_FALSE(obeys(session, writes)) << "after UnInit the controller still erases";
  }
  for (const ResetAfter reset : {ResetAfter::halt, ResetAfter::none}) {
    Session session(board_with(part()), old_content());
    Job job(fresh.chip());
    job.reset = reset;
    ASSERT_TRUE(job.run(session).good);
    EXPECT_FALSE(obeys(session, writes)) << "after a job the controller still erases";
  }
}

TEST_P(FamilyInAJob, KnowsHowFastTheCoreRunsAndHowLongTheFlashMayTake) {
  FLASHHOST_PROMISE("family.hpp, LoaderCode::clock_hz: core clock after Init");
  const Chip named = described(part());
  if (family().loader(named).code.empty()) return not_tried("the clock: there is no loader");
  const auto warnings = [&](const char *fault) {
    Session session(board_with(part(), {fault}), old_content());
    Job job(named);
    const JobEnd end = job.run(session);
    EXPECT_TRUE(end.good) << in_words(end);
    return session.told().warnings;
  };
  EXPECT_EQ(warnings("flash_time=maximum"), "")
      << "slow flash was reported although it keeps the datasheet's maxima: "
         "clock_hz is too low, or the maxima are";
  EXPECT_NE(warnings("flash_time=1.6x"), "")
      << "flash that takes 1.6 times the datasheet's maximum goes unnoticed: clock_hz is too high, "
         "or the maxima are";
}

}  // namespace

}  // namespace flashhost::conformance
