// Instructions, interrupts, exceptions and their time.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::core_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t counter = address::sram + 0x800;
constexpr std::uint32_t handler = address::sram + 0x200;
constexpr std::uint32_t table = address::sram + 0x400;

// Halted, with a vector table in SRAM whose every entry is the counting handler.
struct Prepared : Bench {
  Prepared() {
    halt();
    load(snippet::systick_handler, handler);
    for (std::uint32_t i = 1; i < 84; ++i) write(table + 4 * i, handler | 1U);
    write(address::vtor, table);
    write(counter, 0);
  }
};

void start_systick(Bench &board, std::uint32_t reload, std::uint32_t control = 7) {
  board.write(address::systick + 4, reload);
  board.write(address::systick + 8, 0);
  board.write(address::systick, control);
}

TEST(Core, RunsAnIfThenBlock) {
  Bench board;
  board.halt();
  board.set_reg(1, 0);
  ASSERT_TRUE(board.execute(snippet::it_block));
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.reg(1), 0U);
}

TEST(Core, DividesAndMultiplies) {
  Bench board;
  board.halt();
  board.set_reg(0, 1000);
  board.set_reg(1, 7);
  ASSERT_TRUE(board.execute(snippet::divide));
  EXPECT_EQ(board.reg(2), 142U);
  EXPECT_EQ(board.reg(3), 7000U);
}

TEST(Core, PushesAndPops) {
  Bench board;
  board.halt();
  board.set_reg(0, 11);
  board.set_reg(1, 22);
  board.set_reg(core::lr, 33);
  ASSERT_TRUE(board.execute(snippet::push_pop));
  EXPECT_EQ(board.reg(0), 11U);
  EXPECT_EQ(board.reg(1), 22U);
  EXPECT_EQ(board.reg(2), 33U);
}

TEST(Core, ExecutesWhatItWroteOverItsOwnCode) {
  constexpr std::uint16_t loop[] = {0x2001,   // movs r0, #1
                                    0x8011,   // strh r1, [r2]: over the first
                                    0x2802,   // cmp  r0, #2
                                    0xD1FB,   // bne  to the first
                                    0xBE00};  // bkpt
  Bench board;
  board.halt();
  board.set_reg(1, 0x2002);  // movs r0, #2
  board.set_reg(2, address::sram);
  ASSERT_TRUE(board.execute(loop));
  EXPECT_EQ(board.reg(0), 2U);
}

TEST(Core, MovesBetweenSpecialRegisters) {
  Bench board;
  board.halt();
  board.set_reg(4, address::sram + 0x600);
  ASSERT_TRUE(board.execute(snippet::special));
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.reg(1), 0U);
  EXPECT_EQ(board.reg(2), 2U);
  EXPECT_EQ(board.reg(3), address::sram + 0x600);
  EXPECT_EQ(board.reg(5), 0x40U);
  EXPECT_EQ(board.reg(8), address::sram + 0x600);
  EXPECT_EQ(board.reg(17), address::sram + 0x1000);
  EXPECT_EQ(board.reg(18), address::sram + 0x600);
  EXPECT_EQ(board.reg(core::control), 0x02004000U);
}

TEST(Core, ExecutesSpecialInstructionsInsideAnIfThenBlock) {
  Bench board;
  board.halt();
  board.set_reg(4, 0);
  board.set_reg(5, 0);
  board.set_reg(6, 1);
  ASSERT_TRUE(board.execute(snippet::special_in_it));
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.reg(4), 1U);
  EXPECT_EQ(board.reg(5), 0U);
}

TEST(Core, CountsCyclesAtItsClock) {
  for (const std::uint32_t prescaler : {0U, 8U, 0xFU}) {  // HCLK = 8 MHz, 4 MHz, 15.625 kHz
    Bench board;
    board.halt();
    board.write(address::rcc + 4, prescaler << 4);
    const std::uint32_t divider = prescaler == 0 ? 1 : prescaler == 8 ? 2 : 512;
    board.load(snippet::timed);
    board.prepare(address::sram);
    board.resume();
    const Nanoseconds whole = 16 * 125ns * divider;
    board.target.advance(whole - 60ns * divider);
    EXPECT_FALSE(board.halted());
    board.target.advance(120ns * divider);
    EXPECT_TRUE(board.halted());
  }
}

TEST(Core, RunsFromThePllOnceItIsLocked) {
  Bench board;
  board.halt();
  board.write(address::rcc + 4, 4U << 18);  // HSI / 2 * 6
  board.write(address::rcc, board.read(address::rcc) | 1U << 24);
  EXPECT_EQ(board.read(address::rcc) & 1U << 25, 0U);
  board.write(address::rcc + 4, 4U << 18 | 2U);
  EXPECT_EQ(board.read(address::rcc + 4) & 0xC, 0U);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(address::rcc + 4) & 0xC, 8U);
  board.write(address::systick + 4, 0xFFFFFF);
  board.write(address::systick + 8, 0);
  board.write(address::systick, 5);
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(100us);
  EXPECT_NEAR(0x1000000 - board.read(address::systick + 8), 2400, 4);
}

