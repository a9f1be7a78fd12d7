#include "f1_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;

void prepare(fake::F1Board &board, UndoLog &undo) {
  f1::prepare(board.host, board.probe, board.chip, undo);
}

std::string failure_of(fake::F1Board &board, UndoLog &undo, Errc code) {
  try {
    prepare(board, undo);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), code);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "nothing was thrown";
}

TEST(F1Prepare, AfterAResetUnlocksTheFlashAndFreezesTheWatchdogs) {
  fake::F1Board board;
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.banks[0].control, 0U);
  EXPECT_EQ(board.probe.peek(f1::dbgmcu_cr), 0x307U);
  EXPECT_EQ(board.probe.written(f1::iwdg_kr), 0xAAAAU);
}

TEST(F1Prepare, UndoPutsEverythingBackInOrder) {
  fake::F1Board board;
  board.probe.poke(f1::dbgmcu_cr, 0x20);
  board.probe.poke(f1::rcc_ahbenr, 0x1D57);
  board.probe.poke(f1::rcc_cr, 0x03030082 | f1::rcc_pllon);
  board.probe.poke(f1::rcc_cfgr, 0x001D840A);
  board.probe.poke(f1::flash_acr, 0x32);
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.probe.peek(f1::rcc_ahbenr) & 3, 0U);
  EXPECT_EQ(board.probe.peek(f1::rcc_cfgr), 0x001D8400U & ~f1::rcc_prescalers);
  EXPECT_EQ(board.probe.peek(f1::rcc_cr) & 3, 3U) << "HSI on and ready";
  // As a loader would leave it that lost its way.
  board.probe.poke(f1::flash_acr, 0);
  board.probe.poke(f1::rcc_cfgr, 0x00100000);
  EXPECT_EQ(cortex_m::restore(board.probe, undo, false), "");
  EXPECT_EQ(board.probe.peek(f1::dbgmcu_cr), 0x20U);
  EXPECT_EQ(board.probe.peek(f1::rcc_ahbenr), 0x1D57U);
  EXPECT_EQ(board.probe.peek(f1::flash_acr), 0x32U);
  EXPECT_EQ(board.probe.peek(f1::rcc_cfgr) & 0x001D8403, 0x001D8402U);
  EXPECT_EQ(board.banks[0].control, f1::cr_lock);
  const auto at = [&](std::uint32_t address, std::uint32_t value) {
    return std::ranges::find(board.probe.writes.rbegin(), board.probe.writes.rend(),
                             fake::Write{address, value});
  };
  EXPECT_GT(at(f1::flash_acr, 0x32), at(f1::rcc_cfgr, 0x001D840A))
      << "wait states before the clock goes up";
}

TEST(F1Prepare, OnlyTheDebugUnitSurvivesAReset) {
  fake::F1Board board;
  UndoLog undo;
  prepare(board, undo);
  for (const UndoStep &step : undo) {
    EXPECT_EQ(step.survives_reset, step.address == f1::dbgmcu_cr) << step.what;
  }
}

TEST(F1Prepare, ClearsErrorsAndStaleControlBitsOfAnOpenController) {
  fake::F1Board board;
  board.banks[0].control = f1::cr_per | f1::cr_mer | f1::cr_pg | f1::cr_optwre;
  board.banks[0].status = f1::sr_errors;
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.banks[0].control, 0U);
  EXPECT_EQ(board.banks[0].status, 0U);
}

TEST(F1Prepare, AControllerLockedUntilResetAsksForAReset) {
  fake::F1Board board;
  board.banks[0].keys = -1;
  UndoLog undo;
  const std::string message = failure_of(board, undo, Errc::target);
  EXPECT_THAT(message, HasSubstr("does not unlock"));
  EXPECT_THAT(message, HasSubstr("until the next reset"));
}

TEST(F1Prepare, AKeySequenceThatSomeoneBeganAsksForAReset) {
  fake::F1Board board;
  board.banks[0].keys = 1;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::target), HasSubstr("does not unlock"));
}

TEST(F1Prepare, StartsTheInternalOscillator) {
  fake::F1Board board;
  board.probe.poke(f1::rcc_cr, 0x00030080);
  board.probe.poke(f1::rcc_cfgr, 0x05);
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.probe.peek(f1::rcc_cr) & 3, 3U);
  EXPECT_EQ(board.probe.peek(f1::rcc_cfgr), 0U);
}

TEST(F1Prepare, AnOscillatorThatDoesNotStartIsNamed) {
  fake::F1Board board;
  board.probe.poke(f1::rcc_cr, 0);
  board.hsi_starts = false;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::target), HasSubstr("(HSI) does not start"));
}

