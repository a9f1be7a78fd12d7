// The agent with a flash algorithm that knows nothing of it: tests/loader/algorithm.
#include "tests/loader/algorithm/algorithm.inc"

#include "loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loader_test {
namespace {

namespace blob = flashhost::algorithm_blob;
using ::testing::ElementsAre;

constexpr std::uint32_t page = 256, data_size = 256;
constexpr std::uint32_t call_init = 0x10000000, call_uninit = 0x20000000, call_erase = 0x30000000,
                        call_program = 0x40000000;

// str the key that feeds the watchdog
const Bytes feed = {0x02, 0x48, 0xAA, 0x21, 0x0A, 0x02, 0x11, 0x43,
                    0x01, 0x60, 0x70, 0x47, 0x00, 0x30, 0x00, 0x40};

Functions algorithm() {
  Functions functions;
  functions.code.assign(std::begin(blob::code), std::end(blob::code));
  functions.code.resize(blob::data + data_size);  // its RW data is the last word, ZI follows
  functions.init = blob::init;
  functions.uninit = blob::uninit;
  functions.erase_sector = blob::erase_sector;
  functions.program_page = blob::program_page;
  functions.clock_hz = 8'000'000;
  return functions;
}

Setup setup(Vectors vectors) {
  return {.slot_payload = 1024, .slot_count = 1, .family = algorithm(), .vectors = vectors};
}

class Algorithm : public ::testing::Test {
 protected:
  explicit Algorithm(Vectors vectors = Vectors::redirected) : loader(board, setup(vectors)) {
    fh_parameters &p = loader.parameters();
    p.crc = p.idle = p.erase_chip = 0;
    p.static_base = loader.family() + blob::data;
    p.page_size = page;
    p.first_function = FH_FUNCTION_VERIFY;
    p.tick_control = vectors == Vectors::redirected ? FH_TICK_BY_EXCEPTION : FH_TICK_POLLED;
  }
  [[nodiscard]] std::vector<std::uint32_t> calls() {
    const std::uint32_t data = loader.parameters().static_base;
    std::vector<std::uint32_t> log(board.word(data + 8));
    for (std::uint32_t i = 0; i < log.size(); ++i) log[i] = board.word(data + 12 + 4 * i);
    return log;
  }
  [[nodiscard]] std::uint32_t heartbeat() { return loader.mailbox().heartbeat; }

  Board board{{}};
  Loader loader;
};

class AlgorithmWithoutVtor : public Algorithm {
 protected:
  AlgorithmWithoutVtor() : Algorithm(Vectors::as_after_reset) {}
};

TEST_F(Algorithm, IsInitialisedForEachFunctionAndUninitialisedBetween) {
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(erase(flash_start + 1024, 1024)));
  const Bytes data = pattern(1024);
  ASSERT_TRUE(loader.execute(program(flash_start + 1024, data)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(page))));
  const std::uint32_t sequence = loader.send(crc({{flash_start + 1024, 1024}}));
  ASSERT_TRUE(loader.wait_done(sequence));
  EXPECT_EQ(loader.results(sequence, 1)[0].value, crc_of(data));
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_THAT(
      calls(),
      ElementsAre(call_init | 3, call_uninit | 3, call_init | 1, call_erase, call_erase | 0x400,
                  call_uninit | 1, call_init | 2, call_program | 0x400, call_program | 0x500,
                  call_program | 0x600, call_program | 0x700, call_program, call_uninit | 2,
                  call_init | 3, call_uninit | 3, call_init | 1, call_erase, call_uninit | 1));
}

TEST_F(Algorithm, GetsWholePagesAtTheirAlignmentOnly) {
  for (const auto &[offset, size] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {0, page - 4}, {0, page + 128}, {128, page}, {page - 4, 8}}) {
    Loader fresh(board, setup(Vectors::redirected));
    fresh.parameters() = loader.parameters();
    fresh.start();
    EXPECT_EQ(fresh.fail(program(flash_start + offset, Bytes(size, 0))).error, FH_ERROR_WINDOW)
        << offset << ", " << size;
    EXPECT_EQ(calls().back() & 0xF0000000, call_init);
  }
}

