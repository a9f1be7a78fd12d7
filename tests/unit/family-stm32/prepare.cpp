#include "both_boards.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using bench::text_and_hint_of;
using fake::Write;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct PrepareTable {
  std::vector<Write> frozen;      // registers of the debug unit, as they are then
  std::vector<Write> running;     // what a running firmware has set
  std::uint32_t pll_cfgr = 0;     // SYSCLK = PLL, with prescalers
  const char *masters_part = "";  // with as many masters as there can be
  std::uint32_t all_clocks = 0, clocks_left = 0;
  std::uint32_t stale = 0;  // FLASH_CR
  const char *patience = "";
  Nanoseconds bound{};
};

const PrepareTable &preparation_of(fake::F1) {
  using namespace f1;
  static const PrepareTable table{
      .frozen = {{dbgmcu_cr, 0x307}},
      .running = {{rcc_ahbenr, 0x17}, {rcc_cfgr, 0x001D840A}, {flash_acr, 0x32}},
      .pll_cfgr = 0x001D840A,
      .masters_part = "STM32F107VC",
      .all_clocks = 0x1C017,
      .clocks_left = 0x14,
      .stale = cr_per | cr_mer | cr_pg | cr_optwre,
      .patience = "still busy after 240 ms",
      .bound = std::chrono::milliseconds(300)};
  return table;
}

const PrepareTable &preparation_of(fake::F4) {
  using namespace f4;
  static const PrepareTable table{.frozen = {{dbgmcu_cr, 7}, {dbgmcu_apb1_fz, 0x1800}},
                                  .running = {{rcc_ahb1enr, 0x00700000},
                                              {rcc_cr, 0x03030083},
                                              {rcc_cfgr, 0x940A},
                                              {flash_acr, 0x705}},
                                  .pll_cfgr = 0x940A,
                                  .masters_part = "STM32F407VG",
                                  .all_clocks = 0x7EF417FF,
                                  .clocks_left = 0x001417FF,
                                  .stale = cr_ser | cr_pg | 5U << 3,
                                  .patience = "still busy after 96 s",
                                  .bound = std::chrono::seconds(97)};
  return table;
}

template <class Board>
class Stm32Prepare : public testing::Test {
 protected:
  using Family = typename Board::Family;
  void prepare() { board.prepare(); }
  std::string failure(Errc code) {
    return text_and_hint_of(code, [&] { board.prepare(); });
  }

  Board board;
  const PrepareTable &table = preparation_of(Family());
};
TYPED_TEST_SUITE(Stm32Prepare, fake::Boards, fake::FamilyName);

TYPED_TEST(Stm32Prepare, AfterAResetUnlocksTheFlashAndFreezesTheWatchdogs) {
  this->prepare();
  EXPECT_EQ(this->board.controller.control, 0U);
  for (const Write &reg : this->table.frozen) {
    EXPECT_EQ(this->board.probe.peek(reg.address), reg.value) << hex(reg.address);
  }
  EXPECT_EQ(this->board.probe.written(stm32::iwdg_kr), 0xAAAAU);
}

TYPED_TEST(Stm32Prepare, OnlyTheDebugUnitSurvivesAReset) {
  this->prepare();
  for (const UndoStep &step : this->board.undo) {
    const bool frozen = std::ranges::count(this->table.frozen, step.address, &Write::address) != 0;
    EXPECT_EQ(step.survives_reset, frozen) << step.what;
  }
}

TYPED_TEST(Stm32Prepare, StopsEveryMasterButTheCore) {
  TypeParam large(this->table.masters_part);
  large.probe.poke(TypeParam::Family::rcc_ahbenr, this->table.all_clocks);
  large.prepare();
  EXPECT_EQ(large.probe.peek(TypeParam::Family::rcc_ahbenr), this->table.clocks_left);
}

TYPED_TEST(Stm32Prepare, ClearsErrorsAndStaleControlBitsOfAnOpenController) {
  this->board.controller.control = this->table.stale;
  this->board.controller.status = TypeParam::Family::sr_errors;
  this->prepare();
  EXPECT_EQ(this->board.controller.control, 0U);
  EXPECT_EQ(this->board.controller.status, 0U);
}

TYPED_TEST(Stm32Prepare, AControllerLockedUntilResetAsksForAReset) {
  this->board.controller.keys = -1;
  EXPECT_THAT(this->failure(Errc::target),
              AllOf(HasSubstr("does not unlock"), HasSubstr("until the next reset")));
}

TYPED_TEST(Stm32Prepare, AKeySequenceThatSomeoneBeganAsksForAReset) {
  this->board.controller.keys = 1;
  EXPECT_THAT(this->failure(Errc::target), HasSubstr("does not unlock"));
}

TYPED_TEST(Stm32Prepare, StartsTheInternalOscillator) {
  this->board.probe.poke(TypeParam::Family::rcc_cr, 0x00030080);
  this->board.probe.poke(TypeParam::Family::rcc_cfgr, 0x05);
  this->prepare();
  EXPECT_EQ(this->board.probe.peek(TypeParam::Family::rcc_cr) & 3, 3U);
  EXPECT_EQ(this->board.probe.peek(TypeParam::Family::rcc_cfgr), 0U);
}

