// The made-up chip with flash at 0: each rule of its flash controller, with it and without it; its
// sectors, row, options and alias; and a core that executes there.
#include "odd_chip.hpp"

#include "bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sim_test::odd_chip_rules {
namespace {

namespace odd = flashhost::test::odd;

constexpr std::uint32_t erased = 0xFFFFFFFF, word = 0x600DF00D;

Config without(const std::string &rule, const std::string &part = "ODD64") {
  Config result = odd::board_config(part);
  result.firmware_runs = false;
  if (!rule.empty()) result.rules_off = {rule};
  return result;
}

struct Odd : Bench {
  explicit Odd(const std::string &rule_off = "", const std::string &part = "ODD64")
      : Bench(without(rule_off, part)) {}

  void open() { write(odd::at::key, odd::the_key); }
  void begin(std::uint32_t command, std::uint32_t address, std::uint32_t data = word) {
    write(odd::at::command, command);
    write(odd::at::address, address);
    write(odd::at::data, data);
    write(odd::at::start, 1);
  }
  void run(std::uint32_t command, std::uint32_t address, std::uint32_t data = word) {
    begin(command, address, data);
    target.advance(50ms);
  }
  std::uint32_t error() {
    return read(odd::at::status) & (odd::flag::refused | odd::flag::not_erased);
  }
};

TEST(OddChip, RefusesCommandsWhileClosed) {
  for (const bool closed : {true, false}) {
    Odd board(closed ? "" : "odd_lock");
    board.write(odd::at::key, odd::the_key + 1);
    board.run(odd::program_word, 0x40);
    EXPECT_EQ(board.read(0x40), closed ? erased : word);
    EXPECT_EQ(board.error(), closed ? odd::flag::refused : 0);
  }
}

TEST(OddChip, IsClosedByAResetAndByAWrongKey) {
  for (const bool closes : {true, false}) {
    Odd board(closes ? "" : "odd_reset_closes");
    EXPECT_EQ(board.read(odd::at::status), 0U);
    board.open();
    EXPECT_EQ(board.read(odd::at::status), odd::flag::open);
    board.system_reset();
    EXPECT_EQ(board.read(odd::at::status), closes ? 0 : odd::flag::open);
    board.open();
    board.write(odd::at::key, 0);
    EXPECT_EQ(board.read(odd::at::status), 0U);
  }
}

TEST(OddChip, DoesNothingWhileAnErrorIsSet) {
  for (const bool blocks : {true, false}) {
    Odd board(blocks ? "" : "odd_error_blocks");
    board.open();
    board.run(0x77, 0);
    EXPECT_EQ(board.error(), odd::flag::refused);
    board.run(odd::program_word, 0x40);
    EXPECT_EQ(board.read(0x40), blocks ? erased : word);
    board.write(odd::at::status, odd::flag::not_erased);
    EXPECT_EQ(board.error(), odd::flag::refused);
    board.write(odd::at::status, odd::flag::refused);
    EXPECT_EQ(board.error(), 0U);
    board.run(odd::program_word, 0x44);
    EXPECT_EQ(board.read(0x44), word);
  }
}

TEST(OddChip, ProgramsOnlyWhatIsErased) {
  for (const bool only_erased : {true, false}) {
    Odd board(only_erased ? "" : "odd_only_erased");
    board.open();
    board.run(odd::program_word, 0x40, 0xFFFFFF0F);
    board.run(odd::program_word, 0x40, 0xFFFFFFF0);
    EXPECT_EQ(board.error(), only_erased ? odd::flag::not_erased : 0);
    EXPECT_EQ(board.read(0x40), only_erased ? 0xFFFFFF0F : 0xFFFFFF00);
  }
}

TEST(OddChip, TakesTheAddressesOfItsWordsOnly) {
  for (const bool strict : {true, false}) {
    Odd board(strict ? "" : "odd_whole_words");
    board.open();
    board.run(odd::program_word, 0x42);
    EXPECT_EQ(board.error(), strict ? odd::flag::refused : 0);
    EXPECT_EQ(board.read(0x40), strict ? erased : word);
  }
  Odd board;
  board.open();
  board.run(odd::program_word, odd::flash_size);
  EXPECT_EQ(board.error(), odd::flag::refused);
}

TEST(OddChip, TakesOneCommandAtATime) {
  for (const bool one : {true, false}) {
    Odd board(one ? "" : "odd_one_at_a_time");
    board.open();
    board.begin(odd::erase_sector, 0x400);
    EXPECT_EQ(board.read(odd::at::status), odd::flag::open | odd::flag::busy);
    board.run(odd::program_word, 0x40);
    EXPECT_EQ(board.error(), one ? odd::flag::refused : 0);
    EXPECT_EQ(board.read(0x40), erased);
  }
}

TEST(OddChip, CannotBeReadWhileBusy) {
  for (const bool stalls : {true, false}) {
    Odd board(stalls ? "" : "odd_stall_on_busy");
    board.open();
    board.begin(odd::erase_sector, 0x400);
    EXPECT_EQ(board.try_read(0x8000), stalls ? Ack::wait : Ack::ok);
    board.target.advance(4ms);
    EXPECT_EQ(board.try_read(0x8000), Ack::ok);
  }
}

TEST(OddChip, IsNotProgrammedByStores) {
  for (const bool by_command : {true, false}) {
    Odd board(by_command ? "" : "odd_only_by_command");
    board.open();
    EXPECT_EQ(board.try_write(0x40, word), by_command ? Ack::fault : Ack::ok);
    board.target.clear_sticky_error();
    board.target.advance(1ms);
    EXPECT_EQ(board.read(0x40), by_command ? erased : word);
  }
}

TEST(OddChip, HasSixteenSmallSectorsAndTwelveLargeOnes) {
  struct Row {
    std::uint32_t address, first, size;
  };
  for (const Row &row : {Row{0, 0, 0x400}, Row{0x7FC, 0x400, 0x400}, Row{0x3C00, 0x3C00, 0x400},
                         Row{0x4000, 0x4000, 0x1000}, Row{0xFFFC, 0xF000, 0x1000}}) {
    SCOPED_TRACE(row.address);
    Odd board;
    std::ranges::fill(board.flash, std::uint8_t{0});
    board.open();
    board.run(odd::erase_sector, row.address);
    std::vector<std::uint8_t> expected(odd::flash_size, 0);
    std::fill_n(expected.begin() + row.first, row.size, std::uint8_t{0xFF});
    EXPECT_EQ(board.flash, expected);
  }
}

// ldr r0, =counter | ldr r1, [r0] | adds r1, #1 | str r1, [r0] | bkpt #0 | (literal)
constexpr std::uint16_t count_and_stop[] = {0x4802, 0x6801, 0x3101, 0x6001,
                                            0xBE00, 0xBF00, 0x0800, 0x2000};

TEST(OddChip, ExecutesWhatIsInItsFlashAlsoAfterAChange) {
  constexpr std::uint32_t counter = address::sram + 0x800, code = 0x100;
  Bench board(without("odd_only_erased"), {{code, count_and_stop}}, code);
  board.halt();
  EXPECT_EQ(board.reg(core::pc), code);
  board.write(counter, 5);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.read(counter), 6U);
  board.write(odd::at::key, odd::the_key);
  board.write(odd::at::command, odd::program_word);
  board.write(odd::at::address, code + 4);
  board.write(odd::at::data, 0x20013101);  // movs r0, #1 instead of the store
  board.write(odd::at::start, 1);
  board.target.advance(1ms);
  board.prepare(code);
  ASSERT_TRUE(board.run_to_halt());
  EXPECT_EQ(board.reg(0), 1U);
  EXPECT_EQ(board.read(counter), 6U);
}

