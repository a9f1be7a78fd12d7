// Signals that are ignored stay so, and before the target is touched the first one is the end.
#include "board.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

class Signals : public Board {
 protected:
  Signals() {
    put(0, firmware(128 * 1024, 1));
    image(0, firmware(100 * 1024 + 333, 2));
  }
};

TEST_F(Signals, ThatWereIgnoredFromTheStartDoNotStopIt) {
  Start start;
  start.ignored = {SIGHUP, SIGINT};  // nohup, and a background job of a script
  bool sent = false;
  const Outcome outcome = run_started(
      start, command({"--json"}), environment(), [&](const std::string &line, pid_t pid) {
        const auto key = line.find("\"done_bytes\":");
        if (sent || key == std::string::npos || std::stoull(line.substr(key + 13)) < 20'000) return;
        sent = true;
        for (const int signal : {SIGHUP, SIGINT, SIGHUP, SIGINT}) ::kill(pid, signal);
      });
  EXPECT_TRUE(sent);
  expect_done(outcome);
}

// In a plugin that never comes back.
class Hanging : public Signals {
 protected:
  Hanging() { image_file("hang.me", "x", "format = \"hanging\"\n"); }

  Outcome interrupted(int signal, const std::vector<std::string> &more) {
    std::vector<std::string> words = {"--plugin-dir", HANGING_PLUGINS};
    words.insert(words.end(), more.begin(), more.end());
    std::chrono::steady_clock::time_point sent;
    Outcome outcome =
        run_watched(command(words), environment(), [&](const std::string &line, pid_t pid) {
          if (line.find("parsing for ever") == std::string::npos) return;
          sent = std::chrono::steady_clock::now();
          ::kill(pid, signal);
        });
    // Half a second on a machine that has nothing else to do.
    EXPECT_LT(std::chrono::steady_clock::now() - sent, std::chrono::seconds(2));
    return outcome;
  }
};

TEST_F(Hanging, IsEndedByTheFirstSignalBeforeTheTargetIsTouched) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Outcome outcome = interrupted(signal, {});
    expect_untouched(outcome, 130);
    EXPECT_THAT(outcome.err, HasSubstr("error: interrupted\n       Nothing was changed.\n"));
  }
}

TEST_F(Hanging, SaysSoInJson) {
  const Outcome outcome = interrupted(SIGTERM, {"--json"});
  expect_untouched(outcome, 130);
  const nlohmann::json error = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(error.at("event"), "error");
  EXPECT_EQ(error.at("exit_code"), 130);
  EXPECT_EQ(error.at("text"), "interrupted");
  EXPECT_EQ(error.at("flash_state"), "unchanged");
}

}  // namespace
}  // namespace flashhost::testing