TEST(Core, TakesSysTickInterruptsAndReturns) {
  Prepared board;
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.set_reg(0, 0x1111);
  board.set_reg(1, 0x2222);
  start_systick(board, 7999);  // 1 ms at 8 MHz
  board.resume();
  board.target.advance(10'500us);
  EXPECT_EQ(board.read(counter), 10U);
  board.halt();
  EXPECT_EQ(board.reg(core::pc), address::sram);
  EXPECT_EQ(board.reg(0), 0x1111U);
  EXPECT_EQ(board.reg(1), 0x2222U);
  EXPECT_EQ(board.reg(core::sp), address::sram + 0x1000);
  EXPECT_EQ(board.reg(core::xpsr), 0x01000000U);
}

TEST(Core, HoldsInterruptsBackWithPrimaskUntilItIsCleared) {
  Prepared board;
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.set_reg(core::control, 1);
  start_systick(board, 7999);
  board.resume();
  board.target.advance(5ms);
  EXPECT_EQ(board.read(counter), 0U);
  board.halt();
  board.set_reg(core::control, 0);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.read(counter), 1U);
}

TEST(Core, HoldsInterruptsBackForTheDebugger) {
  Prepared board;
  board.load(snippet::forever);
  board.prepare(address::sram);
  start_systick(board, 7999);
  board.write(address::dhcsr, 0xA05F000B);
  board.write(address::dhcsr, 0xA05F0009);
  board.target.advance(5ms);
  EXPECT_EQ(board.read(counter), 0U);
}

TEST(Core, SysTickStandsStillWhileHalted) {
  Prepared board;
  start_systick(board, 7999);
  board.target.advance(50ms);
  EXPECT_EQ(board.read(address::systick) & 1U << 16, 0U);
}

TEST(Core, TakesAPendedPendSv) {
  Prepared board;
  ASSERT_TRUE(board.execute(snippet::nested_handlers));
  EXPECT_EQ(board.read(counter), 1U);
}

TEST(Core, TakesBothOfTwoPendingInterruptsInOrder) {
  Prepared board;
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.write(0xE000E100, 0x3);         // enable IRQ 0 and 1
  board.write(0xE000E400, 0x00001020);  // IRQ 1 is the more urgent
  board.write(0xE000E200, 0x3);         // pend
  EXPECT_EQ(board.read(address::icsr) >> 12 & 0x1FF, 17U);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.read(counter), 2U);
}

TEST(Core, TakesAnNmiWhateverIsMasked) {
  Prepared board;
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.set_reg(core::control, 1U << 16 | 1U);  // FAULTMASK, PRIMASK
  board.write(address::icsr, 1U << 31);
  EXPECT_EQ(board.read(address::icsr) & 1U << 31, 1U << 31);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.read(counter), 1U);
  EXPECT_EQ(board.read(address::icsr) & 1U << 31, 0U);
}

TEST(Core, AnNmiInterruptsAHardFault) {
  Prepared board;
  board.load(snippet::forever, handler + 0x40);
  board.write(table + 4 * 3, (handler + 0x40) | 1U);
  board.load(snippet::undefined);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.read(address::icsr) & 0x1FF, 3U);
  board.write(address::icsr, 1U << 31);
  board.target.advance(100us);
  EXPECT_EQ(board.read(counter), 1U);
  EXPECT_EQ(board.read(address::icsr) & 0x1FF, 3U);
}

TEST(Core, AFaultInTheNmiHandlerLocksItUp) {
  Prepared board;
  board.load(snippet::undefined, handler + 0x40);
  board.write(table + 4 * 2, (handler + 0x40) | 1U);
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.write(address::icsr, 1U << 31);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.read(address::dhcsr) & core::s_lockup, core::s_lockup);
}

TEST(Core, CallsTheSupervisor) {
  Prepared board;
  ASSERT_TRUE(board.execute(snippet::supervisor_call));
  EXPECT_EQ(board.read(counter), 1U);
  EXPECT_EQ(board.reg(0), 7U);
  EXPECT_EQ(board.reg(1), 9U);
}

TEST(Core, SleepsUntilAnInterrupt) {
  Prepared board;
  start_systick(board, 79'999);  // 10 ms
  board.load(snippet::wait_for_interrupt);
  board.prepare(address::sram);
  board.set_reg(0, 0);
  board.resume();
  board.target.advance(5ms);
  EXPECT_NE(board.read(address::dhcsr) & 1U << 18, 0U);
  board.target.advance(6ms);
  EXPECT_TRUE(board.halted());
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.read(counter), 1U);
}

TEST(Core, LeavesSleepForTheDebugger) {
  Prepared board;
  board.load(snippet::wait_for_interrupt);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(1ms);
  EXPECT_FALSE(board.halted());
  board.halt();
  EXPECT_TRUE(board.halted());
}