// --- ODD80: more flash behind the main one, and the main one at an alias address, too.

struct Odd80 : Odd {
  explicit Odd80(const std::string &rule_off = "") : Odd(rule_off, "ODD80") {}

  void buffer_options(std::uint32_t first) {
    for (std::uint32_t i = 0; i != odd::option_count; ++i) {
      write(odd::at::option_words + 4 * i, first + i);
    }
  }
  std::vector<std::uint32_t> options() {
    std::vector<std::uint32_t> words;
    for (std::uint32_t i = 0; i != odd::option_count; ++i) {
      words.push_back(read(odd::options + 4 * i));
    }
    return words;
  }
};

std::vector<std::uint32_t> counted_from(std::uint32_t first) {
  std::vector<std::uint32_t> words(odd::option_count);
  std::ranges::generate(words, [&] { return first++; });
  return words;
}

TEST(Odd80, HasARowOfFourSectorsThatHasCommandsOfItsOwn) {
  for (const std::uint32_t sector : {0U, 1U, 3U}) {
    SCOPED_TRACE(sector);
    Odd80 board;
    std::ranges::fill(board.flash, std::uint8_t{0});
    board.open();
    board.run(odd::erase_row_sector, odd::row + sector * odd::small_sector + 0x3FC);
    EXPECT_EQ(board.error(), 0U);
    std::vector<std::uint8_t> expected(odd::whole_size, 0);
    const std::uint32_t first = odd::row + sector * odd::small_sector;
    std::fill_n(expected.begin() + first, odd::small_sector, std::uint8_t{0xFF});
    EXPECT_EQ(board.flash, expected);
    board.run(odd::program_row_word, first + 4);
    EXPECT_EQ(board.read(first + 4), word);
    board.run(odd::program_row_word, first + 4);
    EXPECT_EQ(board.error(), odd::flag::not_erased);
  }
}

