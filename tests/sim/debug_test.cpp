// The core's debug registers, as docs/reference/cortex-m-debug.md sections 2, 3 and 6 describe
// them.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::debug_rules {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t vectors_of_firmware = address::flash;
constexpr std::uint32_t entry = address::flash + 0x40;

Config with_firmware(bool runs) {
  Config chosen = config();
  chosen.firmware_runs = runs;
  return chosen;
}

// Runs a loop in flash.
struct Running : Bench {
  explicit Running(bool runs = true)
      : Bench(with_firmware(runs), {{0x40, snippet::count_up}}, entry) {}
};

// Where the ROM table says that something is, debuggers look for its class and part.
TEST(Debug, LetsDebuggersFindThePartsOfTheCore) {
  Running board;
  constexpr std::uint32_t table = 0xE00FF000;
  const auto id = [&](std::uint32_t base, std::uint32_t offset) {
    std::uint32_t value = 0;
    for (std::uint32_t i = 4; i-- > 0;) value = value << 8 | board.read(base + offset + 4 * i);
    return value;
  };
  EXPECT_EQ(id(table, 0xFF0), 0xB105100D);
  std::vector<std::uint32_t> parts;
  for (std::uint32_t at = table; board.read(at) != 0; at += 4) {
    const std::uint32_t base = table + (board.read(at) & 0xFFFFF000);
    EXPECT_EQ(id(base, 0xFF0) & 0xFFFF0FFF, 0xB105000D) << std::hex << base;
    EXPECT_EQ(id(base, 0xFD0), 4U);
    EXPECT_EQ(id(base, 0xFE0) >> 12 & 0xFF, 0xBBU);
    parts.push_back(id(base, 0xFE0) & 0xFFF);
  }
  EXPECT_THAT(parts, testing::ElementsAre(0x000, 0x002, 0x003, 0x001, 0x923));
}

TEST(Debug, IgnoresControlWritesWithoutTheKey) {
  Running board;
  board.write(address::dhcsr, 0x00000003);
  EXPECT_FALSE(board.halted());
  board.write(address::dhcsr, 0xA05E0003);
  EXPECT_FALSE(board.halted());
  board.write(address::dhcsr, 0xA05F0003);
  EXPECT_TRUE(board.halted());
  EXPECT_EQ(board.read(address::dhcsr) & 0xFFFF, 3U);
}

TEST(Debug, EnablesAndHaltsInOneWriteButDoesNotHaltWithoutEnable) {
  Running board;
  board.write(address::dhcsr, 0xA05F0002);
  board.target.advance(1ms);
  EXPECT_FALSE(board.halted());
  board.write(address::dhcsr, 0xA05F0003);
  EXPECT_TRUE(board.halted());
}

TEST(Debug, ShowsAResetOnceInDhcsr) {
  Running board;
  (void)board.read(address::dhcsr);
  EXPECT_EQ(board.read(address::dhcsr) & core::s_reset_st, 0U);
  board.system_reset();
  EXPECT_NE(board.read(address::dhcsr) & core::s_reset_st, 0U);
  EXPECT_EQ(board.read(address::dhcsr) & core::s_reset_st, 0U);
}

TEST(Debug, KeepsShowingResetWhileHeldInIt) {
  Running board;
  board.target.set_nrst(0);
  EXPECT_NE(board.read(address::dhcsr) & core::s_reset_st, 0U);
  EXPECT_NE(board.read(address::dhcsr) & core::s_reset_st, 0U);
  board.target.set_nrst(1);
  board.target.advance(1ms);
  (void)board.read(address::dhcsr);
  EXPECT_EQ(board.read(address::dhcsr) & core::s_reset_st, 0U);
}

TEST(Debug, ShowsThatInstructionsRetire) {
  constexpr std::uint32_t retired = 1U << 24;
  Running board;
  EXPECT_NE(board.read(address::dhcsr) & retired, 0U);
  board.halt();
  (void)board.read(address::dhcsr);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(address::dhcsr) & retired, 0U);
  board.resume();
  board.target.advance(1us);
  EXPECT_NE(board.read(address::dhcsr) & retired, 0U);
}

