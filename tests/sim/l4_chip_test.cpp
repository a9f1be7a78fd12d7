// The chips with an L4's flash controller beside that: ids, memories, clocks, watchdogs, pins.
#include "l4_bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::l4::chip_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t dbgmcu_m4 = 0xE0042000, dbgmcu_m0_plus = 0x40015800;

std::vector<std::string> all_parts() {
  std::vector<std::string> names;
  for (const char *series : {"STM32L4", "STM32G0", "STM32G4", "STM32C0", "STM32U0", "STM32W"}) {
    const std::vector<std::string> more = parts_of(series);
    names.insert(names.end(), more.begin(), more.end());
  }
  return names;
}

// Bytes between the banks of parts of the G47 line that have less flash.
std::uint32_t hole_of(const std::string &part) {
  return part == "STM32G474RC" ? 128 * kib : part == "STM32G473CB" ? 192 * kib : 0;
}

bool has_m0_plus(const std::string &part) {
  return part[5] == 'C' || part[5] == 'U' || part.starts_with("STM32G0");
}

TEST(L4Parts, CanAllBeMadeAndShowTheirSizes) {
  EXPECT_GE(all_parts().size(), 25U);
  for (const std::string &name : all_parts()) {
    SCOPED_TRACE(name);
    Board board(name);
    const std::uint32_t size_register = name.starts_with("STM32C0")    ? 0x1FFF75A0
                                        : name.starts_with("STM32U03") ? 0x1FFF3EA0
                                        : name.starts_with("STM32U0")  ? 0x1FFF6EA0
                                                                       : 0x1FFF75E0;
    const std::uint32_t size = board.read(size_register);
    const std::uint32_t hole = hole_of(name);
    EXPECT_EQ(size >> 16, 0xFFFFU);
    EXPECT_EQ((size & 0xFFFF) * kib, flashhost::test::flash_size(name) - hole);
    const std::uint32_t end = address::flash + flashhost::test::flash_size(name);
    EXPECT_EQ(board.read(end - 4), erased);
    EXPECT_EQ(board.try_read(end), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.read(0xE000ED00) & 0xFFF0, has_m0_plus(name) ? 0xC600U : 0xC240U);
    EXPECT_EQ(board.get(cr), lock | optlock);
  }
}

TEST(L4Parts, OfEachLineHaveTheirIdAndSram) {
  struct Row {
    const char *name;
    std::uint32_t id, sram_kib;
  };
  for (const Row &row : {Row{"STM32G071RB", 0x6460, 36}, Row{"STM32G031K8", 0x6466, 8},
                         Row{"STM32G051K8", 0x6456, 18}, Row{"STM32G0B1RE", 0x6467, 144},
                         Row{"STM32L412KB", 0x464, 40},  Row{"STM32L432KC", 0x435, 64},
                         Row{"STM32L452RE", 0x462, 160}, Row{"STM32L476RG", 0x415, 96},
                         Row{"STM32L496ZG", 0x461, 320}, Row{"STM32L4R5ZI", 0x470, 640},
                         Row{"STM32L4P5ZG", 0x471, 320}, Row{"STM32G431KB", 0x468, 32},
                         Row{"STM32G474RE", 0x469, 128}, Row{"STM32G491RE", 0x479, 112},
                         Row{"STM32C011F6", 0x6443, 6},  Row{"STM32C031K6", 0x6453, 12},
                         Row{"STM32C051C8", 0x644C, 12}, Row{"STM32C071RB", 0x6493, 24},
                         Row{"STM32C092RC", 0x644D, 30}, Row{"STM32U031R8", 0x459, 12},
                         Row{"STM32U083RC", 0x489, 40},  Row{"STM32WB55RG", 0x495, 256},
                         Row{"STM32WB35CE", 0x496, 32},  Row{"STM32WB15CC", 0x494, 12},
                         Row{"STM32WLE5JC", 0x497, 64}}) {
    SCOPED_TRACE(row.name);
    Board board(row.name);
    const bool m0 = has_m0_plus(row.name);
    EXPECT_EQ(board.read(m0 ? dbgmcu_m0_plus : dbgmcu_m4) & 0xFFFF, row.id);
    board.write(address::sram + row.sram_kib * kib - 4, 0x12345678);
    EXPECT_EQ(board.try_read(address::sram + row.sram_kib * kib), Ack::fault);
    board.target.clear_sticky_error();
    if (m0) {
      EXPECT_EQ(board.read(dbgmcu_m4), 0U);
    } else {
      EXPECT_EQ(board.try_read(dbgmcu_m0_plus), Ack::fault);
    }
  }
}

