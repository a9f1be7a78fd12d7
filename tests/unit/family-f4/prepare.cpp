#include "f4_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using testing::ElementsAre;
using testing::HasSubstr;

void prepare(fake::F4Board &board, UndoLog &undo) {
  f4::prepare(board.host, board.probe, board.chip, undo);
}

std::string failure_of(fake::F4Board &board, UndoLog &undo, Errc code) {
  try {
    prepare(board, undo);
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), code);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "nothing was thrown";
}

TEST(F4Prepare, AfterAResetUnlocksTheFlashAndFreezesTheWatchdogs) {
  fake::F4Board board;
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.control, 0U);
  EXPECT_EQ(board.probe.peek(f4::dbgmcu_cr), 7U);
  EXPECT_EQ(board.probe.peek(f4::dbgmcu_apb1_fz), 0x1800U);
  EXPECT_EQ(board.probe.written(stm32::iwdg_kr), 0xAAAAU);
}

TEST(F4Prepare, SwitchesTheCachesOffBeforeItResetsThem) {
  fake::F4Board board;
  board.probe.poke(f4::flash_acr, 0x705);
  UndoLog undo;
  prepare(board, undo);
  std::vector<std::uint32_t> values;
  for (const fake::Write &write : board.probe.writes) {
    if (write.address == f4::flash_acr) values.push_back(write.value);
  }
  EXPECT_THAT(values, ElementsAre(5U, 0x1805U, 5U));
  EXPECT_EQ(cortex_m::restore(board.probe, undo, false), "");
  EXPECT_EQ(board.probe.peek(f4::flash_acr), 0x705U);
}

TEST(F4Prepare, OnlyTheDebugUnitSurvivesAReset) {
  fake::F4Board board;
  UndoLog undo;
  prepare(board, undo);
  for (const UndoStep &step : undo) {
    EXPECT_EQ(step.survives_reset,
              step.address == f4::dbgmcu_cr || step.address == f4::dbgmcu_apb1_fz)
        << step.what;
  }
}

TEST(F4Prepare, StopsEveryMasterButTheCore) {
  fake::F4Board board;
  board.probe.poke(f4::rcc_ahb1enr, 0x7EF417FF);
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.probe.peek(f4::rcc_ahb1enr), 0x001417FFU);
}

TEST(F4Prepare, ClearsErrorsAndStaleControlBitsOfAnOpenController) {
  fake::F4Board board;
  board.control = f4::cr_ser | f4::cr_pg | 5U << 3;
  board.status = f4::sr_errors;
  UndoLog undo;
  prepare(board, undo);
  EXPECT_EQ(board.control, 0U);
  EXPECT_EQ(board.status, 0U);
}

TEST(F4Prepare, AControllerLockedUntilResetAsksForAReset) {
  fake::F4Board board;
  board.keys = -1;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::target), HasSubstr("does not unlock"));
}

TEST(F4Prepare, AControllerThatStaysBusyIsNamedWithinABound) {
  fake::F4Board board;
  board.busy_reads = 1'000'000;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::flash), HasSubstr("still busy"));
  EXPECT_FALSE(undo.empty());
}

TEST(F4Prepare, AnOscillatorThatDoesNotStartIsNamed) {
  fake::F4Board board;
  board.probe.poke(f4::rcc_cr, 0);
  board.hsi_starts = false;
  UndoLog undo;
  EXPECT_THAT(failure_of(board, undo, Errc::target), HasSubstr("(HSI) does not start"));
}

TEST(F4Prepare, LogsEachUndoStepBeforeItsChange) {
  // Cut off after each call: whatever was changed must be in the log.
  for (int calls = 0; calls < 60; ++calls) {
    fake::F4Board board;
    board.probe.poke(f4::rcc_ahb1enr, 0x00700000);
    board.probe.poke(f4::rcc_cr, 0x03030083);
    board.probe.poke(f4::rcc_cfgr, 0x940A);
    board.probe.poke(f4::flash_acr, 0x705);
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
      left = -1;
    }
    board.probe.on_read = read;
    board.probe.on_write = write;
    (void)cortex_m::restore(board.probe, undo, false);
    EXPECT_EQ(board.probe.peek(f4::dbgmcu_apb1_fz), 0U) << calls;
    EXPECT_EQ(board.probe.peek(f4::rcc_ahb1enr), 0x00700000U) << calls;
    EXPECT_EQ(board.probe.peek(f4::rcc_cfgr), 0x940AU) << calls;
    EXPECT_EQ(board.probe.peek(f4::flash_acr), 0x705U) << calls;
    EXPECT_EQ(board.control & f4::cr_lock, f4::cr_lock) << calls;
  }
}

}  // namespace