TYPED_TEST(Stm32Prepare, AnOscillatorThatDoesNotStartIsNamed) {
  this->board.probe.poke(TypeParam::Family::rcc_cr, 0);
  this->board.hsi_starts = false;
  EXPECT_THAT(this->failure(Errc::target), HasSubstr("(HSI) does not start"));
}

TYPED_TEST(Stm32Prepare, AClockThatDoesNotSwitchIsNamed) {
  this->board.probe.poke(TypeParam::Family::rcc_cfgr, 0x0A);
  this->board.clock_switches = false;
  EXPECT_THAT(this->failure(Errc::target), HasSubstr("does not switch"));
}

TYPED_TEST(Stm32Prepare, KeepsThePrescalersUntilTheClockIsSlow) {
  constexpr std::uint32_t cfgr = TypeParam::Family::rcc_cfgr;
  this->board.probe.poke(cfgr, this->table.pll_cfgr);
  this->prepare();
  std::vector<std::uint32_t> values = this->board.written(cfgr);
  for (std::uint32_t &value : values) value &= ~stm32::sws;
  const std::uint32_t switched = this->table.pll_cfgr & ~(stm32::sw | stm32::sws);
  EXPECT_THAT(values, ElementsAre(switched, switched & ~TypeParam::Family::rcc_prescalers));
}

TYPED_TEST(Stm32Prepare, TakesTheClockFromARunningWindowWatchdog) {
  this->board.probe.poke(TypeParam::Family::rcc_apb1enr, stm32::apb1_wwdg | 1);
  this->board.probe.poke(stm32::wwdg_cr, 0xFF);
  this->prepare();
  EXPECT_EQ(this->board.probe.peek(TypeParam::Family::rcc_apb1enr), 1U);
}

TYPED_TEST(Stm32Prepare, AWindowWatchdogThatKeepsItsClockIsRefusedWithoutAnotherAttempt) {
  constexpr std::uint32_t clocks = TypeParam::Family::rcc_apb1enr;
  this->board.probe.poke(clocks, stm32::apb1_wwdg);
  this->board.probe.poke(stm32::wwdg_cr, 0xFF);
  this->board.probe.on_write = [others = this->board.probe.on_write](auto address, auto value) {
    return address == clocks || others(address, value);
  };
  EXPECT_THAT(this->failure(Errc::refused),
              AllOf(HasSubstr("window watchdog is running and cannot be stopped"),
                    HasSubstr("--reset run or --reset halt, or reset = \"run\" or \"halt\"")));
}

TYPED_TEST(Stm32Prepare, LeavesAStandingWindowWatchdogAlone) {
  this->board.probe.poke(TypeParam::Family::rcc_apb1enr, stm32::apb1_wwdg);
  this->board.probe.poke(stm32::wwdg_cr, 0x7F);
  this->prepare();
  EXPECT_EQ(this->board.probe.written(TypeParam::Family::rcc_apb1enr), std::nullopt);
}

TYPED_TEST(Stm32Prepare, WaitsForAnOperationOfTheOldFirmware) {
  this->board.controller.busy_reads = 30;
  this->prepare();
  EXPECT_EQ(this->board.controller.busy_reads, 0);
}

TYPED_TEST(Stm32Prepare, AControllerThatStaysBusyIsNamedWithinABound) {
  this->board.controller.busy_reads = 1'000'000;
  EXPECT_THAT(this->failure(Errc::flash), HasSubstr(this->table.patience));
  EXPECT_LT(this->board.probe.clock, this->table.bound);
  EXPECT_FALSE(this->board.undo.empty());
}

TYPED_TEST(Stm32Prepare, LogsEachUndoStepBeforeItsChange) {
  // Cut off after each call: whatever was changed must be in the log.
  for (int calls = 0; calls < 60; ++calls) {
    TypeParam fresh;
    fake::Probe &probe = fresh.probe;
    for (const Write &reg : this->table.running) probe.poke(reg.address, reg.value);
    int left = calls;
    const auto read = probe.on_read;
    const auto write = probe.on_write;
    const auto count = [&] {
      if (left-- == 0) throw Error(Errc::target, "cut off");
    };
    probe.on_read = [&](std::uint32_t address) {
      count();
      return read(address);
    };
    probe.on_write = [&](std::uint32_t address, std::uint32_t value) {
      const bool handled = write(address, value);
      count();
      return handled;
    };
    try {
      fresh.prepare();
    } catch (const Error &) {
      left = -1;
    }
    probe.on_read = read;
    probe.on_write = write;
    EXPECT_EQ(cortex_m::restore(probe, fresh.undo, false), "");
    for (const Write &reg : this->table.frozen) EXPECT_EQ(probe.peek(reg.address), 0U) << calls;
    for (const Write &reg : this->table.running) {
      EXPECT_EQ(hex(probe.peek(reg.address)), hex(reg.value)) << hex(reg.address) << ", " << calls;
    }
    EXPECT_EQ(fresh.controller.control & TypeParam::Family::cr_lock, TypeParam::Family::cr_lock)
        << calls;
  }
}

}  // namespace
