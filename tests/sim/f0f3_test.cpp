// STM32F0 and F3: what their dies and flash controllers do differently from the F1's.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::f0f3_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Lt;

constexpr std::uint32_t obl_launch = 1U << 13;
constexpr std::uint32_t idcode = 0x40015800, size_register = 0x1FFFF7CC,
                        f1_size_register = 0x1FFFF7E0;
constexpr std::uint32_t f1_idcode = address::idcode;
constexpr std::uint8_t level0 = 0xAA, level1 = 0x00, level2 = 0xCC;

struct Die {
  const char *part;
  std::uint32_t device_id, page, sram, ccm, system_memory;
};
constexpr Die dies[] = {{"STM32F031K6", 0x444, 1024, 4, 0, 0x1FFFEC00},
                        {"STM32F042K6", 0x445, 1024, 6, 0, 0x1FFFC400},
                        {"STM32F051R8", 0x440, 1024, 8, 0, 0x1FFFEC00},
                        {"STM32F072RB", 0x448, 2048, 16, 0, 0x1FFFC800},
                        {"STM32F091RC", 0x442, 2048, 32, 0, 0x1FFFD800},
                        {"STM32F301K8", 0x439, 2048, 16, 0, 0x1FFFD800},
                        {"STM32F303K8", 0x438, 2048, 12, 4, 0x1FFFD800},
                        {"STM32F303VC", 0x422, 2048, 40, 8, 0x1FFFD800},
                        {"STM32F303RE", 0x446, 2048, 64, 16, 0x1FFFD800},
                        {"STM32F373CC", 0x432, 2048, 32, 0, 0x1FFFD800}};

struct Board : Bench {
  explicit Board(const std::string &part, std::vector<std::string> faults = {},
                 std::initializer_list<Placed> firmware = {}, std::uint32_t entry = 0)
      : Bench(config(part, std::move(faults)), firmware, entry) {}

  void refused(std::uint32_t address) {
    EXPECT_EQ(try_read(address), Ack::fault) << std::hex << address;
    target.clear_sticky_error();
  }
  void erase_options() {
    unlock_options();
    write(address::flash_cr, cr::optwre | cr::opter);
    write(address::flash_cr, cr::optwre | cr::opter | cr::strt);
    wait_ready();
  }
  // Unlike a change by flashhost it may leave bytes erased.
  void set_options(std::uint8_t rdp, std::uint8_t user = 0xFF, std::uint8_t data0 = 0xFF) {
    erase_options();
    write_option(0, rdp);
    write_option(2, user);
    write_option(4, data0);
    write(address::flash_cr, cr::lock);
  }
  void launch() {
    write(address::flash_cr, obl_launch);
    target.advance(5ms);
  }
  void power_cycle() {
    target.power_cycle();
    target.advance(5ms);
  }
  [[nodiscard]] std::uint32_t program_counter() {
    halt();
    return reg(core::pc);
  }
};

class F0F3Die : public testing::TestWithParam<Die> {
 protected:
  Board board{GetParam().part};
  const bool is_f0 = std::string(GetParam().part).starts_with("STM32F0");
};

TEST_P(F0F3Die, HasItsIdsAtTheAddressesOfItsSeries) {
  EXPECT_EQ(board.read(is_f0 ? idcode : f1_idcode) & 0xFFFF,
            (is_f0 ? 0x6000U : 0U) | GetParam().device_id);
  if (is_f0) {
    EXPECT_EQ(board.read(f1_idcode) & 0xFFF, 0U);
  } else {
    board.refused(idcode);
  }
  EXPECT_EQ(board.read16(size_register) * 1024, board.flash.size());
  EXPECT_NE(board.read16(f1_size_register) * 1024, board.flash.size());
}

TEST_P(F0F3Die, HasItsMemoriesAndNoMore) {
  const Die &die = GetParam();
  board.write(address::sram + die.sram * 1024 - 4, 1);
  board.refused(address::sram + die.sram * 1024);
  EXPECT_EQ(board.read(die.system_memory + 4), (die.system_memory + 8) | 1U);
  board.refused(die.system_memory - 4);
  board.refused(static_cast<std::uint32_t>(address::flash + board.flash.size()));
  if (die.ccm == 0) {
    board.refused(0x10000000);
  } else {
    board.write(0x10000000 + die.ccm * 1024 - 4, 1);
    board.refused(0x10000000 + die.ccm * 1024);
  }
}

TEST_P(F0F3Die, ErasesItsPagesAndProgramsInItsTime) {
  const std::uint32_t page = GetParam().page;
  std::fill_n(board.flash.begin(), 3 * page, std::uint8_t{0});
  board.unlock();
  board.erase_page(address::flash + page);
  EXPECT_EQ(board.flash[page - 1], 0);
  EXPECT_EQ(board.flash[page], 0xFF);
  EXPECT_EQ(board.flash[2 * page - 1], 0xFF);
  EXPECT_EQ(board.flash[2 * page], 0);
  board.write(address::flash_cr, cr::pg);
  board.write16(address::flash + page, 0x1234);
  EXPECT_THAT(board.busy_time(), AllOf(Ge(53us), Lt(56us)));
}

