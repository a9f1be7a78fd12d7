// Option bytes, write protection, read protection.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::options_rules {
namespace {

TEST(Options, AreAsTheFactoryLeavesThem) {
  Bench board;
  EXPECT_EQ(board.read(address::option_bytes), 0x00FF5AA5U);
  EXPECT_EQ(board.read(address::flash_wrpr), 0xFFFFFFFFU);
  EXPECT_EQ(board.read(address::flash_obr), 0x03FFFC3CU);
}

TEST(Options, NeedTheirOwnKeys) {
  Bench board;
  board.unlock();
  board.write(address::flash_cr, cr::opter);
  board.write(address::flash_cr, cr::opter | cr::strt);
  board.target.advance(30ms);
  EXPECT_EQ(board.read(address::option_bytes), 0x00FF5AA5U);
  board.write(address::flash_optkeyr, 0x45670123);
  board.write(address::flash_optkeyr, 0xCDEF89AB);
  EXPECT_EQ(board.read(address::flash_cr) & cr::optwre, cr::optwre);
}

TEST(Options, AreErasedAllTogetherAndProgrammedWithTheirComplement) {
  Bench board;
  board.unlock_options();
  board.write(address::flash_cr, cr::optwre | cr::opter);
  board.write(address::flash_cr, cr::optwre | cr::opter | cr::strt);
  board.wait_ready();
  for (std::uint32_t i = 0; i < 16; i += 4)
    EXPECT_EQ(board.read(address::option_bytes + i), 0xFFFFFFFFU);
  board.write_option(0, 0xA5);
  board.write_option(4, 0x12);
  EXPECT_EQ(board.read16(address::option_bytes), 0x5AA5U);
  EXPECT_EQ(board.read16(address::option_bytes + 4), 0xED12U);
}

TEST(Options, TakeEffectAtTheNextResetOnly) {
  Bench board;
  board.unlock_options();
  board.write(address::flash_cr, cr::optwre | cr::opter);
  board.write(address::flash_cr, cr::optwre | cr::opter | cr::strt);
  board.wait_ready();
  board.write_option(0, 0xA5);
  board.write_option(8, 0xFE);
  EXPECT_EQ(board.read(address::flash_wrpr), 0xFFFFFFFFU);
  board.system_reset();
  EXPECT_EQ(board.read(address::flash_wrpr), 0xFFFFFFFEU);
  EXPECT_EQ(board.read(address::flash_obr) & 2U, 0U);
}

TEST(Options, ProtectPagesFromWritingAndErasing) {
  Bench board(config("STM32F103CB", {"write_protected=16"}));
  constexpr std::uint32_t page = address::flash + 16 * 1024;
  EXPECT_EQ(board.read(address::flash_wrpr), 0xFFFFFFEFU);
  board.unlock();
  board.program(page + 3 * 1024, 0x1234);  // same unit of four pages
  EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
  EXPECT_EQ(board.read16(page + 3 * 1024), 0xFFFFU);
  board.clear_errors();
  board.erase_page(page);
  EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
  board.clear_errors();
  board.write(address::flash_cr, cr::mer | cr::strt);
  board.target.advance(30ms);
  EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
  board.clear_errors();
  board.write(address::flash_cr, 0);
  board.program(page + 4 * 1024, 0x1234);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
}

TEST(Options, CoverAllPagesFrom62OnWithTheLastBitOnLargePages) {
  Bench board(config("STM32F103RE", {"write_protected=200"}));
  EXPECT_EQ(board.read(address::flash_wrpr), 0x7FFFFFFFU);
  board.unlock();
  board.program(address::flash + 62 * 2048, 1);
  EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
}

TEST(Options, ReadProtectionShutsTheDebuggerOutOfFlashButNotOutOfSram) {
  Bench board(config("STM32F103CB", {"read_protected"}));
  EXPECT_EQ(board.read(address::flash_obr) & 2U, 2U);
  EXPECT_EQ(board.try_read(address::flash), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.try_read(address::sram), Ack::ok);
  EXPECT_EQ(board.try_read(address::option_bytes), Ack::ok);
  board.unlock();
  board.erase_page(address::flash + 0x4000);
  EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
}

TEST(Options, ReadProtectionLetsFirmwareRunWithoutADebugger) {
  Config runs = config("STM32F103CB", {"read_protected"});
  runs.firmware_runs = true;
  Bench board(runs, {{0x40, snippet::blink}, {0x80, snippet::toggle}}, address::flash + 0x40);
  board.target.advance(1ms);
  EXPECT_NE(board.target.statistics().instructions, 0U);
}

TEST(Options, LiftingReadProtectionErasesTheFlash) {
  Bench board(config("STM32F103CB", {"read_protected"}));
  board.flash[0x1234] = 0;
  board.unlock_options();
  board.write(address::flash_cr, cr::optwre | cr::opter);
  board.write(address::flash_cr, cr::optwre | cr::opter | cr::strt);
  board.wait_ready();
  board.write_option(0, 0xA5);
  board.system_reset();
  EXPECT_EQ(board.flash[0x1234], 0xFF);
  EXPECT_EQ(board.read(address::flash), 0xFFFFFFFFU);
}

TEST(Options, ReportAWrongComplement) {
  Bench board;
  board.unlock_options();
  board.write(address::flash_cr, cr::optwre | cr::opter);
  board.write(address::flash_cr, cr::optwre | cr::opter | cr::strt);
  board.target.advance(10ms);
  board.system_reset();  // in the middle: bits anywhere
  EXPECT_EQ(board.read(address::flash_obr) & 1U, 1U);
}

}  // namespace
}  // namespace sim_test::options_rules
