// ECC of the L4's flash and of those like it: double words that were cut short, and what reading
// them does.
#include "l4_bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::l4::ecc_rules {
namespace {

constexpr std::uint32_t address_mask = 0xFFFFF;
constexpr std::uint32_t nmi_pending = 1U << 31;  // of ICSR
constexpr std::uint32_t counter = address::sram + 0x800;
constexpr std::uint32_t handler = address::sram + 0x200;
constexpr std::uint32_t table = address::sram + 0x400;
constexpr std::uint32_t other_place = place + 0x100;

std::vector<std::string> torn_at(std::uint32_t address) {
  char text[32];
  std::snprintf(text, sizeof text, "torn_word=%x", static_cast<unsigned>(address));
  return {text};
}

// How many double words from this address on are reported as torn.
std::size_t torn_words(Board &board, std::uint32_t from, std::uint32_t length) {
  std::size_t count = 0;
  for (std::uint32_t at = from; at < from + length; at += 8) {
    board.set(eccr, eccd | eccc);
    EXPECT_EQ(board.try_read(at), Ack::ok);
    if ((board.get(eccr) & eccd) != 0) ++count;
  }
  return count;
}

TEST(L4Ecc, ATornDoubleWordIsReportedAndReadsTheSameEachTime) {
  for (const auto &[part, shown] : {std::pair{"STM32G071RB", 0x800U}, {"STM32L476RG", 0x4000U}}) {
    SCOPED_TRACE(part);
    Board board(part, torn_at(place));
    EXPECT_EQ(board.get(eccr), 0U);
    (void)board.read(place - 8);
    EXPECT_EQ(board.get(eccr), 0U);
    const std::uint32_t once = board.read(place + 4);
    EXPECT_EQ(board.get(eccr), eccd | shown);
    EXPECT_EQ(board.read(place + 4), once);
    board.set(eccr, eccd);
    EXPECT_EQ(board.get(eccr), shown);
  }
}

TEST(L4Ecc, TheAddressStaysWhileAFlagIsSet) {
  Board board("STM32G071RB", {torn_at(place)[0], torn_at(other_place)[0]});
  (void)board.read(place);
  (void)board.read(other_place);
  EXPECT_EQ(board.get(eccr) & address_mask, 0x800U);
  board.set(eccr, eccd);
  (void)board.read(other_place);
  EXPECT_EQ(board.get(eccr), eccd | 0x820);
}

TEST(L4Ecc, TheSecondBankIsToldFromTheFirst) {
  constexpr std::uint32_t in_bank2 = address::flash + 0x40000 + 0x4000;
  Board g0("STM32G0B1RE", torn_at(in_bank2));
  (void)g0.read(in_bank2);
  EXPECT_EQ(g0.get(eccr), 0U);
  EXPECT_EQ(g0.get(ecc2r), eccd | 0x800);
  g0.set(ecc2r, eccd);
  EXPECT_EQ(g0.get(ecc2r) & eccd, 0U);
  Board g4("STM32G474RE", torn_at(in_bank2));
  (void)g4.read(in_bank2);
  EXPECT_EQ(g4.get(eccr), eccd | 1U << 21 | 0x4000);
}

TEST(L4Ecc, WithOneBankTheSecondHalfOfALineHasFlagsOfItsOwn) {
  Board board("STM32G474RE", {"single_bank", torn_at(place + 8)[0]});
  (void)board.read(place + 8);
  EXPECT_EQ(board.get(eccr), eccd2 | 0x4008);
}

TEST(L4Ecc, WithOneBankBothHalvesOfALineAreReadAtOnce) {
  Board board("STM32G474RE", {"single_bank", torn_at(place + 8)[0]});
  (void)board.read(place);
  EXPECT_EQ(board.get(eccr), eccd2 | 0x4008);
  board.set(eccr, eccd2);
  (void)board.read(place + 16);
  EXPECT_EQ(board.get(eccr) & eccd2, 0U);
  Board two_banks("STM32G474RE", torn_at(place + 8));
  (void)two_banks.read(place);
  EXPECT_EQ(two_banks.get(eccr), 0U);
}

TEST(L4Ecc, ASingleErrorIsCorrected) {
  Board board("STM32L476RG", {"ecc_single=8004000"});
  board.halt();
  EXPECT_EQ(board.read(place), erased);
  EXPECT_EQ(board.get(eccr), eccc | 0x4000);
  EXPECT_EQ(board.read(address::icsr) & nmi_pending, 0U);
}

TEST(L4Ecc, ErasingRepairs) {
  Board board("STM32G071RB", torn_at(place));
  board.unlock();
  board.program(place, 0x12345678, 0);
  EXPECT_EQ(board.get(sr), progerr);
  board.clear_flags();
  board.erase(per | pnb(8));
  EXPECT_EQ(torn_words(board, place, 8), 0U);
  board.program(place, 0x12345678, 0);
  EXPECT_EQ(board.get(sr), 0U);
}

// With a vector table in SRAM, whose NMI handler counts and clears nothing.
struct Counting : Board {
  explicit Counting(std::vector<std::string> faults) : Board("STM32L476RG", std::move(faults)) {
    halt();
    load(snippet::systick_handler, handler);
    write(table + 8, handler | 1U);
    write(address::vtor, table);
    write(counter, 0);
  }
};

TEST(L4Ecc, ReadingATornDoubleWordRaisesAnNmiUntilItsFlagIsCleared) {
  Counting board(torn_at(place));
  (void)board.read(place);
  EXPECT_EQ(board.read(address::icsr) & nmi_pending, nmi_pending);
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.set_reg(core::control, 1);  // PRIMASK
  board.resume();
  board.target.advance(1ms);
  const std::uint32_t many = board.read(counter);
  EXPECT_GT(many, 10U) << "the handler does not clear ECCD";
  board.set(eccr, eccd);
  board.target.advance(1ms);
  const std::uint32_t at_end = board.read(counter);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(counter), at_end);
}