TEST(F1Prepare, AClockThatDoesNotSwitchIsNamed) {
  fake::F1Board board;
  board.probe.poke(f1::rcc_cfgr, 0x0A);
  board.clock_switches = false;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::target), HasSubstr("does not switch"));
}

TEST(F1Prepare, KeepsThePrescalersUntilTheClockIsSlow) {
  fake::F1Board board;
  board.probe.poke(f1::rcc_cfgr, 0x001D840A);
  UndoLog undo;
  prepare(board, undo);
  std::vector<std::uint32_t> values;
  for (const fake::Write &write : board.probe.writes) {
    if (write.address == f1::rcc_cfgr) values.push_back(write.value & ~stm32::sws);
  }
  EXPECT_THAT(values, ElementsAre(0x001D8400U, 0x001D8400U & ~f1::rcc_prescalers));
}

TEST(F1Prepare, StopsTheEthernetControllerAsWell) {
  fake::F1Board board("STM32F107VC");
  board.probe.poke(f1::rcc_ahbenr, 0x1C014);
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.probe.peek(f1::rcc_ahbenr), 0x14U);
}

TEST(F1Prepare, TakesTheClockFromARunningWindowWatchdog) {
  fake::F1Board board;
  board.probe.poke(f1::rcc_apb1enr, f1::apb1_wwdg | 1);
  board.probe.poke(f1::wwdg_cr, 0xFF);
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.probe.peek(f1::rcc_apb1enr), 1U);
}

TEST(F1Prepare, LeavesAStandingWindowWatchdogAlone) {
  fake::F1Board board;
  board.probe.poke(f1::rcc_apb1enr, f1::apb1_wwdg);
  board.probe.poke(f1::wwdg_cr, 0x7F);
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.probe.written(f1::rcc_apb1enr), std::nullopt);
}

TEST(F1Prepare, WaitsForAnOperationOfTheOldFirmware) {
  fake::F1Board board;
  board.banks[0].busy_reads = 30;
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.banks[0].busy_reads, 0);
}

TEST(F1Prepare, AControllerThatStaysBusyIsNamedWithinABound) {
  fake::F1Board board;
  board.banks[0].busy_reads = 1'000'000;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::flash), HasSubstr("still busy after 240 ms"));
  EXPECT_LT(board.probe.clock, std::chrono::milliseconds(300));
  EXPECT_FALSE(undo.empty());
}

TEST(F1Prepare, OpensBothBanksOfTheXlLine) {
  fake::F1Board board("STM32F103ZG");
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.banks[0].control, 0U);
  EXPECT_EQ(board.banks[1].control, 0U);
  EXPECT_EQ(cortex_m::restore(board.probe, undo, false), "");
  EXPECT_EQ(board.banks[0].control, f1::cr_lock);
  EXPECT_EQ(board.banks[1].control, f1::cr_lock);
}

TEST(F1Prepare, LogsEachUndoStepBeforeItsChange) {
  // Cut off after each call: whatever was changed must be in the log.
  for (int calls = 0; calls < 60; ++calls) {
    fake::F1Board board;
    board.probe.poke(f1::rcc_ahbenr, 0x17);
    board.probe.poke(f1::rcc_cfgr, 0x001D840A);
    UndoLog undo;
    int left = calls;
    const auto read = board.probe.on_read;
    const auto write = board.probe.on_write;
    const auto count = [&] {
      if (left-- == 0) throw Error(Errc::target, "cut off");
    };
    board.probe.on_read = [&](std::uint32_t address) {
      count();
      return read(address);
    };
    board.probe.on_write = [&](std::uint32_t address, std::uint32_t value) {
      const bool handled = write(address, value);
      count();
      return handled;
    };
    try {
      prepare(board, undo);
    } catch (const Error &) {
      board.probe.on_read = read;
      board.probe.on_write = write;
    }
    left = -1;
    board.probe.on_read = read;
    board.probe.on_write = write;
    (void)cortex_m::restore(board.probe, undo, false);
    EXPECT_EQ(board.probe.peek(f1::dbgmcu_cr), 0U) << calls;
    EXPECT_EQ(board.probe.peek(f1::rcc_ahbenr), 0x17U) << calls;
    EXPECT_EQ(board.probe.peek(f1::rcc_cfgr) & ~stm32::sws, 0x001D8402U) << calls;
    EXPECT_EQ(board.banks[0].control & f1::cr_lock, f1::cr_lock) << calls;
  }
}

}  // namespace