TEST(Odd80, RefusesTheCommandsOfTheOneForTheOther) {
  for (const bool refuses : {true, false}) {
    Odd80 board(refuses ? "" : "odd_own_commands");
    board.open();
    for (const auto &[command, address] : {std::pair{odd::program_word, odd::row},
                                           std::pair{odd::program_row_word, std::uint32_t{0x40}}}) {
      board.run(command, address);
      EXPECT_EQ(board.error(), refuses ? odd::flag::refused : 0);
      EXPECT_EQ(board.read(address), refuses ? erased : word);
      board.write(odd::at::status, odd::flag::refused);
    }
    for (const auto &[command, address] : {std::pair{odd::erase_sector, odd::row},
                                           std::pair{odd::erase_row_sector, std::uint32_t{0x40}}}) {
      board.flash[address + 0x80] = 0;
      board.run(command, address);
      EXPECT_EQ(board.flash[address + 0x80], refuses ? 0 : 0xFF);
      board.write(odd::at::status, odd::flag::refused);
    }
  }
}

TEST(Odd80, RefusesTheGapBehindItsMainFlash) {
  for (const bool refuses : {true, false}) {
    Odd80 board(refuses ? "" : "odd_refuse_gap");
    board.open();
    board.run(odd::program_word, odd::row - 4);
    EXPECT_EQ(board.error(), refuses ? odd::flag::refused : 0);
    EXPECT_EQ(board.read(odd::row - 4), refuses ? erased : word);
  }
}

TEST(Odd80, RefusesWhatIsNeitherFlashNorRow) {
  Odd80 board;
  std::ranges::fill(board.flash, std::uint8_t{0x5A});
  const std::vector<std::uint8_t> before = board.flash;
  board.open();
  for (const std::uint32_t address :
       {odd::gap, odd::row - 4, odd::options, odd::options + 4 * odd::option_count,
        odd::whole_size - 4, odd::whole_size}) {
    for (const std::uint32_t command :
         {odd::erase_sector, odd::program_word, odd::erase_row_sector, odd::program_row_word}) {
      SCOPED_TRACE(::testing::Message() << std::hex << command << " at " << address);
      board.run(command, address);
      EXPECT_EQ(board.error(), odd::flag::refused);
      board.write(odd::at::status, odd::flag::refused);
    }
  }
  EXPECT_EQ(board.flash, before);
}