TEST_P(F0F3Die, LoadsItsOptionBytesAtALaunchAndOnTheF3AtAnyReset) {
  EXPECT_EQ(board.read(address::option_bytes), 0x00FF55AAU);
  EXPECT_EQ(board.read(address::flash_obr), 0xFFFFFF00U);
  board.set_options(level0, 0xFD, 0x5A);
  EXPECT_EQ(board.read(address::flash_obr), 0xFFFFFF00U);
  board.system_reset();
  constexpr std::uint32_t changed = 0xFF5AFD00U;
  EXPECT_EQ(board.read(address::flash_obr), is_f0 ? 0xFFFFFF00U : changed);
  board.launch();
  EXPECT_EQ(board.read(address::flash_obr), changed);
}

INSTANTIATE_TEST_SUITE_P(Dies, F0F3Die, testing::ValuesIn(dies),
                         [](const auto &one) { return std::string(one.param.part); });

TEST(F0F3Options, ALaunchResetsTheChipThoughTheControllerIsLocked) {
  Board board("STM32F303VC");
  EXPECT_EQ(board.read(address::flash_cr), cr::lock);
  const auto before = board.target.statistics().system_resets;
  board.launch();
  EXPECT_EQ(board.target.statistics().system_resets, before + 1);
}

TEST(F0F3Options, AreLoadedAtPowerOn) {
  Board board("STM32F051R8");
  board.set_options(level0, 0xFD);
  board.power_cycle();
  EXPECT_EQ(board.read(address::flash_obr) >> 8 & 0xFF, 0xFDU);
}

TEST(F0F3Options, Level1ShutsTheDebuggerOutAndSaysPgerr) {
  Board board("STM32F051R8", {"read_protected"});
  EXPECT_EQ(board.read(address::flash_obr) & 6, 2U);
  board.refused(address::flash);
  board.unlock();
  board.erase_page(address::flash + 0x4000);
  EXPECT_EQ(board.read(address::flash_sr), sr::pgerr);
  board.clear_errors();
  board.program(address::flash + 0x4000, 0x1234);
  EXPECT_EQ(board.read(address::flash_sr), sr::pgerr);
}

TEST(F0F3Options, Level0ErasesTheFlashWhenItIsLoadedAndNotBefore) {
  for (const char *part : {"STM32F051R8", "STM32F303VC"}) {
    Board board(part, {"read_protected"});
    board.flash[0x1234] = 0;
    board.set_options(level0);
    EXPECT_EQ(board.flash[0x1234], 0);
    board.launch();
    EXPECT_EQ(board.flash[0x1234], 0xFF);
    EXPECT_EQ(board.read(address::flash), 0xFFFFFFFFU);
  }
}

TEST(F0F3Options, OtherValuesThanThoseOfLevels0And2AreLevel1) {
  for (const std::uint8_t rdp : {level1, std::uint8_t{0xA5}, std::uint8_t{0xFF}}) {
    Board board("STM32F303VC");
    board.set_options(rdp);
    board.launch();
    EXPECT_EQ(board.read(address::flash_obr) & 6, 2U) << int{rdp};
  }
}

TEST(F0F3Options, Level2ClosesTheDebugPort) {
  Board board("STM32F303VC");
  board.set_options(level2);
  EXPECT_EQ(board.try_read(address::sram), Ack::ok);
  board.write(address::flash_cr, obl_launch);
  board.target.advance(5ms);
  EXPECT_EQ(board.try_read(address::sram), Ack::no_response);
}

TEST(F0F3Options, AByteWithoutItsComplementCountsAsErased) {
  Board board("STM32F303VC", {"read_protected_by_damage"});
  EXPECT_EQ(board.read16(address::option_bytes), 0x54AAU);
  EXPECT_EQ(board.read(address::flash_obr) & 7, 3U);  // OPTERR, level 1
}

TEST(F0F3Options, ErasedBytesAreNoError) {
  Board board("STM32F303VC");
  board.set_options(level0);
  board.launch();
  EXPECT_EQ(board.read(address::flash_obr) & 1, 0U);
}

TEST(F0F3Options, AByteThatIsNotErasedIsWrprterr) {
  Board board("STM32F051R8");
  board.unlock_options();
  board.write_option(4, 0x12);
  EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
}

TEST(F0F3Options, DiesWithFewPagesHaveNoLastWord) {
  EXPECT_EQ(Board("STM32F051R8").read(0x1FFFF80C), 0xFFFFFFFFU);
  EXPECT_EQ(Board("STM32F072RB").read(0x1FFFF80C), 0x00FF00FFU);
}