TEST(Debug, ResetReleasesAHaltedCore) {
  Running board;
  board.halt();
  board.system_reset();
  EXPECT_FALSE(board.halted());
  EXPECT_EQ(board.read(address::dhcsr) & 1U, 1U);
}

TEST(Debug, ResetKeepsEnableCatchAndFaultStatus) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000500);
  board.write(0xE0002000, 3);
  board.write(0xE0002008, 0x48000101);
  board.system_reset();
  EXPECT_EQ(board.read(address::demcr), 0x01000500U);
  EXPECT_EQ(board.read(address::dhcsr) & 1U, 1U);
  EXPECT_EQ(board.read(address::dfsr), 1U);
  EXPECT_EQ(board.read(0xE0002000) & 1U, 1U);
  EXPECT_EQ(board.read(0xE0002008), 0x48000101U);
}

TEST(Debug, PowerOnClearsEverything) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000500);
  board.target.power_cycle();
  board.target.advance(5ms);
  EXPECT_EQ(board.read(address::demcr), 0U);
  EXPECT_EQ(board.read(address::dhcsr) & 0xF, 0U);
}

TEST(Debug, HaltsAtTheResetVectorWhenCatchingReset) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000001);
  board.write(address::dfsr, 0x1F);
  board.system_reset();
  ASSERT_TRUE(board.halted());
  EXPECT_EQ(board.read(address::dfsr), 8U);
  EXPECT_EQ(board.reg(core::pc), entry);
  EXPECT_EQ(board.reg(core::sp), 0x20001000U);
  EXPECT_EQ(board.reg(core::xpsr), 0x01000000U);
}

TEST(Debug, HaltsAtTheResetVectorAfterThePinToo) {
  Running board;
  board.target.set_nrst(0);
  board.write(address::dhcsr, 0xA05F0003);
  board.write(address::demcr, 0x01000001);
  EXPECT_EQ(board.try_read(vectors_of_firmware), Ack::fault);
  board.target.clear_sticky_error();
  board.target.advance(1ms);
  EXPECT_FALSE(board.halted());
  board.target.set_nrst(1);
  board.target.advance(1ms);
  ASSERT_TRUE(board.halted());
  EXPECT_EQ(board.reg(core::pc), entry);
}

TEST(Debug, NotesThatMaskintsChangedWhileRunning) {
  Running board;
  board.write(address::dhcsr, 0xA05F0009);
  ASSERT_EQ(board.target.statistics().notes.size(), 1U);
  EXPECT_THAT(board.target.statistics().notes[0], HasSubstr("C_MASKINTS"));
}

TEST(Debug, NotesNothingWhenMaskintsIsChangedByTheBook) {
  Running board;
  board.halt();
  for (const std::uint32_t value : {0xA05F000B, 0xA05F0009, 0xA05F000B, 0xA05F0003, 0xA05F0001}) {
    board.write(address::dhcsr, value);
    board.target.advance(1ms);
  }
  EXPECT_TRUE(board.target.statistics().notes.empty());
}

TEST(Debug, NotesARegisterAccessWhileRunning) {
  Running board;
  board.write(address::dcrsr, 15);
  ASSERT_EQ(board.target.statistics().notes.size(), 1U);
  EXPECT_THAT(board.target.statistics().notes[0], HasSubstr("DCRSR"));
}

TEST(Debug, AccumulatesHaltReasonsUntilCleared) {
  Running board;
  board.halt();
  ASSERT_TRUE(board.execute(snippet::breakpoint));
  EXPECT_EQ(board.read(address::dfsr), 2U);
  EXPECT_EQ(board.reg(core::pc), address::sram);
  board.load(snippet::forever);
  board.resume();
  board.target.advance(1ms);
  board.halt();
  EXPECT_EQ(board.read(address::dfsr), 3U);
  EXPECT_EQ(board.read(address::dfsr), 3U);
  board.write(address::dfsr, 2);
  EXPECT_EQ(board.read(address::dfsr), 1U);
}

