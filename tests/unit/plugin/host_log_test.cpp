#include "plugin/host_log.hpp"

#include "temporary_folder.hpp"
#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace flashhost {
namespace {

Stream &standard_error() {
  static Stream stream(STDERR_FILENO);
  return stream;
}

// What appears on standard error when a plugin says one thing of each level.
std::string output(Verbosity verbosity, Color color = Color::never) {
  testing::internal::CaptureStderr();
  {
    const Log log(verbosity, color, standard_error());
    const std::unique_ptr<Host> host = log.host("sim");
    host->log(Level::trace, "a call");
    host->debug("found {} of {}", 1, 2);
    host->info("an information");
    host->warning("a {}", "warning");
    host->log(Level::error, "an error");
  }
  return testing::internal::GetCapturedStderr();
}

class HostFiles : public testing::Test {
 protected:
  HostFiles() {
    std::ofstream(folder_ / "algorithm.flm") << "abc";
    log_.set_base_folder(folder_);
  }
  std::string failure_of(const std::string &path) {
    return bench::text_of(Errc::config, [&] { return log_.host("sim")->read_file(path); });
  }

  const bench::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
  Log log_{Verbosity::quiet, Color::never, standard_error()};
};

TEST_F(HostFiles, AreReadFromTheFolderOfTheBoardFile) {
  const Bytes content{'a', 'b', 'c'};
  EXPECT_EQ(log_.host("sim")->read_file("algorithm.flm"), content);
  EXPECT_EQ(log_.host("sim")->read_file((folder_ / "algorithm.flm").string()), content);
}

TEST_F(HostFiles, ThatCannotBeReadAreNamed) {
  EXPECT_NE(failure_of("missing.flm").find("missing.flm"), std::string::npos);
  EXPECT_NE(failure_of("").find(folder_.string()), std::string::npos) << "a folder";
}

TEST_F(HostFiles, OfMoreThan256MebibytesAreRefusedUnread) {
  std::filesystem::resize_file(folder_ / "algorithm.flm", std::uintmax_t{256} * 1024 * 1024 + 1);
  EXPECT_NE(failure_of("algorithm.flm").find("algorithm.flm"), std::string::npos);
}

TEST(HostLog, NormallyPeopleSeePlainLines) {
  EXPECT_EQ(output(Verbosity::normal), "an information\nwarning: a warning\nerror: an error\n");
}

TEST(HostLog, QuietKeepsWarningsAndErrors) {
  EXPECT_EQ(output(Verbosity::quiet), "warning: a warning\nerror: an error\n");
}

TEST(HostLog, VerboseAddsDebugLinesWithThePluginsId) {
  EXPECT_EQ(output(Verbosity::verbose),
            "[sim] found 1 of 2\nan information\nwarning: a warning\nerror: an error\n");
}

TEST(HostLog, VeryVerboseAddsTheCalls) {
  EXPECT_EQ(
      output(Verbosity::very_verbose),
      "[sim] a call\n[sim] found 1 of 2\nan information\nwarning: a warning\nerror: an error\n");
}

TEST(HostLog, ColourMarksThePrefixOnly) {
  const std::string text = output(Verbosity::normal, Color::always);
  EXPECT_NE(text.find("warning: \033[m"), std::string::npos) << text;
  EXPECT_EQ(output(Verbosity::normal, Color::never).find('\033'), std::string::npos);
}

TEST(HostLog, AutomaticColourIsOffWhereThereIsNoTerminal) {
  EXPECT_EQ(output(Verbosity::normal, Color::automatic), output(Verbosity::normal, Color::never));
}

TEST(HostLog, ControlCharactersOfAPluginDoNotReachTheTerminal) {
  testing::internal::CaptureStderr();
  Log(Verbosity::normal, Color::never, standard_error())
      .host("sim")
      ->log(Level::info, "a\033[2Jb\nc\x7f\td \xc3\xa9 \xc2\x9b \x9b");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "a\\x1b[2Jb\\x0ac\\x7f\td \xc3\xa9 \\u{9b} \\x9b\n");
}

TEST(HostLog, BearsAStandardErrorThatCannotBeWritten) {
  Stream nowhere(-1);
  const Log log(Verbosity::very_verbose, Color::always, nowhere);
  testing::internal::CaptureStderr();
  log.host("sim")->warning("nobody hears it");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_NE(nowhere.error(), 0);
}

TEST(HostLog, HookRunsBeforeEachLineThatIsWritten) {
  int wiped = 0;
  testing::internal::CaptureStderr();
  {
    Log log(Verbosity::normal, Color::never, standard_error());
    log.before_line([&wiped] { ++wiped; });
    const auto host = log.host("sim");
    host->debug("not shown");
    host->info("shown");
  }
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(wiped, 1);
}

TEST(HostLog, HostOutlivesTheLogThatMadeIt) {
  testing::internal::CaptureStderr();
  std::unique_ptr<Host> host = Log(Verbosity::verbose, Color::never, standard_error()).host("late");
  host->debug("still here");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "[late] still here\n");
}

TEST(HostLog, EnabledSaysWhatWouldBeWritten) {
  const Log log(Verbosity::normal, Color::never, standard_error());
  const auto host = log.host("sim");
  EXPECT_FALSE(host->enabled(Level::trace));
  EXPECT_FALSE(host->enabled(Level::debug));
  EXPECT_TRUE(host->enabled(Level::info));
}

}  // namespace
}  // namespace flashhost