TEST(Odd80, WritesAllOptionWordsAtOnceAndShowsThemAtOnce) {
  for (const bool erases : {true, false}) {
    Odd80 board(erases ? "" : "odd_options_erase");
    std::ranges::fill(board.flash, std::uint8_t{0x00});
    board.open();
    board.buffer_options(0x1000);
    EXPECT_EQ(board.read(odd::at::option_words + 4), 0x1001U);
    board.begin(odd::write_options, odd::options);
    EXPECT_EQ(board.read(odd::at::status), odd::flag::open | odd::flag::busy);
    board.target.advance(50ms);
    EXPECT_EQ(board.read(odd::at::status), odd::flag::open);
    EXPECT_EQ(board.options(), erases ? counted_from(0x1000) : std::vector<std::uint32_t>(10));
    board.buffer_options(0x2F00);
    board.run(odd::write_options, odd::options);
    EXPECT_EQ(board.options() == counted_from(0x2F00), erases);
    std::vector<std::uint8_t> around = board.flash;
    std::fill_n(around.begin() + odd::options, 4 * odd::option_count, std::uint8_t{0});
    EXPECT_EQ(around, std::vector<std::uint8_t>(odd::whole_size, 0));
  }
}

TEST(Odd80, WritesItsOptionsByTheirOwnAddressOnly) {
  for (const bool strict : {true, false}) {
    Odd80 board(strict ? "" : "odd_options_address");
    board.open();
    board.buffer_options(0x1000);
    board.run(odd::write_options, odd::options + 4);
    EXPECT_EQ(board.error(), strict ? odd::flag::refused : 0);
    EXPECT_EQ(board.options() == counted_from(0x1000), !strict);
  }
  Odd board("odd_options_address");  // which has no options
  board.open();
  board.run(odd::write_options, 0);
  EXPECT_EQ(board.error(), odd::flag::refused);
}

TEST(Odd80, LeavesItsOptionsHalfWrittenWhereThePowerFails) {
  constexpr int second_word = 3;  // an erase comes first
  Config config = without("", "ODD80");
  config.faults = {"power_loss_at=" + std::to_string(second_word)};
  Bench board(config);
  board.write(odd::at::key, odd::the_key);
  board.write(odd::at::command, odd::write_options);
  board.write(odd::at::address, odd::options);
  board.write(odd::at::start, 1);
  board.target.advance(50ms);
  EXPECT_EQ(board.try_read(odd::options), Ack::no_response);
  const auto at = board.flash.begin() + odd::options;
  EXPECT_THAT(std::vector<std::uint8_t>(at, at + 4), testing::Each(0));
  EXPECT_THAT(std::vector<std::uint8_t>(at + 8, at + 40), testing::Each(0xFF));
}

TEST(Odd80, WritesNoMoreOptionsAfterAReset) {
  Odd80 board;
  board.open();
  board.buffer_options(0x1000);
  board.begin(odd::write_options, odd::options);
  board.target.advance(3050us);  // an erase, a word and a half
  board.system_reset();
  EXPECT_EQ(board.read(odd::at::option_words), 0U);
  EXPECT_EQ(board.read(odd::options), 0x1000U);
  board.open();
  board.run(odd::program_word, 0x40);
  EXPECT_EQ(board.read(0x40), word);
  EXPECT_EQ(board.read(odd::options + 8), erased);
}

// ldr r0, [r0] | bkpt #0, and so on
constexpr std::uint16_t load_word[] = {0x6800, 0xBE00}, load_half[] = {0x8800, 0xBE00},
                        load_byte[] = {0x7800, 0xBE00}, store_word[] = {0x6001, 0xBE00};