TEST(Debug, StepsExactlyOneInstruction) {
  Running board;
  board.halt();
  board.load(snippet::three_adds);
  board.prepare(address::sram);
  board.set_reg(0, 0);
  for (std::uint32_t i = 1; i <= 2; ++i) {
    board.write(address::dhcsr, 0xA05F0005);
    board.target.advance(1us);
    ASSERT_TRUE(board.halted());
    EXPECT_EQ(board.reg(0), i);
    EXPECT_EQ(board.reg(core::pc), address::sram + 2 * i);
    EXPECT_EQ(board.read(address::dfsr), 1U);
  }
}

TEST(Debug, StepsThroughAnIfThenBlock) {
  Running board;
  board.halt();
  board.load(snippet::it_block);
  board.prepare(address::sram);
  board.set_reg(0, 0);
  board.set_reg(1, 0);
  for (int i = 0; i < 3; ++i) {
    board.write(address::dhcsr, 0xA05F0005);
    board.target.advance(1us);
  }
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.reg(core::pc), address::sram + 6);
  EXPECT_NE(board.reg(core::xpsr) & 0x0600FC00, 0U);
  board.write(address::dhcsr, 0xA05F0005);
  board.target.advance(1us);
  EXPECT_EQ(board.reg(1), 0U);
  EXPECT_EQ(board.reg(core::pc), address::sram + 8);
  EXPECT_EQ(board.reg(core::xpsr) & 0x0600FC00, 0U);
}

TEST(Debug, HonoursTheIfThenStateThatADebuggerWrites) {
  Running board;
  board.halt();
  board.load(snippet::two_moves);
  board.prepare(address::sram);
  board.set_reg(0, 0);
  board.set_reg(1, 0);
  board.set_reg(core::xpsr, 1U << 24 | 2U << 10);  // IT for one instruction: EQ, and Z is clear
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.reg(0), 0U);
  EXPECT_EQ(board.reg(1), 2U);
}

TEST(Debug, FaultsAtTheFirstInstructionWithoutTheThumbBit) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000400);
  board.load(snippet::two_moves);
  board.prepare(address::sram);
  board.set_reg(core::xpsr, 0);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.read(address::cfsr), 1U << 17);
  EXPECT_EQ(board.reg(core::xpsr) & 0x1FF, 3U);
}

TEST(Debug, CatchesAHardFault) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000500);
  board.set_reg(0, 0x60000000);
  ASSERT_TRUE(board.execute(snippet::load_word));
  EXPECT_EQ(board.read(address::dfsr), 8U);
  EXPECT_EQ(board.read(address::hfsr), 1U << 30);
  EXPECT_EQ(board.read(address::cfsr), 0x8200U);
  EXPECT_EQ(board.read(address::bfar), 0x60000000U);
  EXPECT_EQ(board.reg(core::xpsr) & 0x1FF, 3U);
  EXPECT_EQ(board.read(board.reg(core::sp) + 24), address::sram);  // stacked PC
}

TEST(Debug, CatchesABusFaultThatHasItsOwnHandler) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000100);
  board.write(address::shcsr, 1U << 17);
  board.set_reg(0, 0x60000000);
  ASSERT_TRUE(board.execute(snippet::load_word));
  EXPECT_EQ(board.read(address::dfsr), 8U);
  EXPECT_EQ(board.read(address::hfsr), 0U);
  EXPECT_EQ(board.reg(core::xpsr) & 0x1FF, 5U);
}

TEST(Debug, EscalatesAFaultWithoutAHandlerToHardFault) {
  Running board;
  board.halt();
  board.write(address::demcr, 0x01000400);
  ASSERT_TRUE(board.execute(snippet::undefined));
  EXPECT_EQ(board.reg(core::xpsr) & 0x1FF, 3U);
  EXPECT_EQ(board.read(address::cfsr), 1U << 16);
}

