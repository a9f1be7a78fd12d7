// Trouble on USB and SWD, and a board that loses its power, as the host meets it.
#include "probe_faults.hpp"

#include "sim_fixture.hpp"

#include <flashhost/cortex_m.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace flashhost::sim {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint32_t sram = 0x20000000;

TEST(ProbeFaults, AreTakenOutOfTheListAndTheBoardsAreLeft) {
  std::vector<std::string> faults{"busy", "hsi_off", "usb_unplug_at=5:20", "swd_wait_at=7",
                                  "voltage=1700"};
  const ProbeFaults taken = take_probe_faults(faults);
  EXPECT_TRUE(taken.usb.busy);
  EXPECT_EQ(taken.usb.unplug_at, 5U);
  EXPECT_EQ(taken.usb.replug_after, 20ms);
  EXPECT_EQ(taken.swd.wait_at, 7U);
  EXPECT_EQ(taken.swd.waits, 3U);
  EXPECT_EQ(faults, (std::vector<std::string>{"hsi_off", "voltage=1700"}));
}

TEST(ProbeFaults, WithWrongValuesAreRefused) {
  for (const char *wrong :
       {"usb_unplug_at", "usb_unplug_at=0", "usb_unplug_at=x", "busy=1", "usb_late_reply_at=3",
        "usb_stall_at=3:4", "swd_wait_at=1:0", "swd_parity_at=1:2", "usb_unplug_at=3:"}) {
    std::vector<std::string> one{wrong};
    EXPECT_THROW(static_cast<void>(take_probe_faults(one)), std::invalid_argument) << wrong;
  }
}

TEST(ProbeFaults, SpoilTheCommandsThatTheyAreAskedTo) {
  SwdDisturbance disturbance({2, 2, 5});
  std::vector<SwdTrouble> seen;
  seen.reserve(6);
  for (int i = 0; i < 6; ++i) seen.push_back(disturbance.next_command());
  using enum SwdTrouble;
  EXPECT_EQ(seen, (std::vector{none, wait, wait, none, parity, none}));
}

// Attaching is two commands: the next one is the third.
class SpoiltProbe : public SimTest {
 protected:
  std::unique_ptr<Probe> attached_with(const std::string &fault) {
    return attached({{"firmware_runs", false}, {"faults", std::vector<std::string>{fault}}});
  }
};