TEST(L4Ecc, OneNmiIsEnoughForAHandlerThatReadsTheWordAgainAndClearsItsFlag) {
  // ldr r0, =place | ldr r1, [r0] | ldr r0, =FLASH_ECCR | ldr r1, =ECCD | str r1, [r0] | ldr r0,
  // =counter | ldr r1, [r0] | adds r1, #1 | str r1, [r0] | bx lr
  constexpr std::uint16_t read_clear_and_count[] = {
      0x4805, 0x6801, 0x4805, 0x4906, 0x6001, 0x4806, 0x6801, 0x3101, 0x6001, 0x4770,
      0x0000, 0x0000, 0x4000, 0x0800, 0x2018, 0x4002, 0x0000, 0x8000, 0x0800, 0x2000};
  Counting board(torn_at(place));
  board.load(read_clear_and_count, handler);
  (void)board.read(place);
  board.load(snippet::forever);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(1ms);
  EXPECT_EQ(board.read(counter), 1U);
  EXPECT_EQ(board.get(eccr) & eccd, 0U);
}

TEST(L4Ecc, ALoadAndAFetchOfATornDoubleWordRaiseAnNmi) {
  Counting board(torn_at(place));
  board.set_reg(0, place);
  board.load(snippet::load_word);
  board.prepare(address::sram);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.get(eccr) & eccd, eccd);
  EXPECT_GT(board.read(counter), 0U);
  board.halt();
  board.set(eccr, eccd);
  board.write(counter, 0);
  board.prepare(place);
  board.resume();
  board.target.advance(100us);
  EXPECT_EQ(board.get(eccr) & eccd, eccd);
  EXPECT_GT(board.read(counter), 0U);
}

TEST(L4Ecc, AResetClearsTheFlagsAndThePendingNmi) {
  Board board("STM32G071RB", torn_at(place));
  board.halt();
  (void)board.read(place);
  board.system_reset();
  EXPECT_EQ(board.get(eccr), 0U);
  EXPECT_EQ(board.read(address::icsr) & nmi_pending, 0U);
}

TEST(L4Ecc, PowerLossTearsWhatIsProgrammedAndAPowerCycleDoesNotHeal) {
  Board board("STM32G071RB", {"power_loss_at=2"});
  board.unlock();
  board.program(place, 0, 0);
  board.set(cr, pg);
  board.write(place + 8, 0);
  board.write(place + 12, 0);
  board.target.advance(1ms);
  ASSERT_FALSE(board.target.powered());
  board.target.power_cycle();
  board.target.advance(5ms);
  EXPECT_EQ(torn_words(board, place, 8), 0U);
  EXPECT_EQ(torn_words(board, place + 8, 8), 1U);
  const std::uint32_t once = board.read(place + 8);
  board.target.power_cycle();
  board.target.advance(5ms);
  EXPECT_EQ(board.read(place + 8), once);
  EXPECT_EQ(torn_words(board, place + 8, 8), 1U);
}

TEST(L4Ecc, AResetInAnEraseLeavesAMixOfOldErasedAndTorn) {
  Board board;
  board.fill(0x4000, 0x800, 0);
  board.unlock();
  board.set(cr, per | pnb(8) | strt);
  board.target.advance(10ms);
  board.system_reset();
  const std::size_t torn = torn_words(board, place, 0x800);
  std::size_t old = 0, blank = 0;
  for (std::uint32_t at = 0x4000; at < 0x4800; at += 8) {
    const auto first = board.flash.begin() + at;
    old += std::all_of(first, first + 8, [](std::uint8_t byte) { return byte == 0; }) ? 1 : 0;
    blank += std::all_of(first, first + 8, [](std::uint8_t byte) { return byte == 0xFF; }) ? 1 : 0;
  }
  EXPECT_GT(torn, 50U);
  EXPECT_GT(old, 50U);
  EXPECT_GT(blank, 50U);
  EXPECT_EQ(torn + old + blank, 256U);
}

TEST(L4Ecc, AC0HasNone) {
  Board board("STM32C031K6");
  board.fill(0x4000, 0x800, 0);
  board.unlock();
  board.set(cr, per | pnb(8) | strt);
  board.target.advance(10ms);
  board.system_reset();
  EXPECT_EQ(torn_words(board, place, 0x800), 0U);
  const auto between = std::count_if(board.flash.begin() + 0x4000, board.flash.begin() + 0x4800,
                                     [](std::uint8_t byte) { return byte != 0 && byte != 0xFF; });
  EXPECT_GT(between, 300);
  EXPECT_THROW(Board("STM32C031K6", torn_at(place)), std::invalid_argument);
}

}  // namespace
}  // namespace sim_test::l4::ecc_rules