TEST_F(Algorithm, IsTickedForBySysTicksException) {
  loader.start();
  const std::uint32_t sequence = loader.send(erase(flash_start, 1024));
  int looks = 0;
  for (std::uint32_t last = heartbeat(); loader.mailbox().done < sequence; ++looks) {
    board.pass(1ms);
    const std::uint32_t now = heartbeat();
    ASSERT_NE(now, last);
    last = now;
  }
  EXPECT_GE(looks, 5);
  const fh_mailbox mailbox = loader.mailbox();
  EXPECT_NEAR((mailbox.heartbeat - mailbox.started) * 0.02, 20, 4);  // ms, and some since then
}

TEST_F(Algorithm, HasItsWatchdogFedWhileItWaits) {
  loader.replace(&fh_parameters::idle, feed);
  board.set_word(iwdg, 0xCCCC);
  board.set_word(iwdg, 0x5555);
  board.set_word(iwdg + 4, 0);
  board.set_word(iwdg + 8, 9);  // 1 ms
  ASSERT_TRUE(board.wait_for([&] { return board.word(iwdg + 12) == 0; }));
  const auto resets = board.target().statistics().system_resets;
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  EXPECT_EQ(board.target().statistics().system_resets, resets);
}

TEST_F(Algorithm, LetsNothingButSysTickInWhileItRuns) {
  loader.start();
  loader.send(erase(flash_start, 1024));
  board.pass(5ms);
  board.set_word(icsr, 1U << 28);  // PendSV: nothing sets it, so something is wrong
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FAULT);
  EXPECT_EQ(loader.mailbox().fault_exception, 14U);
}

TEST_F(Algorithm, IsNotInterruptedBetweenItsCalls) {
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  board.set_word(icsr, 1U << 28);
  board.pass(5ms);
  EXPECT_FALSE(board.halted());
}

TEST_F(Algorithm, MayMaskInterruptsWhileItRuns) {
  loader.parameters().erase_sector = (loader.family() + blob::masked_erase_sector) | 1;
  loader.start();
  loader.send(erase(flash_start, 1024));
  board.pass(5ms);
  const std::uint32_t before = heartbeat();
  board.pass(5ms);
  EXPECT_EQ(heartbeat(), before);
  ASSERT_TRUE(loader.wait_done(1));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  EXPECT_GT(heartbeat(), before);
}

TEST_F(Algorithm, ThatFailsToInitialiseIsReported) {
  loader.replace(&fh_parameters::uninit, {0x63, 0x20, 0x70, 0x47});  // movs r0, #99; bx lr
  loader.start();
  const fh_mailbox mailbox = loader.fail(erase(flash_start, 1024));
  EXPECT_EQ(mailbox.error, FH_ERROR_UNINIT);
  EXPECT_EQ(mailbox.error_status, 99U);
}

TEST_F(AlgorithmWithoutVtor, LeavesTheHeartbeatStandingWhileItWaits) {
  loader.start();
  loader.send(erase(flash_start, 1024));
  board.pass(5ms);
  const std::uint32_t before = heartbeat();
  board.pass(5ms);
  EXPECT_EQ(heartbeat(), before);
  ASSERT_TRUE(loader.wait_done(1));
  board.pass(1ms);
  EXPECT_GT(heartbeat(), before);
}

TEST_F(AlgorithmWithoutVtor, ErasesAndProgramsAsElsewhere) {
  loader.start();
  ASSERT_TRUE(loader.execute(erase(flash_start, 1024)));
  ASSERT_TRUE(loader.execute(program(flash_start, pattern(1024))));
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  EXPECT_EQ(board.read(flash_start, 1024), pattern(1024));
}

TEST(Stack, IsAsLargeAsTheHostMakesIt) {
  Board board({});
  Loader loader(board, {.stack_size = 1024});
  loader.start();
  EXPECT_EQ(loader.stack_top() - 1024, loader.parameters().stack_guard + 4);
  EXPECT_TRUE(loader.execute(erase(flash_start, 1024)));
}

}  // namespace
}  // namespace loader_test
