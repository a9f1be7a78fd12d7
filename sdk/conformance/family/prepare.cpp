// Level 2 of families: prepare, and its undo steps.
#include "family/on_board.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <chrono>

namespace flashhost::conformance {

using namespace std::chrono_literals;

namespace {

class FamilyPrepares : public FamilyOnAGoodBoard {
 protected:
  static bool is_status(const Chip &chip, std::uint32_t address) {
    return std::ranges::any_of(chip.status.registers, [&](const StatusRegister &source) {
      return source.address == address;
    });
  }
  static bool is_undone(const UndoLog &undo, std::uint32_t address) {
    return std::ranges::any_of(undo, [&](const UndoStep &step) { return step.address == address; });
  }
  // A target that is attached and halted as the host does it; the test then calls the family's
  // prepare.
  struct Halted {
    explicit Halted(Session &session) : probe(session.fresh_probe()) {
      probe->attach(AttachMode::attach);
      Identity identity = family().identify(*probe);
      if (!identity.chip) throw Error(Errc::target, "it was not identified");
      chip = *identity.chip;
      family().settle(*probe, chip);
      static_cast<void>(cortex_m::reset_and_halt(*probe));
    }
    std::unique_ptr<Probe> probe;
    Chip chip;
  };
  static void expect_same(const Registers &now, const Registers &before, const char *when) {
    for (const auto &[address, value] : before) {
      const auto found = now.find(address);
      ASSERT_NE(found, now.end()) << hex(address) << " does not answer " << when;
      EXPECT_EQ(hex(found->second), hex(value)) << hex(address) << ", " << when;
    }
  }
};
FLASHHOST_PER_PART_SUITE(FamilyPrepares);

TEST_P(FamilyPrepares, WithEachChangeInTheUndoLogBeforeItIsMade) {
  FLASHHOST_PROMISE("family.hpp, prepare: each change is appended to undo before it is made");
  Session session(board_with(part()), old_content());
  Halted target(session);
  UndoLog undo;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> changed;  // address and value before
  const bench::WatchingProbe::HookScope scope(session.hooks());
  session.hooks().before_write = [&](std::uint32_t address, auto data, Width) {
    for (std::uint32_t at = address & ~3U; at < address + data.size(); at += 4) {
      if (is_status(target.chip, at) || is_undone(undo, at)) continue;
      if (const auto value = session.word(at)) changed.emplace_back(at, *value);
    }
    // A write may change another register: a key, for example.
    for (const auto &[at, value] : session.tidy_registers()) {
      if (!is_undone(undo, at)) changed.emplace_back(at, value);
    }
  };
  session.hooks().after_any = [&] {
    for (const auto &[address, before] : changed) {
      const auto now = session.word(address);
      EXPECT_TRUE(now == before) << hex(address) << " was changed from " << hex(before) << " to "
                                 << hex(now.value_or(0)) << " without an undo step";
    }
    changed.clear();
  };
  family().prepare(*target.probe, target.chip, undo);
}

TEST_P(FamilyPrepares, AndTheUndoLogInReversePutsEveryRegisterBack) {
  FLASHHOST_PROMISE("family.hpp, UndoStep: applied in reverse order on every way out");
  Session session(board_with(part()), old_content());
  Halted target(session);
  const Registers before = session.tidy_registers();
  for (int round = 0; round < 2; ++round) {
    UndoLog undo;
    family().prepare(*target.probe, target.chip, undo);
    EXPECT_EQ(cortex_m::restore(*target.probe, undo, false), "");
    expect_same(session.tidy_registers(), before, "after prepare and undo");
  }
  UndoLog undo;
  family().prepare(*target.probe, target.chip, undo);
  family().prepare(*target.probe, target.chip, undo);
  EXPECT_EQ(cortex_m::restore(*target.probe, undo, false), "");
  expect_same(session.tidy_registers(), before, "after prepare twice and undo");
}

TEST_P(FamilyPrepares, AndWhatAResetKeepsIsUndoneAfterIt) {
  FLASHHOST_PROMISE("family.hpp, UndoStep::survives_reset");
  Session session(board_with(part()), old_content());
  Halted target(session);
  const Registers before = session.tidy_registers();
  UndoLog undo;
  family().prepare(*target.probe, target.chip, undo);
  static_cast<void>(cortex_m::reset_and_halt(*target.probe));
  EXPECT_EQ(cortex_m::restore(*target.probe, undo, true), "");
  expect_same(session.tidy_registers(), before, "after prepare, reset and the rest of undo");
}

TEST_P(FamilyPrepares, AndPutsBackWhatFirmwareHadSetThere) {
  FLASHHOST_PROMISE("family.hpp, UndoStep::value: what was there before");
  Session session(board_with(part()), old_content());
  Halted target(session);
  UndoLog steps;
  family().prepare(*target.probe, target.chip, steps);
  static_cast<void>(cortex_m::restore(*target.probe, steps, false));
  // Bits that firmware may well have set, one by one, in the registers that prepare changes.
  for (const UndoStep &step : steps) {
    const auto original = session.word(step.address);
    if (!original) continue;
    for (unsigned bit = 0; bit < 32; ++bit) {
      const std::uint32_t bit_set = *original ^ (1U << bit);
      const auto settled = [&] {  // clocks need time to start
        session.board().target().advance(5ms);
        return session.word(step.address);
      };
      session.set_word(step.address, bit_set);
      const auto before = settled();
      if (before && ((*before ^ bit_set) & (1U << bit)) == 0) {
        UndoLog undo;
        try {
          family().prepare(*target.probe, target.chip, undo);
        } catch (const Error &) {  // a bit that stops the chip
          static_cast<void>(cortex_m::reset_and_halt(*target.probe));
          break;
        }
        EXPECT_EQ(cortex_m::restore(*target.probe, undo, false), "");
        const auto now = settled();
        EXPECT_TRUE(now == before)
            << hex(step.address) << " was " << hex(*before) << " before prepare, and is "
            << hex(now.value_or(0)) << " after undo";
      }
      session.set_word(step.address, *original);
    }
  }
}

}  // namespace

}  // namespace flashhost::conformance