TEST(Core, FaultsInArmState) {
  Prepared board;
  board.write(address::demcr, 0x01000400);
  board.set_reg(0, handler);
  ASSERT_TRUE(board.execute(snippet::jump_to_arm));
  EXPECT_EQ(board.read(address::cfsr), 1U << 17);
}

TEST(Core, FaultsWhenItRunsIntoNothing) {
  Prepared board;
  board.write(address::demcr, 0x01000400);
  board.set_reg(0, 0x60000001);
  ASSERT_TRUE(board.execute(snippet::jump_to_arm));
  EXPECT_EQ(board.read(address::cfsr), 1U << 8);
  board.prepare(address::sram);
  board.set_reg(0, 0x40000001);
  board.write(address::cfsr, 0xFFFFFFFF);
  board.write(address::aircr, 0x05FA0002);
  ASSERT_TRUE(board.execute(snippet::jump_to_arm));
  EXPECT_EQ(board.read(address::cfsr), 1U);
}

TEST(Core, FaultsUnprivilegedCodeThatTouchesSystemRegisters) {
  Prepared board;
  board.write(address::demcr, 0x01000400);
  ASSERT_TRUE(board.execute(snippet::write_psp_and_fault));
  EXPECT_EQ(board.read(address::bfar), 0xE000E010U);
}

TEST(Core, FaultsALoadInsideAnIfThenBlock) {
  Prepared board;
  board.write(address::demcr, 0x01000400);
  board.set_reg(0, 0x60000000);
  board.set_reg(2, 5);
  ASSERT_TRUE(board.execute(snippet::load_in_it));
  EXPECT_EQ(board.read(address::bfar), 0x60000000U);
  EXPECT_EQ(board.reg(2), 5U);
  EXPECT_EQ(board.read(board.reg(core::sp) + 24), address::sram + 4);
}

TEST(Core, AnInterruptedLoaderJumpsIntoTheVectorTableInForce) {
  // The report that started the project: an interrupt whose vector has just been erased.
  Bench board;
  board.halt();
  board.write(address::vtor, address::flash);
  board.load(snippet::forever);
  board.prepare(address::sram);
  start_systick(board, 7999);
  board.resume();
  board.target.advance(2ms);
  EXPECT_NE(board.read(address::dhcsr) & core::s_lockup, 0U);
}

TEST(Core, ReadsAndWritesSingleBitsThroughTheBitBand) {
  Bench board;
  board.halt();
  board.write(counter, 0x10);
  board.set_reg(0, 0x22000000 + 0x800 * 32 + 4 * 4);
  ASSERT_TRUE(board.execute(snippet::load_word));
  EXPECT_EQ(board.reg(2), 1U);
  board.set_reg(0, 0x22000000 + 0x800 * 32 + 4 * 9);
  board.set_reg(1, 1);
  ASSERT_TRUE(board.execute(snippet::store_word));
  EXPECT_EQ(board.read(counter), 0x210U);
}

TEST(Core, TheMpuOfAnXlPartForbidsExecutionAndWriting) {
  Bench board(config("STM32F103RG"));
  board.halt();
  board.write(address::demcr, 0x01000400);
  const auto region = [&](std::uint32_t attributes) {
    board.write(0xE000ED98, 0);
    board.write(0xE000ED9C, address::sram);
    board.write(0xE000EDA0, attributes | 15U << 1 | 1U);  // 64 KiB
    board.write(0xE000ED94, 5);
  };
  region(1U << 28 | 3U << 24);  // never execute
  ASSERT_TRUE(board.execute(snippet::two_moves));
  EXPECT_EQ(board.read(address::cfsr) & 1U, 1U);
  board.write(address::cfsr, 0xFFFFFFFF);
  board.write(address::aircr, 0x05FA0002);
  region(6U << 24);  // read only
  board.write(counter, 1);
  board.set_reg(0, counter);
  board.set_reg(1, 2);
  board.load(snippet::store_word);
  board.prepare(address::sram);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.read(counter), 1U);
  EXPECT_NE(board.read(address::cfsr) & 2U, 0U);
}

TEST(Core, AMediumDensityPartHasNoMpu) {
  Bench board;
  board.write(0xE000ED94, 1);
  EXPECT_EQ(board.read(0xE000ED94), 0U);
  EXPECT_EQ(board.read(0xE000ED90), 0U);
}

TEST(Core, IdentifiesItself) {
  Bench board;
  EXPECT_EQ(board.read(0xE000ED00), 0x411FC231U);
  EXPECT_EQ(board.target.debug_port_id(), 0x1BA01477U);
}

TEST(Core, SysTickRegisterCountsDown) {
  Prepared board;
  start_systick(board, 999, 5);
  board.set_reg(0, address::systick + 8);
  ASSERT_TRUE(board.execute(snippet::count_systick));
  EXPECT_EQ(board.reg(1) - board.reg(2), 2U);
  EXPECT_EQ(board.reg(2) - board.reg(3), 2U);
  EXPECT_THAT(board.reg(1), AllOf(Ge(990U), Le(1000U)));
}

}  // namespace
}  // namespace sim_test::core_rules
