// What the agent does not do, and what it says then.
#include "loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace loader_test {
namespace {

// Thumb code.
const Bytes return_0 = {0x00, 0x20, 0x70, 0x47};   // movs r0, #0; bx lr
const Bytes return_99 = {0x63, 0x20, 0x70, 0x47};  // movs r0, #99; bx lr

class Refusals : public ::testing::Test {
 protected:
  void send_damaged(const Command &command) {
    Command damaged = command;
    damaged.flip_crc = 0x100;
    sequence = loader.send(damaged);
    ASSERT_TRUE(board.wait_for([&] { return loader.mailbox().state == FH_STATE_BAD_SLOT; }));
  }
  void expect_window(const Command &command, std::uint32_t address) {
    Board fresh({});
    fresh.flash().assign(fresh.flash().size(), 0x5A);
    Loader other(fresh);
    other.parameters().window_address = flash_start + 1024;
    other.parameters().window_size = 4096;
    other.start();
    const fh_mailbox mailbox = other.fail(command);
    EXPECT_EQ(mailbox.error, FH_ERROR_WINDOW) << std::hex << command.address;
    EXPECT_EQ(mailbox.error_address, address);
    EXPECT_TRUE(all(fresh.flash(), 0x5A));
  }

  Board board{{}};
  Loader loader{board};
  std::uint32_t sequence = 0;
};

TEST_F(Refusals, ADamagedSlotIsRefusedUntilItIsRewritten) {
  loader.start();
  const Command command = program(flash_start, pattern(256));
  send_damaged(command);
  EXPECT_EQ(board.word(loader.sequence_word(sequence)), 0U);
  EXPECT_EQ(loader.mailbox().done, 0U);
  EXPECT_FALSE(board.halted());
  EXPECT_TRUE(all(board.flash(), 0xFF));
  loader.write_slot(sequence, command.block(sequence));
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_EQ(board.read(flash_start, 256), pattern(256));
}

TEST_F(Refusals, ASlotThatIsDamagedTwiceIsRefusedTwice) {
  loader.start();
  const Command command = erase(flash_start, 1024);
  send_damaged(command);
  Command again = command;
  again.flip_crc = 1;
  loader.write_slot(sequence, again.block(sequence));
  ASSERT_TRUE(board.wait_for([&] { return board.word(loader.sequence_word(sequence)) == 0; }));
  EXPECT_EQ(loader.mailbox().state, FH_STATE_BAD_SLOT);
  loader.write_slot(sequence, command.block(sequence));
  EXPECT_TRUE(loader.wait_done(sequence));
}

TEST_F(Refusals, EveryDamagedWordOfASlotIsNoticed) {
  loader.start();
  const Command command = program(flash_start, pattern(16));
  const Bytes good = command.block(1);
  for (std::size_t at = 0; at < good.size() - 4; at += 4) {
    Bytes bad = good;
    bad[at] ^= 0x20;
    loader.write_slot(1, bad);
    ASSERT_TRUE(board.wait_for([&] { return board.word(loader.sequence_word(1)) == 0; })) << at;
    ASSERT_EQ(loader.mailbox().state, FH_STATE_BAD_SLOT) << at;
    ASSERT_EQ(loader.mailbox().current, 0U) << at;
  }
  loader.write_slot(1, good);
  EXPECT_TRUE(loader.wait_done(1));
}

TEST_F(Refusals, APayloadThatDoesNotFitIntoItsSlotIsADamagedSlot) {
  loader.start();
  for (const std::uint32_t length : {1025U, 0x7FFFFFFFU, 0xFFFFFFFDU, 0xFFFFFFFFU}) {
    Command command = program(flash_start, Bytes(1024, 0));
    command.length = length;
    loader.write_slot(1, command.block(1));
    ASSERT_TRUE(board.wait_for([&] { return board.word(loader.sequence_word(1)) == 0; }));
    EXPECT_EQ(loader.mailbox().state, FH_STATE_BAD_SLOT) << length;
  }
  EXPECT_TRUE(all(board.flash(), 0xFF));
}

TEST_F(Refusals, APayloadThatReachesIntoTheSlotBeforeIsADamagedSlot) {
  loader.start();
  ASSERT_TRUE(loader.execute(crc({{flash_start, 4}})));
  for (const std::uint32_t size : {1028U, 1044U}) {
    loader.write_slot(2, program(flash_start, Bytes(size, 0)).block(2));
    ASSERT_TRUE(board.wait_for([&] { return board.word(loader.sequence_word(2)) == 0; })) << size;
    EXPECT_EQ(loader.mailbox().state, FH_STATE_BAD_SLOT) << size;
  }
  EXPECT_TRUE(all(board.flash(), 0xFF));
}

TEST_F(Refusals, AGapInTheSequenceIsNeverExecuted) {
  loader.start();
  loader.write_slot(1, erase(flash_start, 1024).block(2));
  loader.write_slot(2, erase(flash_start, 1024).block(2));
  board.pass(50ms);
  EXPECT_EQ(loader.mailbox().state, FH_STATE_IDLE);
  EXPECT_EQ(board.target().statistics().page_erases, 0U);
  loader.write_slot(1, erase(flash_start, 1024).block(1));
  EXPECT_TRUE(loader.wait_done(2));
  EXPECT_EQ(board.target().statistics().page_erases, 2U);
}

TEST_F(Refusals, SlotsOfAnEarlierRunAreNotExecutedAgain) {
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  board.halt();
  loader.start();  // slots as they were
  board.pass(50ms);
  EXPECT_EQ(loader.mailbox().done, 0U);
  ASSERT_TRUE(loader.execute(crc({{flash_start, 4}})));
  board.pass(50ms);
  EXPECT_EQ(loader.mailbox().done, 1U);
  EXPECT_EQ(board.target().statistics().page_erases, 2U);
}

TEST_F(Refusals, NothingOutsideTheWindowIsErasedOrProgrammed) {
  const std::uint32_t low = flash_start + 1024;
  const std::uint32_t high = flash_start + 5120;
  for (const auto &[address, length] :
       std::vector<std::pair<std::uint32_t, std::uint32_t>>{{low - 1024, 1024},
                                                            {low - 4, 8},
                                                            {high, 1024},
                                                            {high, 0},
                                                            {low, 0},
                                                            {high - 1024, 1028},
                                                            {low, 4100},
                                                            {low + 1024, 0xFFFFFFFC},
                                                            {low, 0xFFFFFC00},
                                                            {0, 0},
                                                            {0x1FFFF800, 16},
                                                            {0xFFFFFFFC, 8}}) {
    expect_window(erase(address, length), address);
    expect_window({FH_OP_ERASE_ALL, address, length, {}}, address);
    expect_window(crc({{address, length}}), address);
    if (length <= 1024) expect_window(program(address, Bytes(length, 0)), address);
  }
}

TEST_F(Refusals, ALaterRangeOutsideTheWindowIsRefusedToo) {
  expect_window(crc({{flash_start + 1024, 8}, {flash_start, 8}}), flash_start);
  expect_window(crc({{flash_start + 5116, 8}}), flash_start + 5116);
}

TEST_F(Refusals, RangesThatAreNotWholeWordsAreRefused) {
  expect_window(crc({{flash_start + 1026, 8}}), flash_start + 1026);
  expect_window(crc({{flash_start + 1024, 6}}), flash_start + 1024);
  expect_window(erase(flash_start + 1025, 4), flash_start + 1025);
}

TEST_F(Refusals, AnUnknownCommandIsNamed) {
  for (const std::uint32_t op : {0U, 6U, 7U, 0x80000006U}) {
    Board fresh({});
    Loader other(fresh);
    other.start();
    const fh_mailbox mailbox = other.fail({op, flash_start, 4, {}});
    EXPECT_EQ(mailbox.error, FH_ERROR_OP);
    EXPECT_EQ(mailbox.error_found, op & 0xFF);
  }
}

TEST_F(Refusals, NothingIsExecutedAfterAnError) {
  board.flash()[0] = 0;
  loader.start();
  loader.send({99, 0, 0, {}});
  loader.send(erase(flash_start, 1024));
  EXPECT_EQ(loader.wait_halt().error, FH_ERROR_OP);
  board.run();
  board.pass(100ms);
  EXPECT_TRUE(board.halted());
  EXPECT_EQ(loader.mailbox().done, 0U);
  EXPECT_EQ(board.target().statistics().page_erases, 0U);
}

TEST_F(Refusals, AnEraseThatChangesNothingIsNoticed) {
  board.flash()[1024 + 8] = 0x7F;
  loader.replace(&fh_parameters::erase_sector, return_0);
  loader.start();
  const fh_mailbox mailbox = loader.fail(erase(flash_start + 1024, 1024));
  EXPECT_EQ(mailbox.error, FH_ERROR_NOT_BLANK);
  EXPECT_EQ(mailbox.error_address, flash_start + 1024 + 8);
  EXPECT_EQ(mailbox.error_found, 0xFFFFFF7FU);
  EXPECT_EQ(mailbox.error_status, 0U);
}

TEST_F(Refusals, AMassEraseThatChangesNothingIsNoticed) {
  board.flash().back() = 0;
  loader.replace(&fh_parameters::erase_chip, return_0);
  loader.start();
  const fh_mailbox mailbox = loader.fail(erase_all(board.flash_size()));
  EXPECT_EQ(mailbox.error, FH_ERROR_NOT_BLANK);
  EXPECT_EQ(mailbox.error_address, flash_start + board.flash_size() - 4);
}

TEST_F(Refusals, AProgramThatChangesNothingIsNoticed) {
  loader.replace(&fh_parameters::program_page, return_0);
  loader.start();
  Bytes data(64, 0xFF);
  data[20] = 0x12;
  const fh_mailbox mailbox = loader.fail(program(flash_start + 512, data));
  EXPECT_EQ(mailbox.error, FH_ERROR_COMPARE);
  EXPECT_EQ(mailbox.error_address, flash_start + 512 + 20);
  EXPECT_EQ(mailbox.error_expected, 0xFFFFFF12U);
  EXPECT_EQ(mailbox.error_found, 0xFFFFFFFFU);
}

TEST_F(Refusals, ADifferenceInTheLastHalfwordIsNoticed) {
  loader.replace(&fh_parameters::program_page, return_0);
  loader.start();
  Bytes data(66, 0xFF);
  data[65] = 0x34;
  const fh_mailbox mailbox = loader.fail(program(flash_start + 512, data));
  EXPECT_EQ(mailbox.error, FH_ERROR_COMPARE);
  EXPECT_EQ(mailbox.error_address, flash_start + 512 + 65);
  EXPECT_EQ(mailbox.error_expected, 0x34U);
  EXPECT_EQ(mailbox.error_found, 0xFFU);
}

TEST_F(Refusals, AFailingFunctionIsReportedWithItsStatus) {
  const struct {
    std::uint32_t fh_parameters::*function = nullptr;
    Command command;
    std::uint32_t error = 0;
  } cases[] = {
      {&fh_parameters::erase_sector, erase(flash_start + 1024, 1024), FH_ERROR_ERASE},
      {&fh_parameters::erase_chip, erase_all(128 * 1024), FH_ERROR_ERASE},
      {&fh_parameters::program_page, program(flash_start + 1024, pattern(8)), FH_ERROR_PROGRAM},
      {&fh_parameters::uninit, finish(), FH_ERROR_UNINIT},
  };
  for (const auto &c : cases) {
    Board fresh({});
    Loader other(fresh);
    other.replace(c.function, return_99);
    other.start();
    const fh_mailbox mailbox = other.fail(c.command);
    EXPECT_EQ(mailbox.error, c.error);
    EXPECT_EQ(mailbox.error_status, 99U);
    EXPECT_EQ(mailbox.error_address, c.command.address);
  }
}

TEST_F(Refusals, AFailingInitIsReportedAndNothingStarts) {
  loader.replace(&fh_parameters::init, return_99);
  loader.download();
  loader.go();
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_ERROR);
  EXPECT_EQ(mailbox.error, FH_ERROR_INIT);
  EXPECT_EQ(mailbox.error_status, 99U);
  EXPECT_EQ(mailbox.magic, 0U);
}

