// What an STM32F4 is besides its flash controller: ids, memories, clocks, pins, watchdogs, DMA.
#include "f4_bench.hpp"
#include "snippets.hpp"
#include "test_models.hpp"

#include <gmock/gmock.h>

namespace sim_test::f4::chip_rules {
namespace {

TEST(F4Parts, CanAllBeMadeAndShowTheirSizes) {
  for (const std::string &name : parts_of("STM32F4")) {
    SCOPED_TRACE(name);
    Board board(name);
    EXPECT_EQ(board.read16(size_register) * 1024, flashhost::test::flash_size(name));
    const std::uint32_t end = address::flash + flashhost::test::flash_size(name);
    EXPECT_EQ(board.read(end - 4), 0xFFFFFFFFU);
    EXPECT_EQ(board.try_read(end), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.read(cpuid), 0x410FC241U);
    EXPECT_EQ(board.target.debug_port_id(), 0x2BA01477U);
  }
}

TEST(F4Parts, OfEachLineHaveTheirDeviceIdAndMemory) {
  struct Row {
    const char *name;
    std::uint32_t device_id;
    std::uint32_t sram_kib;
    bool ccm;
  };
  for (const Row &row :
       {Row{"STM32F401CC", 0x423, 64, false}, Row{"STM32F401RE", 0x433, 96, false},
        Row{"STM32F407VG", 0x413, 128, true}, Row{"STM32F410RB", 0x458, 32, false},
        Row{"STM32F411CE", 0x431, 128, false}, Row{"STM32F412ZG", 0x441, 256, false},
        Row{"STM32F413ZH", 0x463, 320, false}, Row{"STM32F429ZI", 0x419, 192, true},
        Row{"STM32F446RE", 0x421, 128, false}, Row{"STM32F469NI", 0x434, 320, true}}) {
    SCOPED_TRACE(row.name);
    Board board(row.name);
    EXPECT_EQ(board.read(address::idcode) & 0xFFF, row.device_id);
    board.write(address::sram + row.sram_kib * 1024 - 4, 0x12345678);
    EXPECT_EQ(board.try_read(address::sram + row.sram_kib * 1024), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.try_write(ccm + 0xFFFC, 1), row.ccm ? Ack::ok : Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.try_read(ccm + 0x10000), Ack::fault);
  }
}

TEST(F4Parts, TheFirstF405SayTheyAreAnF2) {
  Board board("STM32F405RG", {"wrong_id"});
  EXPECT_EQ(board.read(address::idcode), 0x20000411U);
  EXPECT_THROW(Board("STM32F401RE", {"wrong_id"}), std::invalid_argument);
  EXPECT_THROW(Board("STM32F429ZI", {"dual_bank"}), std::invalid_argument);
  EXPECT_THROW(Board("STM32F407VG", {"boot_bank2"}), std::invalid_argument);
  EXPECT_THROW(Board("STM32F407VG", {"write_protected=12"}), std::invalid_argument);
}

TEST(F4Parts, TheProbeMayNotSeeTheVoltage) {
  Board board("STM32F407VG", {"vapp_not_wired"});
  EXPECT_EQ(board.target.millivolts(), 0);
}

TEST(F4Memory, CcmHoldsDataAndNoCode) {
  Board board;
  board.halt();
  board.set_reg(0, ccm + 0x100);
  board.set_reg(1, 0xCAFE);
  ASSERT_TRUE(board.execute(snippet::store_word));
  EXPECT_EQ(board.read(ccm + 0x100), 0xCAFEU);
  board.set_reg(0, ccm + 0x100);
  ASSERT_TRUE(board.execute(snippet::load_word));
  EXPECT_EQ(board.reg(2), 0xCAFEU);
  board.write(address::demcr, 0x01000400);
  board.load(snippet::two_moves, ccm);
  board.prepare(ccm);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.read(address::cfsr) & 0xFF00, 0x100U) << "instruction bus error";
}

TEST(F4Memory, TheAliasAtZeroIsTheFlash) {
  Board board;
  board.unlock();
  board.program_word(address::flash + 0x40, 0x12345678);
  EXPECT_EQ(board.read(0x40), 0x12345678U);
}

TEST(F4Clocks, StartFromHsiAndCanUseThePll) {
  Board board;
  EXPECT_EQ(board.read(rcc_cr) & 3, 3U);
  board.write(rcc_pllcfgr, 0x24011808);  // 16 MHz / 8 * 96 / 4: 48 MHz
  board.write(acr, 1);
  board.write(rcc_cr, board.read(rcc_cr) | 1U << 24);
  board.write(rcc_cfgr, 2);
  EXPECT_EQ(board.read(rcc_cfgr) & 0xC, 0U);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(rcc_cfgr) & 0xC, 8U);
  // SysTick counts cycles.
  board.halt();
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.write(address::systick + 4, 0xFFFFFF);
  board.write(address::systick + 8, 0);
  board.write(address::systick, 5);
  board.resume();
  board.target.advance(1ms);
  EXPECT_NEAR(0xFFFFFF - board.read(address::systick + 8), 48'000, 100);
}

TEST(F4Clocks, TheCrcUnitNeedsItsClock) {
  Board board;
  board.write(address::crc, 1);
  EXPECT_EQ(board.read(address::crc), 0U);
  board.write(rcc_ahb1enr, 1U << 12);
  board.write(address::crc + 8, 1);
  board.write(address::crc, 0x12345678);
  EXPECT_EQ(board.read(address::crc), 0xDF8A8A2BU);
}

TEST(F4Clocks, TellWhyThereWasAReset) {
  Board board;
  EXPECT_EQ(board.read(rcc_csr) & 0xFE000000, 0x0E000000U);
  board.write(rcc_csr, 1U << 24);
  board.system_reset();
  EXPECT_EQ(board.read(rcc_csr) & 0xFE000000, 0x14000000U);
}

TEST(F4Watchdogs, FreezeByTheirOwnRegister) {
  Board board;
  board.halt();
  board.write(address::iwdg, 0xCCCC);
  board.write(address::dbgmcu, 0x307);  // where an F1 has its bits
  board.target.advance(2s);
  EXPECT_GE(board.target.statistics().system_resets, 1U);
  board.halt();
  board.write(address::iwdg, 0xCCCC);
  board.write(apb1_fz, 1U << 12);
  const auto before = board.target.statistics().system_resets;
  board.target.advance(10s);
  EXPECT_EQ(board.target.statistics().system_resets, before);
}

TEST(F4Watchdogs, TheIndependentOneRunsFrom32Kilohertz) {
  Board board;
  board.halt();
  board.write(address::iwdg, 0xCCCC);  // 4096 * 4 / 32 kHz
  board.target.advance(510ms);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
  board.target.advance(3ms);
  EXPECT_EQ(board.target.statistics().system_resets, 1U);
}

TEST(F4Watchdogs, TheDebugUnitCanBeReadByFirmware) {
  Board board;
  board.halt();
  board.set_reg(0, address::idcode);
  ASSERT_TRUE(board.execute(snippet::load_word));
  EXPECT_EQ(board.reg(2) & 0xFFF, 0x413U);
}

TEST(F4Pins, ShowTheirEdgesAndCanTakeSwdAway) {
  Board board;
  board.write(rcc_ahb1enr, 9);
  board.write(gpiod, 1U << 24);  // PD12
  board.write(gpiod + 0x18, 1U << 12);
  board.write(gpiod + 0x18, 1U << 28);
  ASSERT_EQ(board.target.pin_edges().size(), 2U);
  EXPECT_EQ(board.target.pin_edges()[0].pin, "PD12");
  EXPECT_EQ(board.target.pin_edges()[1].level, 0);
  board.write(gpioa, 0);
  EXPECT_EQ(board.try_read(address::sram), Ack::no_response);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::ok);
}

