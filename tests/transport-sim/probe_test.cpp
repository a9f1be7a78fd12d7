#include "sim_fixture.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/types.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <vector>

namespace flashhost::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::uint32_t sram = 0x20000000;
constexpr std::uint32_t flash = 0x08000000;
constexpr std::uint32_t nowhere = 0x60000000;
// 46 bits at 4 MHz; CSW, TAR and RDBUFF go with each command.
constexpr Nanoseconds transfer = 11500ns;

// The firmware does not run: what these tests see is theirs alone.
class ProbeTest : public SimTest {
 protected:
  ProbeTest() {
    probe_->attach(AttachMode::attach);
    probe_->halt();
  }
  template <class Action>
  Nanoseconds time_of(const Action &action) {
    const Nanoseconds before = probe_->now();
    action();
    return probe_->now() - before;
  }

  std::unique_ptr<Probe> probe_ = open({{"firmware_runs", false}});
};

TEST_F(ProbeTest, BigBlocksAtRaggedAddressesComeBackAsTheyWere) {
  Bytes data(18'001);
  std::mt19937 random(1);
  for (std::uint8_t &byte : data) byte = static_cast<std::uint8_t>(random());
  for (std::uint32_t shift = 0; shift < 4; ++shift) {
    probe_->write_memory(sram + shift, data);
    Bytes back(data.size());
    probe_->read_memory(sram + shift, back);
    EXPECT_EQ(back, data) << shift;
    std::ranges::reverse(data);
  }
}

TEST_F(ProbeTest, EachWidthReachesTheMemory) {
  probe_->write_memory(sram, Bytes{1, 2, 3, 4}, Width::byte);
  probe_->write_memory(sram + 4, Bytes{5, 6, 7, 8}, Width::half);
  probe_->write_memory(sram + 8, Bytes{9, 10, 11, 12}, Width::word);
  EXPECT_EQ(probe_->read_word(sram), 0x04030201U);
  EXPECT_EQ(probe_->read_half(sram + 6), 0x0807U);
  EXPECT_EQ(probe_->read_word(sram + 8), 0x0C0B0A09U);
}

TEST_F(ProbeTest, NothingIsWrittenBesideABlock) {
  probe_->write_memory(sram, Bytes(16, 0xAA));
  probe_->write_memory(sram + 3, Bytes(7, 0x55));
  Bytes back(16);
  probe_->read_memory(sram, back);
  EXPECT_EQ(back, (Bytes{0xAA, 0xAA, 0xAA, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xAA, 0xAA,
                         0xAA, 0xAA, 0xAA, 0xAA}));
}

TEST_F(ProbeTest, ARefusedAccessNamesItsAddressAndTheNextOneWorks) {
  const Error read = error_of([&] { (void)probe_->read_word(nowhere); });
  EXPECT_EQ(read.code(), Errc::memory_fault);
  EXPECT_THAT(read.what(), HasSubstr("reading 0x60000000"));
  const std::uint32_t end = sram + 20 * 1024;
  const Error write = error_of([&] { probe_->write_memory(end - 16, Bytes(32)); });
  EXPECT_EQ(write.code(), Errc::memory_fault);
  EXPECT_THAT(write.what(), HasSubstr("writing 0x20005000"));
  probe_->write_word(sram, 7);
  EXPECT_EQ(probe_->read_word(sram), 7U);
}

TEST_F(ProbeTest, RegistersKeepWhatIsWritten) {
  for (std::uint32_t i = 0; i <= 12; ++i) {
    probe_->write_register(static_cast<CoreRegister>(i), 0x1000 + i);
  }
  probe_->write_register(CoreRegister::msp, 0x20001000);
  probe_->write_register(CoreRegister::psp, 0x20000800);
  for (std::uint32_t i = 0; i <= 12; ++i) {
    EXPECT_EQ(probe_->read_register(static_cast<CoreRegister>(i)), 0x1000 + i);
  }
  EXPECT_EQ(probe_->read_register(CoreRegister::sp), 0x20001000U);
  EXPECT_EQ(probe_->read_register(CoreRegister::psp), 0x20000800U);
}

TEST_F(ProbeTest, CodeInSramRunsUntilItsBreakpoint) {
  // adds r0, #1; bkpt
  probe_->write_memory(sram + 0x100, Bytes{0x01, 0x30, 0x00, 0xBE});
  probe_->write_register(CoreRegister::xpsr, 0x01000000);
  probe_->write_register(CoreRegister::pc, sram + 0x100);
  probe_->write_register(CoreRegister::r0, 41);
  probe_->resume();
  probe_->sleep(1ms);
  EXPECT_EQ(probe_->state(), CoreState::halted);
  EXPECT_EQ(probe_->read_register(CoreRegister::r0), 42U);
  EXPECT_EQ(probe_->read_register(CoreRegister::pc), sram + 0x102);
}

TEST_F(ProbeTest, ARunningCoreGivesNoRegisters) {
  // b .
  probe_->write_memory(sram + 0x100, Bytes{0xFE, 0xE7});
  probe_->write_register(CoreRegister::xpsr, 0x01000000);
  probe_->write_register(CoreRegister::pc, sram + 0x100);
  probe_->resume();
  EXPECT_EQ(probe_->state(), CoreState::running);
  const Error error = error_of([&] { (void)probe_->read_register(CoreRegister::r0); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("not halted"));
  probe_->halt();
  EXPECT_EQ(probe_->read_register(CoreRegister::pc), sram + 0x100);
}

TEST_F(ProbeTest, EachCallCostsItsPairsAndItsBits) {
  const Nanoseconds setup = 3 * transfer;
  EXPECT_EQ(time_of([&] { (void)probe_->read_word(sram); }), 1ms + setup + transfer);
  EXPECT_EQ(time_of([&] { probe_->write_word(sram, 1); }), 1ms + setup + transfer);
  EXPECT_EQ(time_of([&] { (void)probe_->read_half(sram); }), 2ms + 1644ns + setup + transfer);
  EXPECT_EQ(time_of([&] { probe_->write_memory(sram, Bytes(1024)); }),
            2ms + 842105ns + setup + 256 * transfer);
  EXPECT_EQ(time_of([&] { probe_->reset(ResetMode::pin); }), 2ms);
}

TEST_F(ProbeTest, ACoreRegisterCostsOnePairAndFourTransfers) {
  EXPECT_EQ(time_of([&] { (void)probe_->read_register(CoreRegister::r0); }), 1ms + 4 * transfer);
  EXPECT_EQ(time_of([&] { probe_->write_register(CoreRegister::r0, 1); }), 1ms + 4 * transfer);
}

TEST_F(ProbeTest, SleepTakesExactlyItsTimeAndNoneIsNothing) {
  EXPECT_EQ(time_of([&] { probe_->sleep(5ms); }), 5ms);
  EXPECT_EQ(time_of([&] { probe_->sleep(-5ms); }), 0ms);
}

TEST_F(ProbeTest, ReadingAFlashThatIsBeingErasedTakesUntilItIsDone) {
  constexpr std::uint32_t fpec = 0x40022000;
  probe_->write_word(fpec + 0x04, 0x45670123);
  probe_->write_word(fpec + 0x04, 0xCDEF89AB);
  probe_->write_word(fpec + 0x10, 1U << 1);
  probe_->write_word(fpec + 0x14, flash);
  probe_->write_word(fpec + 0x10, 1U << 1 | 1U << 6);
  const Nanoseconds time = time_of([&] { EXPECT_EQ(probe_->read_word(flash), 0xFFFFFFFFU); });
  EXPECT_GT(time, 15ms);
  EXPECT_LT(time, 40ms);
}

TEST_F(ProbeTest, AWordInTheFlashIsTheWordInTheStateFile) {
  Bytes content(0x20000, 0xFF);
  content[0x400] = 0x78;
  content[0x401] = 0x56;
  write_file(folder_.file("chip.flash"), std::string(content.begin(), content.end()));
  const auto probe = attached({{"state_file", std::string("chip.flash")}});
  EXPECT_EQ(probe->read_word(flash + 0x400), 0xFFFF5678U);
}

}  // namespace
}  // namespace flashhost::sim