TEST_F(Refusals, AnOverwrittenStackGuardIsNoticed) {
  loader.start();
  ASSERT_TRUE(loader.execute(crc({{flash_start, 4}})));
  board.set_word(loader.parameters().stack_guard, 0x600DF00D);
  const fh_mailbox mailbox = loader.fail(crc({{flash_start, 4}}));
  EXPECT_EQ(mailbox.error, FH_ERROR_STACK);
  EXPECT_EQ(mailbox.error_address, loader.parameters().stack_guard);
  EXPECT_EQ(mailbox.error_found, 0x600DF00DU);
}

TEST_F(Refusals, FunctionsGetTheirArgumentsAndTheStaticBase) {
  // ldr r3, =at; stores r0, r1, r2, r9 there; returns 0.
  const auto recorder = [](std::uint32_t at) {
    return Bytes{0x04,
                 0x4B,
                 0x18,
                 0x60,
                 0x59,
                 0x60,
                 0x9A,
                 0x60,
                 0xC3,
                 0xF8,
                 0x0C,
                 0x90,
                 0x00,
                 0x20,
                 0x70,
                 0x47,
                 0x00,
                 0xBF,
                 0x00,
                 0xBF,
                 static_cast<std::uint8_t>(at),
                 static_cast<std::uint8_t>(at >> 8),
                 static_cast<std::uint8_t>(at >> 16),
                 static_cast<std::uint8_t>(at >> 24)};
  };
  const auto recorded = [&](std::uint32_t fh_parameters::*function, const Command &command) {
    Board fresh({});
    Loader other(fresh);
    fresh.write(other.end(), Bytes(16, 0xEE));
    other.replace(function, recorder(other.end()));
    other.parameters().crc = 0;  // Init may be gone, and with it the unit's clock
    other.start();
    EXPECT_TRUE(other.execute(command));
    EXPECT_EQ(fresh.word(other.end() + 12), other.parameters().static_base);
    return std::array{fresh.word(other.end()), fresh.word(other.end() + 4),
                      fresh.word(other.end() + 8)};
  };
  const Command program_blank = program(flash_start + 64, Bytes(12, 0xFF));
  EXPECT_NE(recorded(&fh_parameters::idle, crc({{flash_start, 4}}))[0], 0xEEEEEEEEU);
  EXPECT_EQ(recorded(&fh_parameters::init, crc({{flash_start, 4}})),
            (std::array{flash_start, f1_functions().init_argument, 0U}));
  EXPECT_EQ(recorded(&fh_parameters::erase_sector, erase(flash_start + 1024, 8))[0],
            flash_start + 1024);
  const auto programmed = recorded(&fh_parameters::program_page, program_blank);
  EXPECT_EQ(programmed[0], flash_start + 64);
  EXPECT_EQ(programmed[1], 12U);
  EXPECT_EQ(programmed[2], loader.sequence_word(1) - 16 - 12);
  EXPECT_EQ(recorded(&fh_parameters::uninit, {FH_OP_FINISH, 0x1234, 0x5678, {}})[0], 0U);
}

}  // namespace
}  // namespace loader_test
