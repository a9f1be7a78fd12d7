// In what state firmware or an earlier debugger leaves the core, by the fault switches.
#include "left_behind.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace sim_test::left_in_core_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t ipsr_mask = 0x1FF;
constexpr std::uint32_t thumb = 1U << 24;
constexpr std::uint32_t sleepdeep = 4;
constexpr std::uint32_t s_sleep = 1U << 18;

class LeftInCore : public LeftBehind {};

INSTANTIATE_TEST_SUITE_P(Series, LeftInCore, testing::Values("STM32F103RG", "STM32F407VG"),
                         [](const auto &part) { return part.param; });

struct Halted {
  const char *state;
  std::uint32_t program_status;  // of 0x070FFFFF
  std::uint32_t masks;           // CONTROL, FAULTMASK, BASEPRI, PRIMASK
  std::uint32_t active;          // SHCSR.SYSTICKACT
};

TEST_P(LeftInCore, TheCoreIsHaltedInTheStateThatIsAskedFor) {
  constexpr std::uint32_t systick_active = 1U << 11;
  for (const Halted &row :
       {Halted{"handler", thumb | 15, 0, systick_active},
        Halted{"it_block", thumb | 1U << 25, 0, 0}, Halted{"multi_load", thumb | 5U << 12, 0, 0},
        Halted{"thumb_clear", 0, 0, 0}, Halted{"unprivileged", thumb, 3U << 24, 0},
        Halted{"primask", thumb, 1, 0}, Halted{"faultmask", thumb, 1U << 16, 0},
        Halted{"basepri", thumb, 0x1000, 0}, Halted{"vectclr", thumb, 0, systick_active}}) {
    SCOPED_TRACE(row.state);
    Bench board = running(std::string("left_halted=") + row.state);
    EXPECT_EQ(board.read(address::dhcsr) & 0x20003, 0x20003U);
    EXPECT_EQ(board.reg(core::xpsr) & 0x070FFFFF, row.program_status);
    EXPECT_EQ(board.reg(core::control), row.masks);
    EXPECT_EQ(board.read(address::shcsr) & systick_active, row.active);
    EXPECT_THAT(board.reg(core::pc), AllOf(Ge(entry), Le(entry + 4)));
    EXPECT_TRUE(board.target.statistics().notes.empty());
    board.system_reset();
    EXPECT_FALSE(board.halted());
    board.halt();
    EXPECT_EQ(board.reg(core::xpsr) & 0x070FFFFF, thumb);
    EXPECT_EQ(board.reg(core::control), 0U);
    EXPECT_EQ(board.read(address::shcsr), 0U);
  }
}

TEST_P(LeftInCore, AnUnprivilegedCoreIsOnAStackInSram) {
  Bench board = running("left_halted=unprivileged");
  const std::uint32_t psp = board.reg(18);
  EXPECT_EQ(board.reg(core::sp), psp);
  board.write(psp - 4, 7);
  EXPECT_EQ(board.read(psp - 4), 7U);
}

TEST(LeftInCoreBy, AnUnknownStateIsRefusedNamingThoseThatThereAre) {
  try {
    const Bench board(config("STM32F103CB", {"left_halted=upside_down"}));
    FAIL();
  } catch (const std::invalid_argument &problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("handler, it_block, multi_load"));
  }
}

TEST_P(LeftInCore, AWaitingCoreIsWokenByTheDebugger) {
  Bench board = running("asleep=wfi");
  EXPECT_NE(board.read(address::dhcsr) & s_sleep, 0U);
  board.halt();
  EXPECT_TRUE(board.halted());
}

TEST_P(LeftInCore, InStopAndStandbyTheChipIsSilentUntilItsResetPinMoves) {
  for (const char *fault : {"asleep=stop", "asleep=standby"}) {
    SCOPED_TRACE(fault);
    Bench board = running(fault);
    EXPECT_EQ(board.target.connect(), Ack::no_response);
    board.target.advance(1s);
    EXPECT_EQ(board.try_read(address::dhcsr), Ack::no_response);
    board.target.set_nrst(0);
    EXPECT_EQ(board.target.connect(), Ack::ok);
    board.target.set_nrst(1);
    board.target.advance(1ms);
    EXPECT_EQ(board.read(address::dhcsr) & s_sleep, 0U);
    EXPECT_EQ(board.read(scs + 0xD10) & sleepdeep, 0U);
    board.halt();
    EXPECT_GT(board.reg(0), 100U);  // the firmware counts
  }
}

TEST_P(LeftInCore, InStopTheChipAnswersWithItsDebugBit) {
  Bench board = running("systick=1000");  // a state of any kind, so that there is a contact
  board.write(address::dbgmcu, 2);
  board.write(scs + 0xD10, sleepdeep);
  board.halt();
  ASSERT_FALSE(board.execute(snippet::wait_for_interrupt));
  EXPECT_NE(board.read(address::dhcsr) & s_sleep, 0U);
  board.write(address::dbgmcu, 4);
  EXPECT_EQ(board.try_read(address::dhcsr), Ack::no_response);
}

TEST_P(LeftInCore, WithoutAResetWireASleepingChipStaysSilent) {
  Config chosen = config(GetParam(), {"asleep=stop", "nrst_not_wired"});
  Bench board(chosen);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::no_response);
}

TEST_P(LeftInCore, SwdIsSilentWhereItsPinsAreTakenUntilAReset) {
  Bench board = running("swd_pins_off");
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::ok);
  board.target.set_nrst(1);
  board.target.advance(1ms);
  EXPECT_EQ(board.target.connect(), Ack::ok);
}

TEST_P(LeftInCore, ACoreInLockupSaysSoAndCanBeHalted) {
  Bench board = running("lockup");
  EXPECT_NE(board.read(address::dhcsr) & core::s_lockup, 0U);
  board.halt();
  EXPECT_EQ(board.read(address::dhcsr) & core::s_lockup, 0U);
  EXPECT_EQ(board.reg(core::xpsr) & ipsr_mask, 3U);
  board.system_reset();
  board.halt();
  EXPECT_EQ(board.reg(core::xpsr) & ipsr_mask, 0U);
}

TEST_P(LeftInCore, TheMpuForbidsToExecuteAndToWriteInSram) {
  Bench board = waiting("mpu");
  board.halt();
  EXPECT_FALSE(board.execute(snippet::two_moves, address::sram + 0x2000));
  EXPECT_NE(board.read(address::cfsr) & 1, 0U);  // IACCVIOL
  board.system_reset();
  board.halt();
  EXPECT_TRUE(board.execute(snippet::two_moves, address::sram + 0x2000));
}

TEST_P(LeftInCore, TheMpuForbidsWritingEvenToAHardFaultHandler) {
  Bench board(config(GetParam(), {"mpu"}), {{0x40, snippet::store_word}}, entry);
  board.write(address::sram + 0x800, 1);
  board.halt();
  board.prepare(entry);
  board.set_reg(core::sp, address::sram + 0x2000);
  board.set_reg(16, thumb | 3);
  board.write(address::shcsr, 0);
  board.set_reg(0, address::sram + 0x800);
  board.set_reg(1, 2);
  (void)board.run_to_halt(1ms);
  EXPECT_EQ(board.read(address::sram + 0x800), 1U);
  EXPECT_NE(board.read(address::cfsr) & 2, 0U);  // DACCVIOL
}

}  // namespace
}  // namespace sim_test::left_in_core_rules
