// The agent on a core whose vectors cannot be redirected, as a Cortex-M0's, and with a CRC unit
// that is wrong or missing.
#include "loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace loader_test {
namespace {

constexpr std::uint32_t vcatch = 1U << 3;

class WithoutVtor : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(board.word(vtor), 0U); }

  Board board{{}};
  Loader loader{board, {.vectors = Vectors::as_after_reset}};
};

TEST_F(WithoutVtor, EveryCommandWorks) {
  std::ranges::copy(pattern(4096, 7), board.flash().begin());
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  const std::uint32_t sequence = loader.send(crc({{flash_start, 1024}}));
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_EQ(loader.results(sequence, 1)[0].value, crc_of(pattern(1024)));
  ASSERT_TRUE(loader.execute(erase_all(board.flash_size())));
  EXPECT_TRUE(all(board.flash(), 0xFF));
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
}

TEST_F(WithoutVtor, TheHeartbeatMovesWhileTheFlashIsBusy) {
  loader.start();
  const std::uint32_t sequence = loader.send(erase(flash_start, 1024));
  for (std::uint32_t last = loader.mailbox().heartbeat; loader.mailbox().done < sequence;) {
    board.pass(1ms);
    const std::uint32_t now = loader.mailbox().heartbeat;
    ASSERT_NE(now, last);
    last = now;
  }
}

TEST_F(WithoutVtor, AFaultStopsAtTheVectorCatch) {
  loader.replace(&fh_parameters::erase_sector, {0x00, 0xDE});  // udf
  loader.start();
  loader.send(erase(flash_start, 1024));
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_BUSY);
  EXPECT_EQ(board.word(dfsr) & 0x1F, vcatch);
  EXPECT_EQ(board.core_register(reg_xpsr) & 0x1FF, 3U);  // HardFault
  const std::uint32_t frame = board.core_register(reg_msp);
  EXPECT_EQ(board.word(frame + 24), loader.parameters().erase_sector & ~1U);
}

TEST_F(WithoutVtor, ErrorsAndSilenceAreReportedAsElsewhere) {
  loader.parameters().silence_ticks = 1000;  // 20 ms
  loader.start();
  board.pass(25ms);
  EXPECT_EQ(loader.wait_halt(1ms).state, FH_STATE_SILENCE);
}

TEST(TargetsClock, SaysHowLongTheCommandHasTaken) {
  Board board({});
  Loader loader(board);
  loader.start();
  board.pass(30ms);
  const std::uint32_t first = loader.send(erase(flash_start, 1024));
  ASSERT_TRUE(loader.wait_done(first));
  loader.send(erase(flash_start + 1024, 1024));
  ASSERT_TRUE(board.wait_for([&] { return loader.mailbox().current == 2; }));
  board.pass(10ms);
  const fh_mailbox mailbox = loader.mailbox();
  EXPECT_EQ(mailbox.state, FH_STATE_BUSY);
  const double spent = (mailbox.heartbeat - mailbox.started) * 0.02;  // ms
  EXPECT_NEAR(spent, 10, 1.5);
}

class CrcUnit : public ::testing::Test {
 protected:
  // The CRC that the agent gives of some content, and whether the family's function made it.
  static void expect(Board &board, Loader &loader, bool by_function) {
    const Bytes content = pattern(8192);
    std::ranges::copy(content, board.flash().begin());
    loader.start();
    EXPECT_EQ(loader.mailbox().crc, by_function ? loader.parameters().crc : 0U);
    const std::uint32_t sequence =
        loader.send(crc({{flash_start, 8192}, {flash_start, 4}, {flash_start + 4, 132}}));
    ASSERT_TRUE(loader.wait_done(sequence));
    const auto results = loader.results(sequence, 3);
    EXPECT_EQ(results[0].value, crc_of(content));
    EXPECT_EQ(results[1].value, crc_of({content.data(), 4}));
    EXPECT_EQ(results[2].value, crc_of({content.data() + 4, 132}));
  }
};

TEST_F(CrcUnit, IsUsedWhereItIsRight) {
  Board board({});
  Loader loader(board);
  expect(board, loader, true);
}

TEST_F(CrcUnit, ThatIsMissingIsNotBelieved) {
  for (const char *name : {"STM32F103CB", "STM32F407VE"}) {
    flashhost::machine::Config config = part(name);
    config.faults = {"crc_unit_dead"};
    Board board(config);
    Loader loader(
        board, {.family = board.flash_size() > 128 * kibibyte ? f4_functions() : f1_functions()});
    expect(board, loader, false);
  }
}

TEST_F(CrcUnit, ThatReturnsWhatItGotIsNotBelieved) {
  Board board({});
  Loader loader(board);
  loader.replace(&fh_parameters::crc, {0x10, 0x00, 0x70, 0x47});  // movs r0, r2; bx lr
  expect(board, loader, false);
}

TEST_F(CrcUnit, ThatCannotContinueIsNotBelieved) {
  Board board({});
  Loader loader(board);
  const std::uint32_t unit = loader.parameters().crc;
  // ldr r3, =unit; movs r2, #0; mvns r2, r2; bx r3
  Bytes anew = {0x01, 0x4B, 0x00, 0x22, 0xD2, 0x43, 0x18, 0x47};
  const Bytes literal = bytes_of({&unit, 1});
  anew.insert(anew.end(), literal.begin(), literal.end());
  loader.replace(&fh_parameters::crc, anew);
  expect(board, loader, false);
}

TEST_F(CrcUnit, AHundredKibibytesTakeLittleLongerWithoutOne) {
  Board board({});
  Loader loader(board);
  loader.parameters().crc = 0;
  loader.start();
  const auto from = board.target().now();
  ASSERT_TRUE(loader.execute(crc({{flash_start, 100 * 1024}})));
  EXPECT_LE(board.target().now() - from, 140ms);
}

}  // namespace
}  // namespace loader_test