TEST(Debug, LocksUpWhenTheFaultHandlerFaults) {
  Bench board;  // blank flash: no vectors
  board.target.advance(1ms);
  board.halt();
  board.write(address::dfsr, 0x1F);
  ASSERT_TRUE(board.halted());
  board.load(snippet::undefined);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(1ms);
  EXPECT_NE(board.read(address::dhcsr) & core::s_lockup, 0U);
  board.halt();
  EXPECT_EQ(board.read(address::dhcsr) & core::s_lockup, 0U);
  EXPECT_EQ(board.reg(core::pc), 0xFFFFFFFEU);
}

TEST(Debug, ABreakpointWithoutADebuggerIsAHardFault) {
  Config runs = config();
  runs.firmware_runs = true;
  Bench board(runs, {{0x40, snippet::breakpoint}}, entry);
  board.target.advance(1ms);
  EXPECT_FALSE(board.halted());
  EXPECT_NE(board.read(address::hfsr) & 1U << 31, 0U);
}

TEST(Debug, StopsAtAHardwareBreakpointInFlash) {
  Running board(false);
  board.halt();
  board.write(0xE0002000, 3);
  board.write(0xE0002008, (2U << 30) | entry | 1U);  // upper halfword: entry + 2
  board.prepare(entry);
  board.set_reg(0, 0);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.reg(core::pc), entry + 2);
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.read(address::dfsr), 2U);
}

TEST(Debug, AFaultSticksToTheAccessPortUntilCleared) {
  Running board;
  EXPECT_EQ(board.try_read(0x60000000), Ack::fault);
  EXPECT_EQ(board.try_read(address::sram), Ack::fault);
  EXPECT_EQ(board.try_write(address::sram, 1), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.try_read(address::sram), Ack::ok);
}

TEST(Debug, RunsCodeThatTheDebuggerHasJustReplaced) {
  Running board;
  board.halt();
  ASSERT_TRUE(board.execute(snippet::two_moves));
  EXPECT_EQ(board.reg(0), 1U);
  board.set_reg(0, 10);
  ASSERT_TRUE(board.execute(snippet::three_adds));
  EXPECT_EQ(board.reg(0), 13U);
}

TEST(Debug, RunsFlashThatHasJustBeenProgrammed) {
  Bench board;
  board.halt();
  board.unlock();
  constexpr std::uint32_t at = address::flash + 0x2000;
  for (int round = 0; round < 2; ++round) {
    std::span<const std::uint16_t> code = snippet::two_moves;
    if (round != 0) code = snippet::breakpoint;
    for (std::size_t i = 0; i < code.size(); ++i) {
      board.program(at + 2 * static_cast<std::uint32_t>(i), code[i]);
    }
    board.prepare(at);
    ASSERT_TRUE(board.run_to_halt());
    EXPECT_EQ(board.reg(core::pc), round == 0 ? at + 4 : at);
    board.erase_page(at);
  }
}

TEST(Debug, KeepsTheResetWireInTheAirWhenItIsNotWired) {
  for (const bool by_fault : {false, true}) {
    Config chosen = config();
    if (by_fault) {
      chosen.faults = {"nrst_not_wired"};
    } else {
      chosen.nrst_wired = false;
    }
    Bench board(chosen, {{0x40, snippet::count_up}}, entry);
    (void)board.read(address::dhcsr);
    board.target.set_nrst(0);
    EXPECT_EQ(board.read(address::dhcsr) & core::s_reset_st, 0U);
    EXPECT_EQ(board.target.statistics().system_resets, 0U);
  }
}

TEST(Debug, AVectorResetLeavesThePeripheralsAlone) {
  Running board;
  board.halt();
  board.unlock();
  board.write(address::aircr, 0x05FA0001);
  board.target.advance(1us);
  EXPECT_EQ(board.read(address::flash_cr) & cr::lock, 0U);
}

}  // namespace
}  // namespace sim_test::debug_rules
