// What the transport does about replies that are missing, damaged, late, or bad news.
#include "limits.hpp"
#include "scripted_bus.hpp"
#include "stlink_probe.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::stlink {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr std::uint32_t sram = 0x20000000, flash_register = 0x40022010;

class SessionTest : public testing::Test {
 protected:
  std::unique_ptr<StlinkProbe> open() {
    return std::make_unique<StlinkProbe>(host_, bus_, clock_, bus_->probes.front(), settings_);
  }
  std::unique_ptr<StlinkProbe> attached() {
    auto probe = open();
    probe->attach(AttachMode::attach);
    return probe;
  }
  // The error of an action, and that it came within the contract's five seconds.
  template <class Action>
  Error error_of(const Action &action) {
    const Nanoseconds start = clock_->time;
    Error error = bench::error_of(action);
    EXPECT_LE(clock_->time - start, 5s);
    return error;
  }
  // The n-th command with this code and all after it until `times` is used up get this answer.
  void answer(std::uint8_t code, std::vector<test::Answer> answers, int times = 1) {
    scripted_->instead = [this, code, answers, left = times](const Command &command) mutable {
      const bool fits = command[0] == 0xF2 ? command[1] == code : command[0] == code;
      if (!fits || left == 0) return false;
      --left;
      for (const test::Answer &each : answers) scripted_->pending.push_back(each);
      return true;
    };
  }
  static test::Answer reply(const Bytes &bytes) { return {bytes, UsbStatus::done}; }
  static std::uint32_t read_word(StlinkProbe &probe, std::uint32_t address) {
    return probe.read_word(address);
  }

  static constexpr int always = -1;
  testing::RecordingHost host_;
  std::shared_ptr<test::TestClock> clock_ = std::make_shared<test::TestClock>();
  std::shared_ptr<test::ScriptedProbe> scripted_ = std::make_shared<test::ScriptedProbe>(clock_);
  std::shared_ptr<test::ScriptedBus> bus_ = [this] {
    auto bus = std::make_shared<test::ScriptedBus>();
    bus->probes = {{0x3748, "0669FF30", "bus 1 device 5", {}, "1-2", {}}};
    bus->probe = scripted_;
    return bus;
  }();
  ProbeSettings settings_{"0669FF30", {}, {}};
};

TEST_F(SessionTest, SaysWhatProbeItIs) {
  const ProbeInfo info = attached()->info();
  EXPECT_EQ(info.product, "ST-LINK/V2");
  EXPECT_EQ(info.serial, "0669FF30");
  EXPECT_EQ(info.firmware, "V2J37S7");
  EXPECT_EQ(info.target_millivolts, 3299);
  EXPECT_EQ(info.debug_port_id, 0x1BA01477U);
  EXPECT_EQ(info.speed_hz, 4'000'000U);
}

TEST_F(SessionTest, LeavesWhateverModeAnotherToolLeft) {
  for (const std::uint8_t mode : {std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{3}}) {
    scripted_->sent.clear();
    scripted_->mode = mode;
    const auto probe = attached();
    EXPECT_EQ(scripted_->count(0xF3), mode == 0 ? 1U : 0U);
    EXPECT_EQ(scripted_->count(0x21), mode == 2 ? 1U : 0U);
    EXPECT_EQ(scripted_->count(0xF4), mode == 3 ? 1U : 0U);
    EXPECT_EQ(scripted_->mode, 2);
  }
}