TEST(F4Dma, WritesToSramUntilItsClockIsTaken) {
  Board board("STM32F407VG", {"dma_writes"});
  const auto snapshot = [&] {
    std::vector<std::uint32_t> words;
    words.reserve(64);
    for (std::uint32_t i = 0; i < 64; ++i) words.push_back(board.read(address::sram + 4 * i));
    return words;
  };
  const auto before = snapshot();
  board.target.advance(20ms);
  const auto after = snapshot();
  EXPECT_NE(before, after);
  board.write(rcc_ahb1enr, board.read(rcc_ahb1enr) & ~(3U << 21));
  board.target.advance(10s);
  EXPECT_EQ(snapshot(), after);
}

TEST(F4Dma, DoesNotReachCcm) {
  Board board("STM32F407VG", {"dma_writes"});
  for (std::uint32_t i = 0; i < 0x10000; i += 4) board.write(ccm + i, 0xA5A5A5A5);
  board.write(dma2 + 0x10, 0);
  board.write(dma2 + 0x1C, ccm);
  board.write(dma2 + 0x14, 1024);
  board.write(dma2 + 0x10, 0x2D01);
  EXPECT_EQ(board.read(dma2 + 0x1C), ccm);
  board.target.advance(200ms);
  for (std::uint32_t i = 0; i < 0x10000; i += 4) ASSERT_EQ(board.read(ccm + i), 0xA5A5A5A5U);
}

}  // namespace
}  // namespace sim_test::f4::chip_rules
