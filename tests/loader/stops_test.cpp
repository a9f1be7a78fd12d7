// How the agent ends: faults, NMI, silence, a resumed core; and that it lives until then.
#include "loader.hpp"
#include "loaders/agent/agent.inc"

#include <gtest/gtest.h>

namespace loader_test {
namespace {

constexpr std::uint32_t nmi_pending = 1U << 31;

class Stops : public ::testing::Test {
 protected:
  void expect_parked(std::uint32_t state) {
    const std::uint32_t pc = board.core_register(reg_pc);
    EXPECT_GE(pc, loader.agent());
    EXPECT_LT(pc, loader.family());
    EXPECT_EQ(board.word(syst_csr) & 1, 0U);
    const std::uint32_t heartbeat = loader.mailbox().heartbeat;
    for (int i = 0; i < 3; ++i) {
      board.set_word(dfsr, 0x1F);
      board.run();
      board.pass(5ms);
      ASSERT_TRUE(board.halted());
      EXPECT_EQ(board.word(dfsr) & 0x1F, 2U);  // BKPT
      EXPECT_EQ(board.core_register(reg_pc), pc);
    }
    // Some debuggers step over a breakpoint before they let the core run.
    board.set_core_register(reg_pc, pc + 2);
    board.run();
    board.pass(5ms);
    ASSERT_TRUE(board.halted());
    EXPECT_EQ(board.core_register(reg_pc), pc);
    EXPECT_EQ(loader.mailbox().state, state);
    EXPECT_EQ(loader.mailbox().heartbeat, heartbeat);
  }

  Board board{{}};
  Loader loader{board};
};

struct FaultCase {
  const char *name;
  Bytes code;
  std::uint32_t faulting;  // offset of the instruction
};

class Faults : public Stops, public ::testing::WithParamInterface<FaultCase> {};

TEST_P(Faults, ARecordOfThemIsLeft) {
  loader.replace(&fh_parameters::erase_sector, GetParam().code);
  loader.start();
  const std::uint32_t function = loader.parameters().erase_sector & ~1U;
  const std::uint32_t sp_before = loader.stack_top();
  board.halt();
  board.set_word(demcr, catch_reset_only);
  board.run();
  loader.send(erase(flash_start, 1024));
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_FAULT);
  EXPECT_EQ(mailbox.fault_exception, 3U);
  EXPECT_EQ(mailbox.fault_pc, function + GetParam().faulting);
  EXPECT_GE(mailbox.fault_lr, loader.agent());
  EXPECT_LT(mailbox.fault_lr, loader.family());
  EXPECT_EQ(mailbox.fault_xpsr & 0x010001FF, 0x01000000U);
  EXPECT_EQ(mailbox.current, 1U);
  EXPECT_EQ(mailbox.done, 0U);
  EXPECT_LT(board.core_register(reg_msp), sp_before);
  expect_parked(FH_STATE_FAULT);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Faults,
                         ::testing::Values(FaultCase{"undefined", {0x00, 0xDE}, 0},  // udf
                                           FaultCase{"bus",
                                                     {0x4F, 0xF0, 0xE0, 0x40, 0x00, 0x68},
                                                     4}),  // ldr [0x70000000]
                         [](const auto &param) { return param.param.name; });

TEST_F(Stops, AFaultUnderVectorCatchHaltsAtItsEntryAndIsRecordedWhenResumed) {
  loader.replace(&fh_parameters::erase_sector, {0x00, 0xDE});
  loader.start();
  loader.send(erase(flash_start, 1024));
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_BUSY);
  EXPECT_EQ(board.word(dfsr) & 0x1F, 8U);  // VCATCH
  board.set_word(dfsr, 0x1F);
  board.run();
  board.pass(1ms);
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_FAULT);
  EXPECT_EQ(mailbox.fault_pc, loader.parameters().erase_sector & ~1U);
}

// One bit, in any word that was written.
TEST_F(Stops, ADamagedLoaderDoesNothing) {
  const Bytes before = board.read(flash_start, board.flash_size());
  loader.download();
  const std::uint32_t end = board.word(loader.agent() + flashhost::agent_blob::check);
  const std::uint32_t entry = loader.agent() + flashhost::agent_blob::entry;
  const std::uint32_t idle = loader.parameters().idle & ~3U;
  for (std::uint32_t at = loader.vectors(); at < end; at += 4) {
    // Of the check itself and of Idle the host makes sure.
    if (at >= entry && at < idle + 64) continue;
    SCOPED_TRACE(at);
    loader.download();
    board.set_word(at, board.word(at) ^ (1U << at / 4 % 32));
    loader.go();
    const fh_mailbox mailbox = loader.wait_halt();
    ASSERT_EQ(mailbox.state, FH_STATE_DAMAGED);
    ASSERT_GE(board.core_register(reg_pc), entry);
    ASSERT_LT(board.core_register(reg_pc), loader.family());
  }
  EXPECT_TRUE(board.read(flash_start, board.flash_size()) == before);
}

TEST_F(Stops, ALoaderWithTwoWordsExchangedDoesNothing) {
  loader.download();
  const std::uint32_t first = loader.agent() + 400, second = loader.family() + 8;
  const std::uint32_t word = board.word(first);
  ASSERT_NE(word, board.word(second));
  board.set_word(first, board.word(second));
  board.set_word(second, word);
  loader.go();
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_DAMAGED);
  expect_parked(FH_STATE_DAMAGED);
}

TEST_F(Stops, NmiIsRecorded) {
  loader.start();
  board.set_word(icsr, nmi_pending);
  const fh_mailbox mailbox = loader.wait_halt();
  EXPECT_EQ(mailbox.state, FH_STATE_FAULT);
  EXPECT_EQ(mailbox.fault_exception, 2U);
  EXPECT_GE(mailbox.fault_pc, loader.agent());
  EXPECT_LT(mailbox.fault_pc, loader.family());
  expect_parked(FH_STATE_FAULT);
}