TEST(Odd80, ShowsItsMainFlashAtAnAliasToDebuggerAndCore) {
  Odd80 board;
  for (std::size_t i = 0; i != board.flash.size(); ++i) {
    board.flash[i] = static_cast<std::uint8_t>(i ^ i >> 8 ^ i >> 16);
  }
  board.halt();
  for (const std::uint32_t offset : {0U, 4U, 0x3FCU, 0x400U, 0x7FF8U, 0xFFFCU}) {
    SCOPED_TRACE(offset);
    const std::uint32_t expected = board.read(offset), place = odd::alias + offset;
    EXPECT_EQ(board.read(place), expected);
    EXPECT_EQ(board.read16(place + 2), expected >> 16);
    const auto load = [&](std::span<const std::uint16_t> code, std::uint32_t from) {
      board.set_reg(0, from);
      EXPECT_TRUE(board.execute(code));
      return board.reg(0);
    };
    EXPECT_EQ(load(load_word, place), expected);
    EXPECT_EQ(load(load_half, place + 2), expected >> 16);
    EXPECT_EQ(load(load_byte, place + 3), expected >> 24);
  }
  EXPECT_EQ(board.try_read(odd::alias + odd::flash_size), Ack::fault);
  Odd other;
  EXPECT_EQ(other.try_read(odd::alias), Ack::fault);
}

TEST(Odd80, CannotBeReadAtItsAliasWhileBusy) {
  for (const bool stalls : {true, false}) {
    Odd80 board(stalls ? "" : "odd_stall_on_busy");
    board.flash[0x400] = 0x11;
    board.flash[0] = 0x22;  // what a load from r0 = 0 would get
    board.open();
    board.halt();
    board.begin(odd::erase_sector, 0x400);
    EXPECT_EQ(board.try_read(odd::alias), stalls ? Ack::wait : Ack::ok);
    board.set_reg(0, odd::alias + 0x400);
    ASSERT_TRUE(board.execute(load_word));
    EXPECT_EQ(board.reg(0), stalls ? erased : 0xFFFFFF11);
  }
}

TEST(Odd80, IsNotProgrammedByStoresToItsAlias) {
  for (const bool by_command : {true, false}) {
    Odd80 board(by_command ? "" : "odd_only_by_command");
    board.halt();
    EXPECT_EQ(board.try_write(odd::alias + 0x40, word), by_command ? Ack::fault : Ack::ok);
    board.target.clear_sticky_error();
    board.target.advance(1ms);
    EXPECT_EQ(board.read(0x40), by_command ? erased : word);
    board.set_reg(0, odd::alias + 0x80);
    board.set_reg(1, word);
    EXPECT_EQ(board.execute(store_word), !by_command);  // a fault: there are no handlers
    board.target.advance(1ms);
    EXPECT_EQ(board.read(0x80), by_command ? erased : word);
  }
}

TEST(Odd80, TakesNoCommandForItsAlias) {
  for (const bool refuses : {true, false}) {
    Odd80 board(refuses ? "" : "odd_alias_reads_only");
    board.open();
    board.run(odd::program_word, odd::alias + 0x40);
    EXPECT_EQ(board.error(), refuses ? odd::flag::refused : 0);
    EXPECT_EQ(board.read(0x40), refuses ? erased : word);
  }
}

TEST(Odd80, HasOtherNamesForPacks) {
  std::vector<std::string> wide, narrow;
  for (const flashhost::machine::Part &part : odd::OddModel().parts()) {
    (part.flash_size == odd::whole_size ? wide : narrow).emplace_back(part.name);
  }
  EXPECT_THAT(wide, testing::ElementsAre("ODD80", "ODD80S", "ODD80A"));
  EXPECT_THAT(narrow, testing::ElementsAre("ODD64", "ODD64P", "ODD64S"));
}

