// The option bytes of the STM32F4: protection, banks, what a debugger at level 1 can still do.
#include "f4_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sim_test::f4::options_rules {
namespace {

constexpr std::uint32_t optlock = 1, optstrt = 2, level0 = 0xAA00, rdp = 0xFF00, db1m = 1U << 30;

void start_options(Board &board, std::uint32_t value) {
  board.write(optcr, value & ~(optlock | optstrt));
  board.write(optcr, (value & ~optlock) | optstrt);
  board.wait(std::chrono::milliseconds(10));
}

TEST(F4Options, AreAsTheFactoryLeavesThem) {
  EXPECT_EQ(Board().read(optcr), 0x0FFFAAEDU);
  Board large("STM32F429ZI");
  EXPECT_EQ(large.read(optcr), 0x0FFFAAEDU);
  EXPECT_EQ(large.read(optcr1), 0x0FFF0000U);
  EXPECT_EQ(Board("STM32F413ZH").read(optcr), 0x7FFFAAEDU);
  EXPECT_EQ(large.read(0x1FFFC000) & 0xFFFF, 0xAAECU);
  EXPECT_EQ(large.read(0x1FFEC008) & 0xFFFF, 0x0FFFU);
}

TEST(F4Options, NeedTheirOwnKeys) {
  Board board;
  board.write(optcr, 0x0FF0AAEC);
  EXPECT_EQ(board.read(optcr), 0x0FFFAAEDU);
  board.unlock_options();
  EXPECT_EQ(board.read(optcr) & optlock, 0U);
  EXPECT_EQ(board.try_write(optkeyr, 0x08192A3B), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.read(optcr) & optlock, optlock);
}

TEST(F4Options, AreWrittenByOptstrtOnly) {
  Board board;
  board.unlock_options();
  board.write(optcr, 0x0FFEAAEC);
  board.system_reset();
  EXPECT_EQ(board.read(optcr), 0x0FFFAAEDU);
  board.unlock_options();
  start_options(board, 0x0FFEAAEC);
  board.system_reset();
  EXPECT_EQ(board.read(optcr), 0x0FFEAAEDU);
}

TEST(F4Options, WriteProtectionHoldsAtOnce) {
  Board board;
  board.unlock_options();
  start_options(board, 0x0FDFAAEC);
  board.unlock();
  board.program_word(address::flash + 0x20000, 0);
  EXPECT_EQ(board.read(sr), wrperr);
}

TEST(F4Options, SectorsOfTheSecondBankAreProtectedByTheSecondRegister) {
  Board board("STM32F429ZI", {"write_protected=12"});
  EXPECT_EQ(board.read(optcr1), 0x0FFE0000U);
  board.unlock();
  board.erase(x32 | ser | snb(0x10));
  EXPECT_EQ(board.read(sr), wrperr);
}

TEST(F4Options, TheLastTwoSectorsOfAnF413ShareABit) {
  Board board("STM32F413ZH", {"write_protected=14"});
  board.unlock();
  board.erase(x32 | ser | snb(15));
  EXPECT_EQ(board.read(sr), wrperr);
}

TEST(F4Options, TheNumberOfBanksChangesAtReset) {
  Board board("STM32F429ZG");
  board.unlock_options();
  start_options(board, board.read(optcr) | db1m);
  board.unlock();
  board.erase(x32 | ser | snb(0x10));
  EXPECT_EQ(board.read(sr), wrperr);
  board.system_reset();
  board.unlock();
  board.flash[0x80000] = 0;
  board.erase(x32 | ser | snb(0x10));
  EXPECT_EQ(board.flash[0x80000], 0xFF);
}

TEST(F4Options, ReadProtectionShutsTheFlashToADebugger) {
  Board board("STM32F407VG", {"read_protected"});
  EXPECT_EQ(board.try_read(address::flash), Ack::fault);
  board.target.clear_sticky_error();
  board.unlock();
  board.program_word(address::flash, 0);
  EXPECT_EQ(board.read(sr), wrperr);
  board.write(sr, wrperr);
  board.erase(x32 | ser | snb(0));
  EXPECT_EQ(board.read(sr), wrperr);
  EXPECT_EQ(board.read(size_register & ~3U) >> 16, 1024U);
}

TEST(F4Options, LiftingReadProtectionErasesAndTheFlashStaysShutUntilPowerOff) {
  Board board("STM32F407VG", {"read_protected"});
  board.flash[0x12345] = 0;
  EXPECT_EQ(board.try_read(address::flash), Ack::fault);
  board.target.clear_sticky_error();
  board.unlock_options();
  const Nanoseconds start = board.target.now();
  start_options(board, (board.read(optcr) & ~rdp) | level0);
  EXPECT_GE(board.target.now() - start, 8s);
  EXPECT_EQ(board.flash[0x12345], 0xFF);
  board.system_reset();
  EXPECT_EQ(board.read(optcr) & rdp, level0);
  EXPECT_EQ(board.try_read(address::flash), Ack::fault);
  board.target.clear_sticky_error();
  board.target.power_cycle();
  board.target.advance(5ms);
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
}

TEST(F4Options, ProtectingTheFlashShutsItWhileADebuggerIsThere) {
  Board board;
  board.halt();
  board.unlock_options();
  start_options(board, (board.read(optcr) & ~rdp) | 0x5500);
  EXPECT_EQ(board.try_read(address::flash), Ack::fault);
}

TEST(F4Options, LevelTwoEndsAllDebugging) {
  Board board("STM32F407VG", {"read_protected_for_ever"});
  std::uint32_t value = 0;
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  EXPECT_EQ(board.target.read(cpuid, 4, value), Ack::no_response);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::no_response) << "under reset";
}

TEST(F4Options, TheWatchdogCanStartByThem) {
  Board board("STM32F407VG", {"hardware_iwdg"});
  board.target.advance(2s);
  EXPECT_GE(board.target.statistics().system_resets, 2U);
}

TEST(F4Options, TheSecondBankBootsWhenItHoldsAProgram) {
  Board board("STM32F429ZI", {"boot_bank2"});
  EXPECT_EQ(board.read(0x100000 - 4), 0xFFFFFFFFU);
  const std::uint32_t vectors[] = {0x20001000, 0x08100101};
  std::copy_n(reinterpret_cast<const std::uint8_t *>(vectors), 8, board.flash.begin() + 0x100000);
  board.system_reset();
  EXPECT_EQ(board.read(4), 0x08100101U);
}

}  // namespace
}  // namespace sim_test::f4::options_rules