TEST(L4Parts, AnL476HasItsSecondSramElsewhere) {
  Board board("STM32L476RG");
  board.write(0x10000000 + 32 * kib - 4, 0x12345678);
  EXPECT_EQ(board.try_read(0x10000000 + 32 * kib), Ack::fault);
}

TEST(L4Parts, RefuseFaultsThatTheyCannotHave) {
  for (const auto &[part, fault] : {std::pair{"STM32G071RB", "single_bank"},
                                    {"STM32L476RG", "single_bank"},
                                    {"STM32L476RG", "swapped_banks"},
                                    {"STM32G0B1RE", "boot_bank2"},
                                    {"STM32L476RG", "secure_from=1"},
                                    {"STM32G071RB", "suspended=1"},
                                    {"STM32G071RB", "optverr"},
                                    {"STM32G071RB", "torn_word=20000000"},
                                    {"STM32C031K6", "ecc_single=8000000"},
                                    {"STM32G071RB", "write_protected=64"}}) {
    EXPECT_THROW(Board(part, {fault}), std::invalid_argument) << part << ' ' << fault;
  }
}

TEST(L4Watchdogs, FreezeByTheBitsOfTheirSeries) {
  for (const auto &[part, freeze] : {std::pair{"STM32G071RB", dbgmcu_m0_plus + 8},
                                     {"STM32L476RG", dbgmcu_m4 + 8},
                                     {"STM32WB55RG", dbgmcu_m4 + 0x3C}}) {
    SCOPED_TRACE(part);
    Board board(part, {"iwdg=10"});
    board.halt();
    board.write(freeze, 1U << 12);
    board.target.advance(50ms);
    EXPECT_EQ(board.target.statistics().system_resets, 0U);
    board.write(freeze, 0);
    board.target.advance(11ms);
    EXPECT_EQ(board.target.statistics().system_resets, 1U);
  }
  Board board("STM32WB55RG");
  board.write(dbgmcu_m4 + 8, 1U << 12);
  EXPECT_EQ(board.read(dbgmcu_m4 + 8), 0U);
}

TEST(L4Watchdogs, TheWindowWatchdogRuns) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32U083RC", "STM32WLE5JC"}) {
    Board board(part, {"wwdg=20"});
    board.halt();
    board.target.advance(25ms);
    EXPECT_EQ(board.target.statistics().system_resets, 1U) << part;
  }
}

TEST(L4Clocks, AnM0PlusReadsItsDebugUnitOnlyWithAClock) {
  Board board("STM32G071RB");
  board.halt();
  board.load(snippet::load_word);
  for (const std::uint32_t clock : {0U, 1U << 27}) {
    board.write(0x4002103C, clock);
    board.set_reg(0, dbgmcu_m0_plus);
    board.prepare(address::sram);
    ASSERT_TRUE(board.run_to_halt());
    EXPECT_EQ(board.reg(2) & 0xFFFF, clock == 0 ? 0U : 0x6460U);
  }
}

// How long 16 instructions take.
Nanoseconds speed(Board &board) {
  board.load(snippet::timed);
  board.prepare(address::sram);
  board.write(address::dhcsr, 0xA05F0001);
  const Nanoseconds start = board.target.now();
  while (!board.halted() && board.target.now() - start < 1ms) board.target.advance(50ns);
  return board.target.now() - start;
}

TEST(L4Clocks, TheChipRunsAtItsResetClock) {
  for (const auto &[part, least, most] : {std::tuple{"STM32L476RG", 4000ns, 5000ns},
                                          {"STM32G071RB", 1000ns, 1300ns},
                                          {"STM32G474RE", 1000ns, 1300ns},
                                          {"STM32C031K6", 1300ns, 1700ns},
                                          {"STM32WB55RG", 4000ns, 5000ns}}) {
    Board board(part);
    board.halt();
    EXPECT_THAT(speed(board), AllOf(Ge(least), Le(most))) << part;
  }
}

TEST(L4Clocks, TheSystemClockCanBeChanged) {
  Board l4("STM32L476RG");
  l4.halt();
  l4.write(0x40021000, 1 | 8 | 11U << 4);  // MSI, 48 MHz
  l4.set(acr, 0x600 | 2);
  EXPECT_LT(speed(l4), 500ns);
  l4.write(0x40021000, 1 | 8 | 6U << 4 | 1U << 8);
  l4.write(0x40021008, 1);
  EXPECT_THAT(speed(l4), AllOf(Ge(1000ns), Le(1300ns)));  // HSI16
  EXPECT_EQ(l4.read(0x40021000) & 1U << 10, 1U << 10);
  Board g0("STM32G071RB");
  g0.halt();
  g0.write(0x4002100C, 2 | 8U << 8 | 1U << 29);  // HSI16 * 8 / 2
  g0.write(0x40021000, 1U << 8 | 1U << 24);
  g0.target.advance(1ms);
  EXPECT_EQ(g0.read(0x40021000), 1U << 8 | 1U << 10 | 3U << 24);
  g0.set(acr, 0x40602);
  g0.write(0x40021008, 2);
  EXPECT_EQ(g0.read(0x40021008), 2U | 2U << 3);
  EXPECT_LT(speed(g0), 400ns);
  g0.system_reset();
  EXPECT_EQ(g0.read(0x40021008), 0U);
}

