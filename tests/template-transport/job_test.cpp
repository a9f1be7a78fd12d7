// Whole jobs through the template's transport and its server, with the template's own board file.
#include "process.hpp"
#include "transport/server_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::filesystem::path &file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class TemplateTransport : public ::testing::TestWithParam<std::string> {
 protected:
  TemplateTransport()
      : server_({std::string(TRANSPORT_FOLDER) + "/server", "--socket", "acme.sock", "--chip",
                 GetParam()},
                directory_.path()) {
    std::string board = text_of(std::string(TRANSPORT_TEMPLATE) + "/board.toml");
    const std::string there = "/tmp/acme.sock";
    board.replace(board.find(there), there.size(), "acme.sock");
    std::ofstream(directory_.path() / "board.toml") << board;
    std::filesystem::copy(std::string(TRANSPORT_TEMPLATE) + "/firmware.hex", directory_.path());
    server_.start();
  }

  Outcome flashhost(const std::vector<std::string> &arguments) {
    std::vector<std::string> command{FLASHHOST_PROGRAM, "--plugin-dir", TRANSPORT_FOLDER, "-c",
                                     (directory_.path() / "board.toml").string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_process(command, {{"XDG_STATE_HOME", directory_.path().string()}});
  }

  TemporaryDirectory directory_;
  conformance::ServerProcess server_;
};

INSTANTIATE_TEST_SUITE_P(Chip, TemplateTransport, ::testing::Values("STM32F103CB", "STM32F407VG"));

TEST_P(TemplateTransport, FlashesAChipThroughItsServerWithTheLoader) {
  const Outcome first = flashhost({"-v"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("starting the loader"));
  EXPECT_THAT(first.err, HasSubstr("516 bytes written and verified"));
  const Outcome second = flashhost({});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("nothing to do"));
}

TEST_P(TemplateTransport, RefusesAPathThatNoSocketCanHave) {
  const std::string longest = "/tmp/" + std::string(102, 'a');
  const Outcome fits = flashhost({"--set", "transport.settings.address=" + longest});
  EXPECT_EQ(fits.exit_code, 5) << fits.err;
  EXPECT_THAT(fits.err, HasSubstr("nobody listens there"));
  const Outcome refused = flashhost({"--set", "transport.settings.address=" + longest + "a"});
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("has 108 bytes, a socket's path at most 107"));
}

TEST_P(TemplateTransport, IsListedWhileItsServerRuns) {
  const Outcome there = flashhost({"list", "probes"});
  EXPECT_THAT(there.out + there.err, HasSubstr("ACME-1"));
  server_.kill();
  const Outcome gone = flashhost({"list", "probes"});
  EXPECT_THAT(gone.out + gone.err, ::testing::Not(HasSubstr("ACME-1")));
}

TEST_P(TemplateTransport, SaysThatItsServerIsNotThere) {
  server_.kill();
  const Outcome outcome = flashhost({});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("no connection to the probe at"));
  EXPECT_THAT(outcome.err, HasSubstr("Is its server running"));
}

}  // namespace
}  // namespace flashhost::testing