// A model whose only part has its flash somewhere.
class Somewhere final : public flashhost::machine::Model {
 public:
  Somewhere(std::uint32_t flash_address, std::uint32_t sram_address)
      : part_(odd::OddModel().parts().front()) {
    part_.flash_address = flash_address;
    part_.sram_address = sram_address;
  }
  std::span<const flashhost::machine::Part> parts() const override { return {&part_, 1}; }
  std::unique_ptr<flashhost::machine::Die> make_die(
      const flashhost::machine::Part &part,
      const flashhost::machine::Wiring &wiring) const override {
    return odd::OddModel().make_die(part, wiring);
  }

 private:
  flashhost::machine::Part part_;
};

Config somewhere(std::uint32_t flash_address, std::uint32_t sram_address = odd::ram) {
  Config config = without("");
  config.model = std::make_shared<Somewhere>(flash_address, sram_address);
  return config;
}

TEST(FlashAddress, MayBeAnywhereInTheCodeRegionAndIsShownAtZero) {
  Bench board(somewhere(0x00400000));
  board.flash[0x11] = 0x42;
  EXPECT_EQ(board.read(0x00400010), 0xFFFF42FFU);
  EXPECT_EQ(board.read(0x10), 0xFFFF42FFU);
  EXPECT_EQ(board.try_read(address::flash), Ack::fault);
}

TEST(FlashAddress, IsRefusedWhereTheMachineCannotShowIt) {
  for (const std::uint32_t wrong :
       {0x00000400U, 0x00008000U, 0x08000100U, 0x0FFF8000U, 0x10000000U, 0x20000000U}) {
    EXPECT_THROW(Bench{somewhere(wrong)}, std::invalid_argument) << wrong;
  }
}

// adds r0, #1 | str r0, [r1] | ldr r2, [r1] | bkpt #0
constexpr std::uint16_t add_and_store[] = {0x3001, 0x6008, 0x680A, 0xBE00};

TEST(RamAddress, MayBeBelowTheUsualOneAndCodeRunsOnBothSides) {
  Odd board;
  board.halt();
  constexpr std::uint32_t usual = 0x20000000;
  for (const std::uint32_t code : {odd::ram, usual - 4, usual, usual + 0x2FF8}) {
    SCOPED_TRACE(code);
    for (const std::uint32_t data : {odd::ram + 0x10, usual - 0x10, usual + 0x10}) {
      board.set_reg(0, 41);
      board.set_reg(1, data);
      ASSERT_TRUE(board.execute(add_and_store, code));
      EXPECT_EQ(board.reg(core::pc), code + 6);
      EXPECT_EQ(board.read(data), 42U);
      EXPECT_EQ(board.reg(2), 42U);
    }
    // Other code at the same place.
    board.write16(code, 0x2007);  // movs r0, #7
    board.prepare(code);
    ASSERT_TRUE(board.run_to_halt());
    EXPECT_EQ(board.reg(0), 7U);
  }
  EXPECT_EQ(board.try_read(odd::ram - 4), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.try_read(usual + 0x3000), Ack::fault);
}

TEST(RamAddress, HasHardwareBreakpointsBelowTheUsualOne) {
  Odd board;
  board.halt();
  board.set_reg(1, odd::ram + 0x10);
  board.write(0xE0002000, 3);  // BP_CTRL: on
  board.write(0xE0002008, (odd::ram + 4) | 1U << 30 | 1);
  ASSERT_TRUE(board.execute(add_and_store, odd::ram));
  EXPECT_EQ(board.reg(core::pc), odd::ram + 4);
}

TEST(RamAddress, IsRefusedWhereTheMachineCannotHaveIt) {
  for (const std::uint32_t wrong : {0U, 0x10000000U, 0x1FFFF100U, 0x3FFFE000U, 0x40000000U}) {
    EXPECT_THROW(Bench{somewhere(0, wrong)}, std::invalid_argument) << wrong;
  }
}

}  // namespace
}  // namespace sim_test::odd_chip_rules