TEST_F(SpoiltProbe, AnUnpluggedProbeIsGoneForGood) {
  const auto probe = attached_with("usb_unplug_at=3");
  const Error error = error_of([&] { (void)probe->read_word(sram); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("not on the USB bus any more"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(error_of([&] { (void)probe->info(); }).code(), Errc::probe);
    EXPECT_EQ(error_of([&] { probe->write_word(sram, 1); }).code(), Errc::probe);
  }
  const Nanoseconds before = probe->now();
  const Error gone = error_of([&] { probe->attach(AttachMode::attach); });
  EXPECT_EQ(gone.code(), Errc::probe);
  EXPECT_THAT(gone.what(), HasSubstr("went away and is not on the USB bus any more"));
  EXPECT_EQ(probe->now() - before, 4s);
}

TEST_F(SpoiltProbe, AnUnpluggedProbeIsFoundAgainWhenItIsBack) {
  const auto probe = attached_with("usb_unplug_at=4:300");
  probe->write_word(sram, 7);
  EXPECT_EQ(error_of([&] { (void)probe->read_word(sram); }).code(), Errc::probe);
  const Nanoseconds gone = probe->now();
  probe->attach(AttachMode::attach);
  EXPECT_GE(probe->now() - gone, 300ms);
  EXPECT_EQ(probe->read_word(sram), 7U);  // the board had power all the time
}

TEST_F(SpoiltProbe, AProbeThatComesBackLateNeedsMoreThanOneAttempt) {
  const auto probe = attached_with("usb_unplug_at=3:6000");
  EXPECT_EQ(error_of([&] { (void)probe->read_word(sram); }).code(), Errc::probe);
  EXPECT_EQ(error_of([&] { probe->attach(AttachMode::attach); }).code(), Errc::probe);
  probe->attach(AttachMode::attach);
  EXPECT_NO_THROW((void)probe->read_word(sram));
}

TEST_F(SpoiltProbe, AnUnpluggedProbeLetsGoOfTheResetPin) {
  const auto probe = open({{"faults", std::vector<std::string>{"usb_unplug_at=2:1"}}});
  EXPECT_EQ(error_of([&] { probe->attach(AttachMode::under_reset); }).code(), Errc::probe);
  probe->attach(AttachMode::attach);
  EXPECT_NE(probe->state(), CoreState::in_reset);
}

TEST_F(SpoiltProbe, ALostReplyFailsItsCommandUntilTheProbeIsAttachedAgain) {
  struct Row {
    const char *fault;
    const char *text;
    Nanoseconds least;
  };
  for (const Row &row :
       {Row{"usb_stall_at=3", "USB stall", 0ms}, Row{"usb_short_reply_at=3", "cut short", 1ms},
        Row{"usb_garbage_reply_at=3", "damaged", 1ms},
        Row{"usb_no_reply_at=3", "did not answer", 1001ms},
        Row{"usb_late_reply_at=3:2000", "did not answer", 1001ms}}) {
    SCOPED_TRACE(row.fault);
    const auto probe = attached_with(row.fault);
    const Nanoseconds before = probe->now();
    const Error error = error_of([&] { (void)probe->read_word(sram); });
    EXPECT_EQ(error.code(), Errc::probe);
    EXPECT_THAT(error.what(), HasSubstr(row.text));
    EXPECT_GE(probe->now() - before, row.least);
    EXPECT_THAT(error_of([&] { (void)probe->read_word(sram); }).what(),
                HasSubstr("connection to the probe was lost"));
    probe->attach(AttachMode::attach);
    EXPECT_NO_THROW((void)probe->read_word(sram));
  }
}

TEST_F(SpoiltProbe, ACommandWhoseReplyIsLostWasDoneAndOneThatStallsWasNot) {
  for (const auto &[fault, done] :
       {std::pair{"usb_no_reply_at=4", true}, std::pair{"usb_stall_at=4", false}}) {
    const auto probe = attached_with(fault);
    probe->write_word(sram, 1);
    EXPECT_EQ(error_of([&] { probe->write_word(sram, 2); }).code(), Errc::probe);
    probe->attach(AttachMode::attach);
    EXPECT_EQ(probe->read_word(sram), done ? 2U : 1U) << fault;
  }
}

TEST_F(SpoiltProbe, AReplyThatIsOnlyALittleLateIsTaken) {
  const auto probe = attached_with("usb_late_reply_at=3:200");
  const Nanoseconds before = probe->now();
  EXPECT_NO_THROW((void)probe->read_word(sram));
  EXPECT_GE(probe->now() - before, 201ms);
}

TEST_F(SpoiltProbe, ThatAnotherProgramHoldsOrThatOnlyRootMayOpenSaysSo) {
  const auto opened = [&](const char *fault) {
    return error_of([&] { (void)open({{"faults", std::vector<std::string>{fault}}}); });
  };
  const Error busy = opened("busy");
  EXPECT_EQ(busy.code(), Errc::probe);
  EXPECT_THAT(busy.what(), AllOf(HasSubstr("SIM-STM32F103CB"), HasSubstr("another program")));
  const Error forbidden = opened("no_permission");
  EXPECT_EQ(forbidden.code(), Errc::probe);
  EXPECT_THAT(forbidden.what(), HasSubstr("no permission"));
  EXPECT_THAT(forbidden.hint(), HasSubstr("udev"));
}

TEST_F(SpoiltProbe, MemoryCommandsAreRepeatedAfterWaitAndParityErrors) {
  for (const char *fault : {"swd_wait_at=1", "swd_wait_at=1:20", "swd_parity_at=1"}) {
    SCOPED_TRACE(fault);
    const auto probe = attached_with(fault);
    probe->write_memory(sram, Bytes{1, 2, 3, 4, 5, 6, 7, 8});
    EXPECT_EQ(probe->read_word(sram + 4), 0x08070605U);
  }
}

TEST_F(SpoiltProbe, WaitWithoutEndIsNamed) {
  const auto probe = attached_with("swd_wait_at=1:1000000");
  const Error error = error_of([&] { (void)probe->read_word(sram); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("nothing but WAIT"));
}

TEST_F(SpoiltProbe, ABoardWithoutPowerDoesNotAnswerAndIsNotRunOn) {
  constexpr std::uint32_t fpec = 0x40022000;
  auto probe = attached_with("power_loss_at=1");
  probe->write_word(fpec + 0x04, 0x45670123);
  probe->write_word(fpec + 0x04, 0xCDEF89AB);
  probe->write_word(fpec + 0x10, 1);
  probe->write_half(0x08000000, 0);
  const Error error = error_of([&] { (void)probe->read_word(sram); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("does not answer"));
  EXPECT_EQ(probe->info().target_millivolts, std::nullopt);
  EXPECT_EQ(error_of([&] { probe->attach(AttachMode::attach); }).code(), Errc::target);
  probe.reset();
  EXPECT_TRUE(host_.texts(Level::info).empty());
}

}  // namespace
}  // namespace flashhost::sim
