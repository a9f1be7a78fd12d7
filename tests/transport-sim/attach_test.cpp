#include "sim_fixture.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/wait.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

namespace flashhost::sim {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

// Waits 80000 turns of a loop, then drives PC13 high, low, high and stays there:
// stack 0x20005000, reset vector 0x08000008.
constexpr std::array<std::uint8_t, 56> blink_thrice{
    0x00, 0x50, 0x00, 0x20, 0x09, 0x00, 0x00, 0x08, 0x07, 0x4c, 0x01, 0x3c, 0xfd, 0xd1,
    0x07, 0x48, 0x10, 0x21, 0x01, 0x60, 0x06, 0x48, 0x07, 0x49, 0x41, 0x60, 0x01, 0x22,
    0x52, 0x03, 0x13, 0x04, 0x02, 0x61, 0x03, 0x61, 0x02, 0x61, 0xfe, 0xe7, 0x80, 0x38,
    0x01, 0x00, 0x18, 0x10, 0x02, 0x40, 0x00, 0x10, 0x01, 0x40, 0x44, 0x44, 0x14, 0x44};
constexpr std::uint32_t reset_handler = 0x08000008;

class AttachTest : public SimTest {
 protected:
  AttachTest() {
    write_file(folder_.file("old.bin"), std::string(blink_thrice.begin(), blink_thrice.end()));
  }
  std::unique_ptr<Probe> open_with_firmware(Pairs pairs = {}) {
    pairs.emplace_back("firmware", std::string("old.bin"));
    return open(pairs);
  }
};

TEST_F(AttachTest, WithoutResetTheFirmwareGoesOnAsItWas) {
  const auto probe = open_with_firmware();
  probe->attach(AttachMode::attach);
  EXPECT_EQ(probe->state(), CoreState::running);
  EXPECT_EQ(probe->read_word(cortex_m::dhcsr) & cortex_m::dhcsr_debugen, 0U);
}

TEST_F(AttachTest, TellsTheChipsDebugPortItsSupplyAndTheSpeed) {
  const auto probe = open({}, {"", 2'000'000});
  EXPECT_EQ(probe->info().debug_port_id, std::nullopt);
  probe->attach(AttachMode::attach);
  const ProbeInfo info = probe->info();
  EXPECT_EQ(info.product, "simulated ST-Link");
  EXPECT_EQ(info.serial, "SIM-STM32F103CB");
  EXPECT_EQ(info.debug_port_id, 0x1BA01477U);
  EXPECT_EQ(info.target_millivolts, 3300);
  EXPECT_EQ(info.speed_hz, 1'800'000U);
  EXPECT_TRUE(info.halfword_access);
}

TEST_F(AttachTest, UnderResetTheCoreStandsAtItsResetVector) {
  const auto probe = open_with_firmware();
  probe->attach(AttachMode::under_reset);
  EXPECT_EQ(probe->state(), CoreState::halted);
  EXPECT_EQ(probe->read_register(CoreRegister::pc), reset_handler);
  EXPECT_EQ(probe->read_word(cortex_m::demcr) & cortex_m::demcr_vc_corereset, 0U);
}

TEST_F(AttachTest, UnderResetWithoutAResetWireIsRefusedAndTheFirmwareGoesOn) {
  const auto probe = open_with_firmware({{"nrst", false}});
  const Error error = error_of([&] { probe->attach(AttachMode::under_reset); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("NRST was pulled low, but the target was not reset"));
  EXPECT_EQ(error.cause(), Cause::reset_not_wired);
  EXPECT_EQ(probe->state(), CoreState::running);
}

TEST_F(AttachTest, TheResetPinResetsWhereItIsWired) {
  const auto probe = open_with_firmware();
  probe->attach(AttachMode::attach);
  (void)probe->read_word(cortex_m::dhcsr);
  probe->reset(ResetMode::pin);
  EXPECT_NE(probe->read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
}

TEST_F(AttachTest, TheResetPinDoesNothingWhereItIsNotWired) {
  const auto probe = open_with_firmware({{"nrst", false}});
  probe->attach(AttachMode::attach);
  (void)probe->read_word(cortex_m::dhcsr);
  probe->reset(ResetMode::pin);
  EXPECT_EQ(probe->read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
}

TEST_F(AttachTest, ASystemResetWorksWithoutTheWire) {
  const auto probe = open_with_firmware({{"nrst", false}});
  probe->attach(AttachMode::attach);
  (void)probe->read_word(cortex_m::dhcsr);
  probe->reset(ResetMode::system);
  EXPECT_NE(probe->read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_reset, 0U);
}

TEST_F(AttachTest, TellsWhatTheFirmwareDidAfterTheJob) {
  auto probe = open_with_firmware();
  probe->attach(AttachMode::under_reset);
  probe->resume();
  probe.reset();
  EXPECT_THAT(host_.texts(Level::info), Contains("PC13 toggled 3 times in 1.0 s"));
}

TEST_F(AttachTest, TellsNothingOfAFirmwareThatWasNotStarted) {
  auto probe = open_with_firmware();
  probe->attach(AttachMode::attach);
  probe.reset();
  EXPECT_TRUE(host_.texts(Level::info).empty());
}

TEST_F(AttachTest, TellsNothingWhereThereIsNoFirmwareToStart) {
  auto probe = open();
  probe->attach(AttachMode::under_reset);
  probe->resume();
  probe.reset();
  EXPECT_TRUE(host_.texts(Level::info).empty());
}

TEST_F(AttachTest, TellsNothingOfAFirmwareThatIsLeftHalted) {
  auto probe = open_with_firmware();
  probe->attach(AttachMode::under_reset);
  probe.reset();
  EXPECT_TRUE(host_.texts(Level::info).empty());
}

TEST_F(AttachTest, TellsNothingWhenNothingWasAttached) {
  open_with_firmware().reset();
  EXPECT_TRUE(host_.texts(Level::info).empty());
}

TEST_F(AttachTest, AFirmwareThatEndsInLockupIsReported) {
  write_file(folder_.file("old.bin"), std::string({0, 0x50, 0, 0x20, 1, 1, 0, 8}));  // only vectors
  auto probe = open_with_firmware();
  probe->attach(AttachMode::under_reset);
  probe->resume();
  probe->sleep(1ms);
  EXPECT_EQ(probe->state(), CoreState::lockup);
  probe.reset();
  EXPECT_THAT(host_.texts(Level::warning), Contains("the firmware ended in lockup"));
}

TEST_F(AttachTest, NothingUndefinedIsDoneToTheCore) {
  auto probe = open_with_firmware();
  probe->attach(AttachMode::under_reset);
  probe->resume();
  probe->halt();
  probe->write_register(CoreRegister::r0, 1);
  probe->resume();
  probe->reset(ResetMode::pin);
  probe.reset();
  EXPECT_TRUE(host_.texts(Level::warning).empty()) << host_.texts(Level::warning).front();
}

}  // namespace
}  // namespace flashhost::sim