TEST(F0F3Options, TheLastBitProtectsAllTheRest) {
  for (const auto &[part, page] : {std::pair{"STM32F091RC", 100}, std::pair{"STM32F303RE", 200}}) {
    Board board(part, {"write_protected=" + std::to_string(page)});
    EXPECT_EQ(board.read(address::flash_wrpr), 0x7FFFFFFFU);
    board.unlock();
    board.program(address::flash + 62 * 2048, 1);
    EXPECT_EQ(board.read(address::flash_sr), sr::wrprterr);
    board.clear_errors();
    board.program(address::flash + 61 * 2048, 1);
    EXPECT_EQ(board.read(address::flash_sr), sr::eop);
  }
}

TEST(F0F3Flash, TakesHalfwordsOnlyAndNeedsItsOscillator) {
  Board board("STM32F051R8", {"hsi_off"});
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  EXPECT_EQ(board.try_write(address::flash, 0), Ack::fault);
  board.target.clear_sticky_error();
  board.write16(address::flash, 0);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(address::flash_sr), sr::bsy);
  board.write(address::rcc, board.read(address::rcc) | 1);
  board.target.advance(1ms);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
}

constexpr std::uint32_t loop_at = 0x100;

// What stands there is a program from now on, but the chip has not looked again.
struct Started {
  explicit Started(const char *part) : board(part) {
    board.unlock();
    for (const auto &[at, value] :
         {std::pair{0x0U, 0x1000U}, std::pair{0x2U, 0x2000U}, std::pair{0x4U, loop_at | 1U},
          std::pair{0x6U, 0x0800U}, std::pair{loop_at, std::uint32_t{snippet::forever[0]}}}) {
      board.program(address::flash + at, static_cast<std::uint16_t>(value));
    }
    board.write(address::flash_cr, cr::lock);
    board.write(address::demcr, 1);  // stop at the reset vector
  }
  [[nodiscard]] std::uint32_t pc() { return board.program_counter(); }
  Board board;
};

TEST(F0F3Boot, AnEmptyFlashStartsTheBootloaderUntilTheOptionBytesAreLoaded) {
  for (const auto &[part, system] :
       {std::pair{"STM32F042K6", 0x1FFFC400U}, std::pair{"STM32F070F6", 0x1FFFC400U},
        std::pair{"STM32F030RC", 0x1FFFD800U}}) {
    Started empty(part);
    Board &board = empty.board;
    board.system_reset();
    EXPECT_EQ(empty.pc(), system + 8) << part;
    EXPECT_EQ(board.read(4), (system + 8) | 1U);
    board.launch();
    EXPECT_EQ(empty.pc(), address::flash + loop_at);
    EXPECT_EQ(board.read(4), (address::flash + loop_at) | 1U);
  }
}

TEST(F0F3Boot, OtherDiesDoNotLook) {
  for (const char *part : {"STM32F051R8", "STM32F072RB", "STM32F303VC"}) {
    Started empty(part);
    empty.board.system_reset();
    EXPECT_EQ(empty.pc(), address::flash + loop_at) << part;
  }
}

TEST(F0F3Boot, OptionBitsCanChooseTheBootloader) {
  constexpr std::uint8_t by_option = 0x77;  // BOOT_SEL and nBOOT0 are 0, nBOOT1 is 1
  for (const auto &[part, chooses] :
       {std::pair{"STM32F042K6", true}, std::pair{"STM32F051R8", false}}) {
    Started chip(part);
    chip.board.set_options(level0, by_option);
    chip.board.launch();
    EXPECT_EQ(chip.pc() == address::flash + loop_at, !chooses) << part;
  }
}

TEST(F0F3Core, OfAnF0HasNoVectorTableOffset) {
  Board board("STM32F072RB");
  board.write(address::vtor, 0x20000000);
  EXPECT_EQ(board.read(address::vtor), 0U);
  EXPECT_EQ(board.read(0xE000ED00), 0x410CC200U);
  EXPECT_EQ(Board("STM32F303VC").read(0xE000ED00), 0x410FC241U);
}

TEST(F0F3Clone, HasAnotherCoreAndReadsZeroWhereNothingIs) {
  Board board("STM32F030R8CLONE");
  EXPECT_EQ(board.read(0xE000ED00), 0x410CC601U);
  EXPECT_EQ(board.target.debug_port_id(), 0x0BC11477U);
  EXPECT_EQ(board.read(idcode) & 0xFFF, 0x440U);
  EXPECT_EQ(board.read(address::flash + 64 * 1024), 0U);
  Board("STM32F030R8").refused(address::flash + 64 * 1024);
}

}  // namespace
}  // namespace sim_test::f0f3_rules
