// Level 2 of families: a flash controller that earlier software has left open, with error flags, or
// both.
#include "family/bad_board.hpp"
#include "family/job.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>

namespace flashhost::conformance {

namespace {

// Programming cells that are not erased sets error flags. The direct path then throws and leaves
// its control bits set and the controller open.
class FamilyAfterAnError : public FamilyWithFaults {
 protected:
  static std::uint32_t spoiled_place(const Chip &chip) {
    return chip.flash.address + 16 * chip.write_unit();
  }
  static void spoil(Probe &probe, const Chip &chip) {
    try {
      DirectFlash &direct = *family().direct_flash();
      direct.program(probe, chip, spoiled_place(chip),
                     Bytes(std::size_t{4} * chip.write_unit(), 0xA5), direct.widths(chip).front());
    } catch (const Error &) {  // NOLINT(bugprone-empty-catch): expected; another test checks it
    }
  }
  static bool has_errors(Session &session, const Chip &chip) {
    const std::uint32_t status = session.status_now(chip, spoiled_place(chip)).value_or(0);
    return (status & status_mask(chip, StatusBit::Meaning::error)) != 0;
  }
  // old_content with its last sector erased.
  static Bytes half_erased(const Chip &chip) {
    return erased(chip, old_content(), chip.sectors.back().range());
  }
  static Chip halted(Probe &probe) {
    probe.attach(AttachMode::attach);
    Identity identity = family().identify(probe);
    Chip chip = identity.chip.value_or(Chip{});
    family().settle(probe, chip);
    static_cast<void>(cortex_m::reset_and_halt(probe));
    return chip;
  }
};
FLASHHOST_PARTS_SUITE(FamilyAfterAnError, parts_to_break());

TEST_P(FamilyAfterAnError, IsPreparedAsAfterAReset) {
  FLASHHOST_PROMISE("family.hpp, prepare: errors and stale control bits cleared, unlocked");
  if (family().direct_flash() == nullptr) return not_tried("stale flags: there is no direct path");
  Session session(board_with(part()), old_content());
  const auto probe = session.fresh_probe();
  const Chip chip = halted(*probe);
  UndoLog undo;
  family().prepare(*probe, chip, undo);
  Registers clean = session.tidy_registers();
  for (const UndoStep &step : undo) {
    if (const auto value = session.word(step.address)) clean[step.address] = *value;
  }
  EXPECT_TRUE(undo.empty() || !session.tidy_registers().empty())
      << "prepare changes registers, and the model names none by which one sees whether they are "
         "put back: give it tidy_registers";
  spoil(*probe, chip);
  if (!has_errors(session, chip)) return not_tried("stale flags: the error left none");
  UndoLog again;
  family().prepare(*probe, chip, again);
  EXPECT_FALSE(has_errors(session, chip))
      << "after prepare the status still says "
      << explain_status(chip, spoiled_place(chip),
                        session.status_now(chip, spoiled_place(chip)).value_or(0));
  for (const auto &[address, value] : clean) {
    EXPECT_EQ(hex(session.word(address).value_or(~value)), hex(value))
        << hex(address) << " is not as prepare leaves it after a reset";
  }
}

TEST_P(FamilyAfterAnError, WritesWithoutAResetBefore) {
  FLASHHOST_PROMISE("family.hpp, prepare: whatever state the flash controller is found in");
  if (family().direct_flash() == nullptr) return not_tried("stale flags: there is no direct path");
  const Chip named = described(part());
  for (const bool by_loader : {true, false}) {
    if (by_loader && family().loader(named).code.empty()) continue;
    SCOPED_TRACE(by_loader ? "by the loader" : "by the direct path");
    Session session(board_with(part()), old_content());
    {
      const auto probe = session.fresh_probe();
      const Chip chip = halted(*probe);
      UndoLog lost;
      family().prepare(*probe, chip, lost);
      spoil(*probe, chip);
    }
    const Bytes before = session.board().flash();
    Job job(named);
    if (!by_loader) job.without_loader();
    job.reset = ResetAfter::none;
    const JobEnd end = job.run(session);
    EXPECT_TRUE(end.good) << in_words(end);
    EXPECT_EQ(end.report.passes, 1) << session.told().warnings;
    EXPECT_EQ(session.difference(job.wanted(named, before)), "");
  }
}

TEST_P(FamilyAfterAnError, DoesTheNextOperationAsIfNothingHadHappened) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash and LoaderCode: flags of earlier operations");
  if (family().direct_flash() == nullptr) return not_tried("stale flags: there is no direct path");
  const Chip named = described(part());
  const Sector last = named.sectors.back();
  const Bytes data(std::size_t{4} * named.write_unit(), 0x5A);
  Session trial(board_with(part()), half_erased(named));
  trial.prepared();
  const Writes spoiling = trial.writes_of([&] { spoil(trial.probe(), trial.chip()); });
  std::vector<Way> ways = trial.ways();
  ways.resize(std::min<std::size_t>(ways.size(), 2));
  for (const Way &way : ways) {
    for (const bool erases : {true, false}) {
      SCOPED_TRACE(in_words(way) + (erases ? ", erasing" : ", programming"));
      Session session(board_with(part()), half_erased(named));
      session.prepared();
      const Chip chip = session.chip();
      const auto access = session.start(way);
      session.replay(spoiling);
      if (!has_errors(session, chip)) {
        not_tried("stale flags: the error leaves none");
        continue;
      }
      const Bytes before = session.board().flash();
      const Sector &target = erases ? chip.sectors.front() : last;
      try {
        if (erases) {
          access->erase(target);
        } else {
          access->program(target.address, data, [](std::uint32_t) {});
        }
        access->drain();
        access->finish();
      } catch (const Error &error) {
        ADD_FAILURE() << "flags of the previous operation were reported as its own: "
                      << error.what();
      }
      EXPECT_EQ(session.difference(erases ? erased(chip, before, target.range())
                                          : with_bytes(chip, before, target.address, data)),
                "");
    }
  }
}

}  // namespace

}  // namespace flashhost::conformance
