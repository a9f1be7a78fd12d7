// A probe that gets lost and comes back: the kit kills and restarts the server of the case file.
// And a target that stops answering, while the probe stays.
#include "transport/server_process.hpp"
#include "transport/transport_suite.hpp"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace flashhost::conformance {

using namespace std::chrono_literals;

namespace {

// Real time: the limit for the call that first notices the loss of the probe, and for later calls.
constexpr auto first_limit = 6s, later_limit = 1s;

constexpr const char *lost_probe = "a probe that gets lost: the case file names no server";

struct Method {
  const char *name;
  std::function<void(Probe &)> call;
};

std::vector<Method> methods(std::uint32_t scratch) {
  return {{"info", [](Probe &probe) { (void)probe.info(); }},
          {"state", [](Probe &probe) { (void)probe.state(); }},
          {"halt", [](Probe &probe) { probe.halt(); }},
          {"resume", [](Probe &probe) { probe.resume(); }},
          {"reset(pin)", [](Probe &probe) { probe.reset(ResetMode::pin); }},
          {"reset(system)", [](Probe &probe) { probe.reset(ResetMode::system); }},
          {"read_memory", [=](Probe &probe) { (void)read_bytes(probe, scratch, 64); }},
          {"write_memory", [=](Probe &probe) { probe.write_memory(scratch, Bytes(64)); }},
          {"read_register", [](Probe &probe) { (void)probe.read_register(CoreRegister::pc); }},
          {"write_register", [](Probe &probe) { probe.write_register(CoreRegister::r0, 1); }},
          {"write_registers",
           [](Probe &probe) {
             const RegisterValue one{CoreRegister::r0, 1};
             probe.write_registers({&one, 1});
           }},
          {"run", [=](Probe &probe) {
             std::array accesses{Access::read(scratch), Access::write(scratch, 1)};
             probe.run(accesses);
           }}};
}

void expect_loss(Probe &probe, const Method &method, std::chrono::seconds limit) {
  SCOPED_TRACE(method.name);
  const auto begin = std::chrono::steady_clock::now();
  expect_error(Errc::probe, [&] { method.call(probe); });
  EXPECT_LT(std::chrono::steady_clock::now() - begin, limit) << "it takes too long";
}

}  // namespace

TEST_P(TransportConformance, EveryMethodNoticesThatTheProbeIsGoneAndAttachFindsItAgain) {
  FLASHHOST_PROMISE(
      "probe.hpp, Probe: all calls throw Errc::probe at once, until attach has found "
      "it again");
  if (server() == nullptr) return not_tried(lost_probe);
  const auto probe = halted();
  const std::vector<Method> all = methods(scratch());
  for (const Method &first : all) {
    server()->kill();
    expect_loss(*probe, first, first_limit);
    for (const Method &later : all) expect_loss(*probe, later, later_limit);
    server()->start();
    EXPECT_NO_THROW(probe->attach(AttachMode::attach)) << "the probe is back";
    EXPECT_NO_THROW(probe->halt());
    probe->write_word(scratch(), 0x12345678);
    EXPECT_EQ(probe->read_word(scratch()), 0x12345678U);
  }
}

TEST_P(TransportConformance, OnlyAttachFindsALostProbeAgain) {
  FLASHHOST_PROMISE(
      "probe.hpp, Probe: all calls throw Errc::probe at once, until attach has found "
      "it again");
  if (server() == nullptr) return not_tried(lost_probe);
  const auto probe = halted();
  server()->kill();
  expect_error(Errc::probe, [&] { (void)probe->state(); });
  server()->start();
  // Without attach, later calls must not reach the probe again: it could be another target by now.
  for (const Method &method : methods(scratch())) expect_loss(*probe, method, later_limit);
  EXPECT_NO_THROW(probe->attach(AttachMode::attach));
  EXPECT_NO_THROW((void)probe->state());
}

TEST_P(TransportConformance, AttachSaysThatTheProbeIsStillGone) {
  FLASHHOST_PROMISE("probe.hpp, attach: throws Errc::probe while the probe is not back");
  if (server() == nullptr) return not_tried(lost_probe);
  const auto probe = halted();
  server()->kill();
  for (const AttachMode mode : {AttachMode::attach, AttachMode::under_reset, AttachMode::attach}) {
    const auto begin = std::chrono::steady_clock::now();
    expect_error(Errc::probe, [&] { probe->attach(mode); });
    EXPECT_LT(std::chrono::steady_clock::now() - begin, first_limit);
  }
  server()->start();
  probe->attach(AttachMode::under_reset);
  EXPECT_EQ(probe->state(), CoreState::halted);
}

TEST_P(TransportConformance, TheClockGoesOnWhileTheProbeIsGone) {
  FLASHHOST_PROMISE("probe.hpp, Probe: only now and sleep go on");
  if (server() == nullptr) return not_tried(lost_probe);
  const auto probe = attached();
  const Nanoseconds begin = probe->now();
  server()->kill();
  expect_error(Errc::probe, [&] { (void)probe->state(); });
  const Nanoseconds gone = probe->now();
  EXPECT_GE(gone, begin);
  probe->sleep(20ms);
  EXPECT_GE(probe->now() - gone, 20ms);
  server()->start();
  probe->attach(AttachMode::attach);
  EXPECT_GE(probe->now() - gone, 20ms) << "the clock went back when the probe came back";
}

TEST_P(TransportConformance, WithoutAProbeNothingIsListedAndOpenSaysSo) {
  FLASHHOST_PROMISE("transport.hpp, list: the probes that are there now; empty: none");
  if (server() == nullptr) return not_tried(lost_probe);
  (void)attached();
  server()->kill();
  EXPECT_TRUE(transport().list().empty());
  expect_error(Errc::probe, [&] { (void)transport().open({}); });
  server()->start();
  EXPECT_FALSE(transport().list().empty());
  EXPECT_NO_THROW((void)attached());
}

TEST_P(TransportConformance, ATargetThatDoesNotAnswerIsNamedUntilConnectingUnderResetWakesIt) {
  FLASHHOST_PROMISE(
      "probe.hpp, Probe: the target does not answer: Errc::target from attach, Errc::probe from "
      "other calls");
  const auto probe = halted();
  WitnessView witness(*probe);
  if (!witness.present()) return not_tried("a target that does not answer");
  probe->write_word(scratch(), 0x12345678);
  witness.silence(60s);
  for (const Method &method : methods(scratch())) {
    const std::string_view name = method.name;
    if (name == "info" || name == "reset(pin)") continue;  // they need no answer of the target
    expect_loss(*probe, method, first_limit);
  }
  expect_error(Errc::target, [&] { probe->attach(AttachMode::attach); });
  ASSERT_NO_THROW(probe->attach(AttachMode::under_reset)) << "NRST wakes the target";
  EXPECT_EQ(probe->state(), CoreState::halted);
  EXPECT_EQ(probe->read_word(scratch()), 0x12345678U);
}

TEST_P(TransportConformance, AProbeThatIsLostCanBeDestroyed) {
  if (server() == nullptr) return not_tried(lost_probe);
  auto probe = halted();
  server()->kill();
  EXPECT_NO_THROW(probe.reset());
}

}  // namespace flashhost::conformance
