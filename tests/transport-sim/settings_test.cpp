#include "run_report.hpp"
#include "sim_fixture.hpp"
#include "sim_settings.hpp"
#include "test_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string message(const Pairs &pairs) {
  const Error error = error_of([&] { (void)read_settings(make_settings(pairs), linked); });
  EXPECT_EQ(error.code(), Errc::config);
  return error.what();
}

// That of the boards here, where no chip is named.
const machine::Model &first_model() {
  return *test::models().all().front();
}

// Sets a variable of the environment for a while; scripts/mutants may have given it a value.
class Variable {
 public:
  Variable(const char *name, const std::string &value) : name_(name) {
    if (const char *const old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable &) = delete;
  Variable &operator=(const Variable &) = delete;
  ~Variable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char *name_;
  std::optional<std::string> old_;
};

TEST(SimSettings, WithoutAnyThereIsABluePillWhoseFirmwareRuns) {
  const SimSettings settings = read_settings(Settings{}, linked);
  EXPECT_EQ(settings.board.part, "STM32F103CB");
  EXPECT_EQ(settings.flash_bytes, 128U * 1024);
  EXPECT_TRUE(settings.board.nrst_wired);
  EXPECT_TRUE(settings.board.firmware_runs);
  EXPECT_EQ(settings.run_time, Nanoseconds(1s));
  EXPECT_EQ(settings.state_file, "");
}

TEST(SimSettings, AllKeysAreTakenAsWritten) {
  const std::string rule = machine::rule_names(first_model()).front();
  const SimSettings settings =
      read_settings(make_settings({{"chip", std::string("STM32F103C8")},
                                   {"nrst", false},
                                   {"firmware_runs", true},
                                   {"skip_polling", false},
                                   {"seed", std::int64_t{7}},
                                   {"rules_off", std::vector<std::string>{rule}},
                                   {"state_file", std::string("chip.flash")},
                                   {"firmware", std::string("old.hex")},
                                   {"run_time", std::string("20ms")}},
                                  "/boards"),
                    linked);
  EXPECT_EQ(settings.board.part, "STM32F103C8");
  EXPECT_FALSE(settings.board.nrst_wired);
  EXPECT_FALSE(settings.board.skip_polling);
  EXPECT_EQ(settings.board.seed, 7U);
  EXPECT_THAT(settings.board.rules_off, testing::Contains(rule));
  EXPECT_EQ(settings.state_file, "/boards/chip.flash");
  EXPECT_EQ(settings.firmware, "/boards/old.hex");
  EXPECT_EQ(settings.run_time, Nanoseconds(20ms));
}

TEST(SimSettings, FirmwareThatDoesNotRunHasNothingToReport) {
  EXPECT_EQ(read_settings(make_settings({{"firmware_runs", false}}), linked).run_time,
            Nanoseconds(0));
}

TEST(SimSettings, AnUnknownKeyIsRefusedWithItsPlace) {
  EXPECT_THAT(message({{"chpi", std::string("STM32F103CB")}}),
              HasSubstr("board.toml:3:1: chpi: unknown key"));
}

TEST(SimSettings, AnUnknownChipIsRefusedWithTheNearestOfThoseThatThereAre) {
  const std::string text = message({{"chip", std::string("STM32F999XX")}});
  EXPECT_THAT(text, HasSubstr("board.toml:3:1: chip: no model has a part \"STM32F999XX\""));
  EXPECT_THAT(text, HasSubstr("the nearest is STM32F"));
}

TEST(SimSettings, AnUnknownFaultOrRuleIsRefusedWithTheListOfThoseThatThereAre) {
  const std::string fault = message({{"faults", std::vector<std::string>{"gremlins=3"}}});
  EXPECT_THAT(fault, HasSubstr("board.toml:3:1: faults: \"gremlins\" is no fault of the model"));
  for (const std::string &name : machine::fault_names(first_model()))
    EXPECT_THAT(fault, HasSubstr(name));
  for (const FaultName &name : probe_fault_names()) EXPECT_THAT(fault, HasSubstr(name.name));
  const std::string value = message({{"faults", std::vector<std::string>{"usb_stall_at=x"}}});
  EXPECT_THAT(value, HasSubstr("board.toml:3:1: faults: fault 'usb_stall_at=x': write it as"));
  const std::string rule = message({{"rules_off", std::vector<std::string>{"gravity"}}});
  EXPECT_THAT(rule, HasSubstr("board.toml:3:1: rules_off: \"gravity\" is no rule of the model"));
  for (const std::string &name : machine::rule_names(first_model()))
    EXPECT_THAT(rule, HasSubstr(name));
}

TEST(SimSettings, ARuleThatTheEnvironmentNamesWronglyIsRefused) {
  const Variable rules("FLASHHOST_SIM_RULES_OFF", "gravity");
  const std::string text = message({});
  EXPECT_THAT(text, HasSubstr("FLASHHOST_SIM_RULES_OFF: \"gravity\" is no rule of the model"));
}

TEST(SimSettings, TheEnvironmentSwitchesRulesOffToo) {
  const std::string rule = machine::rule_names(first_model()).back();
  const Variable rules("FLASHHOST_SIM_RULES_OFF", rule + ",f4_otp");  // one of another chip, too
  const SimSettings settings = read_settings(Settings{}, linked);
  EXPECT_THAT(settings.board.rules_off, ElementsAre(rule));
}

TEST(SimSettings, ValuesOutOfRangeAreRefused) {
  EXPECT_THAT(message({{"seed", std::int64_t{-1}}}), HasSubstr("seed: -1 is negative"));
  EXPECT_THAT(message({{"run_time", std::string("100000s")}}), HasSubstr("at most an hour"));
  EXPECT_THAT(message({{"nrst", std::string("yes")}}), HasSubstr("expected true or false"));
}

TEST(RunReport, CountsTheEdgesOfEachPin) {
  const std::vector<machine::PinEdge> edges{{1ms, "PC13", 1}, {2ms, "PA1", 1}, {3ms, "PC13", 0}};
  EXPECT_THAT(describe_run(edges, 1s),
              ElementsAre("PA1 toggled 1 time in 1.0 s", "PC13 toggled 2 times in 1.0 s"));
}

TEST(RunReport, SaysSoWhenNoPinChanged) {
  EXPECT_THAT(describe_run({}, 500ms),
              ElementsAre("the firmware ran for 0.5 s and changed no output pin"));
}

class TransportTest : public SimTest {};

TEST_F(TransportTest, ListsItsOneProbe) {
  SimTransport transport(host_, linked);
  transport.configure(make_settings({{"chip", std::string("STM32F103C8")}}));
  EXPECT_THAT(transport.list(),
              ElementsAre(ProbeDescription{
                  "SIM-STM32F103C8", "simulated ST-Link", "STM32F103C8", {}, {}, {}, true}));
}

TEST_F(TransportTest, OpensByAPrefixOfTheSerialAndRefusesAnother) {
  EXPECT_NE(open({}, {"SIM-STM", {}}), nullptr);
  const Error error = error_of([&] { (void)open({}, {"0669FF", {}}); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("0669FF"));
  EXPECT_THAT(error.hint(), HasSubstr("SIM-STM32F103CB"));
}

TEST_F(TransportTest, ASpeedBelowTheSlowestIsRefused) {
  const Error error = error_of([&] { (void)open({}, {"", 1000}); });
  EXPECT_EQ(error.code(), Errc::config);
  EXPECT_THAT(error.hint(), HasSubstr("5 kHz"));
}

}  // namespace
}  // namespace flashhost::sim
