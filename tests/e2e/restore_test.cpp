// Whatever happens, the target is left in a defined state: flash locked, debug registers as they
// were, the core where the board file wants it.
#include "board.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <map>
#include <regex>

namespace flashhost::testing {
namespace {

// The simulated probe's own look at the registers when it was closed.
std::map<std::string, std::uint32_t> left_behind(const std::string &text) {
  std::map<std::string, std::uint32_t> registers;
  const auto begin = text.find("left behind:");
  if (begin == std::string::npos) return registers;
  const std::string line = text.substr(begin, text.find('\n', begin) - begin);
  const std::regex pattern(R"(([A-Z_]+) (0x[0-9a-f]{8}))");
  for (std::sregex_iterator match(line.begin(), line.end(), pattern), end; match != end; ++match) {
    registers[(*match)[1]] = static_cast<std::uint32_t>(std::stoul((*match)[2], nullptr, 16));
  }
  return registers;
}

class Restores : public Board {
 protected:
  Restores() {
    put(0, firmware(8192, 1));
    image(0, firmware(6001, 2));
  }

  static void expect_tidy(const Outcome &outcome, const char *core = "running") {
    auto left = left_behind(outcome.err);
    ASSERT_FALSE(left.empty()) << outcome.err;
    constexpr std::uint32_t debugen = 1;
    constexpr std::uint32_t halted = 1U << 17;
    EXPECT_EQ(left.at("FLASH_CR"), 0x80U) << "locked, nothing set\n" << outcome.err;
    EXPECT_EQ(left.at("DEMCR") & 0x7F1U, 0U) << "no vector catch\n" << outcome.err;
    EXPECT_EQ(left.at("DBGMCU_CR"), 0U) << outcome.err;
    EXPECT_EQ(left.at("FP_CTRL") & 1, 0U) << outcome.err;
    if (std::string(core) == "running") {
      EXPECT_EQ(left.at("DHCSR") & (debugen | halted), 0U) << outcome.err;
    } else {
      EXPECT_EQ(left.at("DHCSR") & (debugen | halted), debugen | halted) << outcome.err;
    }
  }
};

TEST_F(Restores, AfterASuccess) {
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  expect_tidy(outcome);
}

TEST_F(Restores, AfterASuccessThatLeavesTheCoreHalted) {
  for (const char *reset : {"halt", "none"}) {
    flash_options = std::string("reset = \"") + reset + "\"\n";
    const Outcome outcome = flashhost({"-v"});
    expect_done(outcome);
    expect_tidy(outcome, "halted");
  }
}

TEST_F(Restores, AfterAFailure) {
  settings += "faults = [\"bad_cell=0x08000804\"]\n";
  const Outcome outcome = flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  expect_tidy(outcome);
}

TEST_F(Restores, AfterAnOperationThatDoesNotEnd) {
  for (const char *reset : {"halt", "none"}) {
    flash_options = std::string("reset = \"") + reset + "\"\n";
    settings = "run_time = \"0s\"\nfaults = [\"stuck_busy\"]\n";
    const Outcome outcome = flashhost({"-v"});
    EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
    expect_tidy(outcome, "halted");
  }
}

TEST_F(Restores, AfterARefusal) {
  settings += "faults = [\"write_protected=4\"]\n";
  const Outcome outcome = flashhost({"-v"});
  EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
  expect_tidy(outcome);
}

TEST_F(Restores, AfterASignal) {
  image(8192, firmware(100'000, 3));
  bool sent = false;
  const Outcome outcome = run_watched(
      command({"--json", "-v"}), environment(), [&](const std::string &line, pid_t pid) {
        if (sent || line.find("\"done_bytes\":") == std::string::npos) return;
        sent = true;
        ::kill(pid, SIGINT);
      });
  EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  expect_tidy(outcome);
}

TEST_F(Restores, AfterAPlanThatTouchesNothing) {
  const Outcome outcome = flashhost({"-v", "plan"});
  expect_untouched(outcome, 0);
  expect_tidy(outcome);
}

TEST_F(Restores, AfterVerbsThatOnlyRead) {
  const std::string dump = (directory.path() / "dump.bin").string();
  for (const std::vector<std::string> &words :
       {std::vector<std::string>{"verify"}, {"read", "-o", dump}, {"info"}}) {
    for (const bool fast : {false, true}) {
      std::vector<std::string> more = words;
      more.emplace_back("-v");
      if (fast) more.emplace_back("--fast");
      const Outcome outcome = flashhost(more);
      expect_untouched(outcome, words.front() == "verify" ? 9 : 0);
      expect_tidy(outcome);
    }
  }
}

TEST_F(Restores, AfterConnectingUnderReset) {
  for (const std::vector<std::string> &words :
       {std::vector<std::string>{"info"}, {"plan"}, {"erase", "--range", "0x20000000:4"}}) {
    std::vector<std::string> more = words;
    more.insert(more.end(), {"-v", "--set", "transport.connect=under-reset"});
    const Outcome outcome = flashhost(more);
    expect_untouched(outcome, words.front() == "erase" ? 4 : 0);
    expect_tidy(outcome);
  }
}

TEST_F(Restores, AfterAReadThatFails) {
  const std::string dump = (directory.path() / "dump.bin").string();
  for (const bool fast : {false, true}) {
    std::vector<std::string> words = {"-v", "read", "--range", "0x60000000:4", "-o", dump};
    if (fast) words.emplace_back("--fast");
    const Outcome outcome = flashhost(words);
    expect_untouched(outcome, 6);
    expect_tidy(outcome);
  }
}

TEST_F(Restores, AfterAnErase) {
  const Outcome outcome = flashhost({"-v", "erase", "--range", "0x08000400:1K"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_tidy(outcome);
}

TEST_F(Restores, AfterAReset) {
  expect_tidy(flashhost({"-v", "reset"}));
  flash_options = "reset = \"halt\"\n";
  expect_tidy(flashhost({"-v", "reset"}), "halted");
}

TEST_F(Restores, AfterAFastPlan) {
  const Outcome outcome = flashhost({"-v", "plan", "--fast"});
  expect_untouched(outcome, 0);
  expect_tidy(outcome);
}

}  // namespace
}  // namespace flashhost::testing