// RCC_CR.SYSDIV.
TEST(L4Clocks, TheLargerC0DivideTheirSystemClock) {
  constexpr std::uint32_t rcc = 0x40021000, by_four = 3U << 2;
  for (const auto &[part, slower] : {std::pair{"STM32C071RB", 4}, {"STM32C031K6", 1}}) {
    SCOPED_TRACE(part);
    Board board(part);
    board.halt();
    const Nanoseconds before = speed(board);
    board.write(rcc, board.read(rcc) | by_four);
    EXPECT_THAT(speed(board), AllOf(Ge(slower * before * 9 / 10), Le(slower * before * 11 / 10)));
  }
}

TEST(L4Clocks, Hsi16RunsWithoutMsi) {
  Board board("STM32L476RG", {"hsi_off"});
  constexpr std::uint32_t rcc = 0x40021000, msi = 3, hsi16 = 1U << 8 | 1U << 10;
  board.write(rcc, board.read(rcc) | 1U << 8);
  board.target.advance(std::chrono::microseconds(10));
  EXPECT_EQ(board.read(rcc) & (msi | hsi16), hsi16);
  board.write(rcc + 8, 1);
  board.target.advance(std::chrono::microseconds(10));
  EXPECT_EQ(board.read(rcc + 8), 1U | 1U << 2);
}

TEST(L4Clocks, TellTheCauseOfAReset) {
  for (const auto &[part, status] : {std::pair{"STM32G071RB", 0x40021060U},
                                     {"STM32L476RG", 0x40021094U},
                                     {"STM32WB55RG", 0x58000094U}}) {
    Board board(part);
    board.write(status, 1U << 23);
    EXPECT_EQ(board.read(status) >> 24, 0U) << part;
    board.system_reset();
    EXPECT_EQ(board.read(status), 1U << 28 | 1U << 26) << part;
  }
}

TEST(L4Faults, FirmwareCanRunFromTheCrystalAlone) {
  for (const auto &[part, rcc, config] : {std::tuple{"STM32G071RB", 0x40021000U, 1U | 1U << 3},
                                          {"STM32L476RG", 0x40021000U, 2U | 2U << 2},
                                          {"STM32WLE5JC", 0x58000000U, 2U | 2U << 2}}) {
    Board board(part, {"hsi_off"});
    EXPECT_EQ(board.read(rcc + 8), config) << part;
    EXPECT_EQ(board.read(rcc) & 0x30503, 0x30000U) << part;
  }
}

TEST(L4Faults, DmaCanWriteIntoTheSram) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32WLE5JC"}) {
    Board board(part, {"dma_writes"});
    (void)board.read(address::sram);
    board.write(address::sram + 8, erased);
    board.target.advance(100ms);
    EXPECT_NE(board.read(address::sram + 8), erased) << part;
  }
}

TEST(L4Faults, ThePinsOfTheDebugPortCanBeInUse) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32C031K6", "STM32WLE5JC"}) {
    Board board(part, {"swd_pins_off"});
    EXPECT_EQ(board.target.connect(), Ack::no_response) << part;
    board.target.set_nrst(0);
    EXPECT_EQ(board.target.connect(), Ack::ok) << part;
  }
}

TEST(L4Faults, TheSizeRegisterCanBeGarbage) {
  Board board("STM32G071RB", {"flash_size_register=ffff"});
  EXPECT_EQ(board.read(0x1FFF75E0), erased);
}

TEST(L4Pins, AnOutputIsRecorded) {
  for (const auto &[part, clock, port] : {std::tuple{"STM32G071RB", 0x40021034U, 0x50000000U},
                                          {"STM32L476RG", 0x4002104CU, 0x48000000U}}) {
    Board board(part);
    board.write(clock, 1);
    board.write(port, (board.read(port) & ~(3U << 10)) | 1U << 10);  // PA5
    board.write(port + 0x18, 1U << 5);
    ASSERT_EQ(board.target.pin_edges().size(), 1U) << part;
    EXPECT_EQ(board.target.pin_edges()[0].pin, "PA5");
  }
}

}  // namespace
}  // namespace sim_test::l4::chip_rules