TEST_F(Stops, AFinishedAgentParksAgainWhenResumed) {
  loader.start();
  loader.send(finish());
  EXPECT_EQ(loader.wait_halt().state, FH_STATE_FINISHED);
  expect_parked(FH_STATE_FINISHED);
}

TEST_F(Stops, AFailedAgentParksAgainWhenResumed) {
  loader.start();
  EXPECT_EQ(loader.fail(program(flash_start - 4, pattern(4))).error, FH_ERROR_WINDOW);
  expect_parked(FH_STATE_ERROR);
}

TEST_F(Stops, SilenceLocksTheFlashAndParks) {
  loader.parameters().silence_ticks = 1000;  // 20 ms
  loader.start();
  board.pass(15ms);
  EXPECT_FALSE(board.halted());
  EXPECT_EQ(board.word(flash_cr) & 0x80, 0U);
  board.pass(10ms);
  EXPECT_EQ(loader.wait_halt(1ms).state, FH_STATE_SILENCE);
  EXPECT_EQ(board.word(flash_cr) & 0x80, 0x80U);
  EXPECT_EQ(board.word(rcc_cfgr), 0U);
  expect_parked(FH_STATE_SILENCE);
}

TEST_F(Stops, InterruptsAreMaskedWhateverTheHostLeft) {
  loader.download();
  loader.go(0);
  ASSERT_TRUE(board.wait_for([&] { return loader.mailbox().magic == FH_LOADER_MAGIC; }));
  board.set_word(icsr, 1U << 28);  // PendSV
  EXPECT_TRUE(loader.execute(erase(flash_start, 1024)));
  EXPECT_FALSE(board.halted());
}

TEST_F(Stops, IdleIsCalledBeforeTheFirstTick) {
  const std::uint32_t at = loader.end();
  // ldr r3, =at; str r3, [r3]; bx lr
  loader.replace(&fh_parameters::idle,
                 {0x01, 0x4B, 0x1B, 0x60, 0x70, 0x47, 0x00, 0xBF, static_cast<std::uint8_t>(at),
                  static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at >> 16),
                  static_cast<std::uint8_t>(at >> 24)});
  loader.parameters().tick_reload = 0xFFFFFF;
  board.set_word(at, 0);
  loader.start();
  EXPECT_EQ(loader.mailbox().heartbeat, 0U);
  EXPECT_EQ(board.word(at), at);
}

TEST_F(Stops, EveryCommandEndsTheSilence) {
  loader.parameters().silence_ticks = 1000;
  loader.start();
  for (int i = 0; i < 5; ++i) {
    board.pass(15ms);
    ASSERT_TRUE(loader.execute(crc({{flash_start, 4}}))) << i;
  }
}

TEST_F(Stops, TheHeartbeatCountsTicksWhileItWaits) {
  loader.start();
  const std::uint32_t before = loader.mailbox().heartbeat;
  const auto from = board.target().now();
  board.pass(100ms);
  const std::uint32_t beats = loader.mailbox().heartbeat - before;
  const double ticks = static_cast<double>((board.target().now() - from).count()) / 20'000;
  EXPECT_NEAR(beats, ticks, 0.02 * ticks);
}

// Looks every millisecond; returns how often the heartbeat had not moved.
int standstills(Board &board, Loader &loader, std::uint32_t sequence) {
  int count = 0;
  std::uint32_t last = loader.mailbox().heartbeat;
  for (int i = 0; i < 4000 && loader.mailbox().done < sequence; ++i) {
    board.pass(1ms);
    const std::uint32_t now = loader.mailbox().heartbeat;
    if (now == last) ++count;
    last = now;
  }
  EXPECT_EQ(loader.mailbox().done, sequence);
  return count;
}

TEST_F(Stops, TheHeartbeatMovesInEveryLongCommand) {
  loader.start();
  EXPECT_EQ(standstills(board, loader, loader.send(erase(flash_start, 1024))), 0);
  EXPECT_EQ(standstills(board, loader, loader.send(erase_all(board.flash_size()))), 0);
  EXPECT_EQ(standstills(board, loader, loader.send(program(flash_start, pattern(1024)))), 0);
  const std::vector<fh_range> all = {{flash_start, board.flash_size()}};
  EXPECT_EQ(standstills(board, loader, loader.send(crc(all))), 0);
}

TEST_F(Stops, TheHeartbeatMovesInTheCrcWithoutAUnit) {
  loader.parameters().crc = 0;
  loader.start();
  EXPECT_EQ(standstills(board, loader, loader.send(crc({{flash_start, 16 * 1024}}))), 0);
}

TEST_F(Stops, TheHeartbeatMovesWhileASlowFlashIsWaitedFor) {
  Board slow(with_fault("flash_time=6x"));
  Loader patient(slow);
  patient.start();
  EXPECT_EQ(standstills(slow, patient, patient.send(erase(flash_start, 1024))), 0);
}

TEST_F(Stops, TheHeartbeatMovesWhileTheFlashIsStuck) {
  Board stuck(with_fault("stuck_busy"));
  Loader patient(stuck);
  patient.start();
  patient.send(erase(flash_start, 1024));
  std::uint32_t last = patient.mailbox().heartbeat;
  for (int i = 0; i < 300; ++i) {
    stuck.pass(1ms);
    const std::uint32_t now = patient.mailbox().heartbeat;
    ASSERT_NE(now, last) << i;
    last = now;
  }
  EXPECT_EQ(patient.mailbox().state, FH_STATE_BUSY);
}

}  // namespace
}  // namespace loader_test