TEST_F(SessionTest, AProbeInItsBootLoaderIsNamed) {
  scripted_->mode = 4;
  const Error error = error_of([&] { (void)attached(); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("boot loader"));
}

TEST_F(SessionTest, AProbeThatDoesNotAnswerIsResetAndThenWorks) {
  scripted_->mute_until_reset = true;
  EXPECT_EQ(attached()->info().firmware, "V2J37S7");
  EXPECT_EQ(scripted_->usb_resets, 1);
}

TEST_F(SessionTest, AProbeThatNeverAnswersIsNamed) {
  answer(0xF1, {}, always);
  const Error error = error_of([&] { (void)open(); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("not even after a USB reset"));
  EXPECT_THAT(error.hint(), HasSubstr("plug it in again"));
}

TEST_F(SessionTest, ALostReplyIsAskedForAgainWhereThatIsHarmless) {
  const auto probe = attached();
  answer(0x36, {}, 1);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
}

TEST_F(SessionTest, AShortReplyIsAskedForAgain) {
  const auto probe = attached();
  answer(0x36, {reply({0x80, 0, 0})}, 1);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
}

TEST_F(SessionTest, ALongReplyIsAskedForAgain) {
  const auto probe = attached();
  answer(0x36, {reply(Bytes(9, 0x80))}, 1);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
  answer(0x36, {reply(Bytes(100, 0x80))}, 1);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
}

TEST_F(SessionTest, AStallIsClearedAndTheCommandSentAgain) {
  const auto probe = attached();
  answer(0x36, {test::Answer{{}, UsbStatus::stall}}, 1);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
}

TEST_F(SessionTest, AStatusThatIsNoneIsADamagedReply) {
  const auto probe = attached();
  answer(0x36, {reply(Bytes(8, 0x77))}, always);
  const Error error = error_of([&] { (void)read_word(*probe, sram); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("damaged"), HasSubstr("0x77"), HasSubstr("0x20000000")));
}

TEST_F(SessionTest, ALateReplyIsNeverTakenForThatOfTheNextCommand) {
  const auto probe = attached();
  // The reply comes when the probe is asked for its version: the command after the timeout.
  scripted_->instead = [&, late = false](const Command &command) mutable {
    if (command[1] == 0x36 && !late) {
      late = true;
      return true;
    }
    if (command[0] == 0xF1 && late) {
      scripted_->pending.push_back({{0x80, 0, 0, 0, 0xEE, 0xEE, 0xEE, 0xEE}});
    }
    return false;
  };
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
}

TEST_F(SessionTest, AWriteThatMayHaveHappenedIsNotRepeatedWhereTwiceIsWrong) {
  const auto probe = attached();
  scripted_->sent.clear();
  answer(0x35, {}, 1);
  const Error error = error_of([&] { probe->write_word(flash_register, 1); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_EQ(scripted_->count(0x35), 1U);
}

TEST_F(SessionTest, AfterALossNothingWorksButAttachingAgain) {
  const auto probe = attached();
  answer(0x35, {}, 1);
  EXPECT_EQ(error_of([&] { probe->write_word(flash_register, 1); }).code(), Errc::probe);
  EXPECT_EQ(error_of([&] { (void)read_word(*probe, sram); }).code(), Errc::probe);
  probe->attach(AttachMode::attach);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
  EXPECT_THAT(host_.texts_from(Level::info), Contains(HasSubstr("is back")));
}

TEST_F(SessionTest, AProbeThatDoesNotComeBackIsWaitedForBoundedly) {
  const auto probe = attached();
  answer(0x35, {}, 1);
  EXPECT_EQ(error_of([&] { probe->write_word(flash_register, 1); }).code(), Errc::probe);
  bus_->probes.clear();
  const Error error = error_of([&] { probe->attach(AttachMode::attach); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("0669FF30"), HasSubstr("is not on the USB bus any more")));
}

TEST_F(SessionTest, WaitIsRetriedWithTheWholeCommand) {
  const auto probe = attached();
  answer(0x35, {reply({0x14, 0})}, 3);
  scripted_->sent.clear();
  probe->write_word(flash_register, 1);
  EXPECT_EQ(scripted_->count(0x35), 4U);
}

TEST_F(SessionTest, WaitWithoutEndIsNamedWithinItsBound) {
  const auto probe = attached();
  answer(0x36, {reply({0x10, 0, 0, 0, 0, 0, 0, 0})}, always);
  const Error error = error_of([&] { (void)read_word(*probe, flash_register); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("WAIT"), HasSubstr("0x40022010")));
}

TEST_F(SessionTest, AFaultIsClearedAndNamedWithTheFirstAddress) {
  const auto probe = attached();
  scripted_->last_status = 0x11;
  scripted_->sent.clear();
  const Error error = error_of([&] {
    Bytes bytes(64);
    probe->read_memory(sram, bytes, Width::automatic);
  });
  EXPECT_EQ(error.code(), Errc::memory_fault);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("0x20000004"), HasSubstr("FAULT")));
  EXPECT_EQ(scripted_->count(0x46), 1U) << "the sticky error is cleared";
}

TEST_F(SessionTest, ParityErrorsAreRetriedAndTheClockSlowsDown) {
  const auto probe = attached();
  answer(0x36, {reply({0x17, 0, 0, 0, 0, 0, 0, 0})}, line_errors_per_clock);
  EXPECT_EQ(read_word(*probe, sram), 0x00030003U);
  EXPECT_EQ(probe->info().speed_hz, 1'800'000U);
  EXPECT_THAT(host_.texts_from(Level::info),
              Contains(AllOf(HasSubstr("unreliable"), HasSubstr("1800 kHz"))));
}

TEST_F(SessionTest, ASilentTargetIsNamed) {
  const auto probe = attached();
  answer(0x36, {reply({0x16, 0, 0, 0, 0, 0, 0, 0})}, always);
  const Error error = error_of([&] { (void)read_word(*probe, sram); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("does not answer on SWD any more"));
}

TEST_F(SessionTest, NoTargetAtAllIsNamedAfterSlowerClocksWereTried) {
  answer(0x30, {reply({0x09, 0})}, always);
  const Error error = error_of([&] { (void)attached(); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("does not answer on SWD"));
  EXPECT_THAT(error.hint(), AllOf(HasSubstr("SWDIO"), HasSubstr("under-reset")));
  EXPECT_EQ(scripted_->count(0x30), static_cast<std::size_t>(most_connect_clocks));
}

TEST_F(SessionTest, ATargetThatAnswersOnlySlowlyIsReachedSlowly) {
  answer(0x30, {reply({0x09, 0})}, 2);
  EXPECT_EQ(attached()->info().speed_hz, 650'000U);
  EXPECT_THAT(host_.texts_from(Level::info), Contains(HasSubstr("650 kHz")));
}

TEST_F(SessionTest, AFirmwareThatDoesNotKnowACommandIsNamedWithTheRemedy) {
  const auto probe = attached();
  answer(0x36, {reply({0x42, 0, 0, 0, 0, 0, 0, 0})}, always);
  const Error error = error_of([&] { (void)read_word(*probe, sram); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("V2J37S7"));
  EXPECT_THAT(error.hint(), HasSubstr("Update"));
}

TEST_F(SessionTest, AnOldFirmwareHasOneClockAndNoHalfwords) {
  scripted_->version = {0x24, 0x44, 0x83, 0x04, 0x48, 0x37};  // V2J17S4
  const auto probe = attached();
  EXPECT_FALSE(probe->info().halfword_access);
  EXPECT_EQ(probe->info().speed_hz, 1'800'000U);
  EXPECT_EQ(scripted_->count(0x43) + scripted_->count(0x4B) + scripted_->count(0x46), 0U);
  const Error error = error_of([&] { probe->write_half(0x08000000, 1); });
  EXPECT_EQ(error.code(), Errc::refused) << "attaching again would not change that";
  EXPECT_THAT(error.what(), HasSubstr("16-bit"));
  EXPECT_THAT(error.hint(), HasSubstr("V2J26"));
}

TEST_F(SessionTest, AWishBelowTheSlowestClockIsRefused) {
  settings_.speed_hz = 4'999;
  const Error error = error_of([&] { (void)open(); });
  EXPECT_EQ(error.code(), Errc::config);
  EXPECT_THAT(error.hint(), HasSubstr("5 kHz"));
}

TEST_F(SessionTest, ASingleByteComesAsTwo) {
  const auto probe = attached();
  Bytes byte(1);
  probe->read_memory(sram + 1, byte, Width::automatic);
  EXPECT_EQ(byte.front(), 0x5A);
}

TEST_F(SessionTest, BlocksAreAsLargeAsTheFirmwareTakes) {
  const auto probe = attached();
  Bytes bytes(6148);
  scripted_->sent.clear();
  probe->read_memory(sram, bytes, Width::automatic);
  EXPECT_EQ(scripted_->count(0x07), 1U);
  EXPECT_EQ(scripted_->count(0x36), 1U) << "the last word";
  EXPECT_EQ(scripted_->count(0x3E), 1U) << "the status of the block";
}

}  // namespace
}  // namespace flashhost::stlink
