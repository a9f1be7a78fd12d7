// Paths that lead elsewhere than they seem to, and names of what is no file or folder.
#include "board.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace flashhost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *at_start = "image.0.address=0x08000000";

std::string text_of(const Bytes &bytes) {
  return {bytes.begin(), bytes.end()};
}

class Paths : public Board {
 protected:
  // `build` is a link to a folder elsewhere: build/.. is `other`, not the board's folder.
  void make_build_a_link() const {
    fs::create_directories(directory.path() / "other/out");
    fs::create_directory_symlink("other/out", directory.path() / "build");
  }
  void write(const std::string &name, const Bytes &content) const {
    std::ofstream(directory.path() / name, std::ios::binary) << text_of(content);
  }
  [[nodiscard]] Bytes start_of_flash(std::size_t size) const {
    Bytes bytes = flash();
    bytes.resize(size);
    return bytes;
  }
  // What waits for ever is ended.
  Outcome bounded(const std::vector<std::string> &arguments) {
    std::vector<std::string> words = command(arguments);
    words.insert(words.begin(), {"/usr/bin/timeout", "-s", "KILL", "20"});
    return run_process(words, environment());
  }
  // The program where it finds no plugins by itself.
  [[nodiscard]] std::string lonely_program() const {
    const fs::path program = directory.path() / "bin/flashhost";
    fs::create_directory(program.parent_path());
    fs::copy_file(FLASHHOST_PROGRAM, program);
    fs::create_directory_symlink(fs::path(FLASHHOST_PROGRAM).parent_path().parent_path() / "lib",
                                 directory.path() / "lib");
    return program.string();
  }
};

TEST_F(Paths, DotDotBehindALinkIsTheFolderThatTheShellWouldTake) {
  make_build_a_link();
  const Bytes meant = firmware(2048, 1);
  write("other/app.bin", meant);
  write("app.bin", firmware(2048, 2));
  const Outcome outcome = flashhost({"--set", "image.0.file=build/../app.bin", "--set", at_start});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(start_of_flash(2048) == meant) << outcome.err;
}

TEST_F(Paths, DotDotBehindALinkInThePathOfTheBoardFileIsTheShellsToo) {
  make_build_a_link();
  const Bytes meant = firmware(2048, 1);
  write("other/app.bin", meant);
  write("app.bin", firmware(2048, 2));
  auto words = command({"--set", "image.0.file=../app.bin", "--set", at_start});
  fs::rename(directory.path() / "board.toml", directory.path() / "other/out/board.toml");
  words[4] = (directory.path() / "build/board.toml").string();
  const Outcome outcome = run_process(words, environment());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::ifstream stream(directory.path() / "other/out/flash.bin", std::ios::binary);
  Bytes start(2048);
  stream.read(reinterpret_cast<char *>(start.data()), 2048);
  EXPECT_TRUE(start == meant) << outcome.err;
}

TEST_F(Paths, DotDotBehindALinkIsTheShellsInThePluginsSettingsToo) {
  make_build_a_link();
  const Bytes meant = firmware(2048, 1);
  write("other/old.bin", meant);
  write("old.bin", firmware(2048, 2));
  settings += "firmware = \"build/../old.bin\"\n";
  EXPECT_EQ(flashhost({"info"}).exit_code, 0);
  EXPECT_TRUE(start_of_flash(2048) == meant);
}

TEST_F(Paths, APipeInPlaceOfTheSimulatorsFirmwareIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((directory.path() / "old.bin").c_str(), 0600), 0);
  settings += "firmware = \"old.bin\"\n";
  const Outcome outcome = bounded({"info"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("old.bin is a pipe, not a file"));
}

TEST_F(Paths, APipeInPlaceOfTheSimulatorsFlashIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((directory.path() / "flash.bin").c_str(), 0600), 0);
  const Outcome outcome = bounded({"info"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("flash.bin is a pipe, not a file"));
}

TEST_F(Paths, AnEmptyPluginDirIsAnErrorOfTheCommandLine) {
  const std::string program = lonely_program();
  for (const std::string word : {"plugins", "probes", "chips"}) {
    const Outcome outcome = run_process({program, "list", word, "--plugin-dir", ""});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--plugin-dir names no folder: it is empty"));
  }
}

TEST_F(Paths, EmptyPartsOfThePluginPathAreLeftOut) {
  const Outcome outcome =
      run_process({lonely_program(), "list", "chips"},
                  {{"FLASHHOST_PLUGIN_PATH", std::string("::") + FLASHHOST_PLUGINS + ":"}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Paths, ABoardFileOrImageWithoutANameIsAnErrorOfTheCommandLine) {
  const Outcome config = run_process({FLASHHOST_PROGRAM, "--config", "", "info"});
  EXPECT_EQ(config.exit_code, 2);
  EXPECT_THAT(config.err, HasSubstr("--config names no file: it is empty"));
  const Outcome image = flashhost({"flash", ""});
  expect_untouched(image, 2);
  EXPECT_THAT(image.err, HasSubstr("an empty word is given as the name of a file"));
}

TEST_F(Paths, APluginFolderThatIsNoneIsWarnedAboutOnceAndListed) {
  write("no-folder", {});
  const std::string path = (directory.path() / "no-folder").string();
  const Environment environment{{"FLASHHOST_PLUGIN_PATH", path + ":/not/there"}};
  const std::string text = "the plugin folder " + path + " cannot be used: it is not a folder";
  image(0, firmware(1024, 1));
  const Outcome job = flashhost({}, environment);
  expect_done(job);
  const std::size_t first = job.err.find(text);
  ASSERT_NE(first, std::string::npos) << job.err;
  EXPECT_EQ(job.err.find(text, first + 1), std::string::npos) << job.err;
  const Outcome list = run_process({FLASHHOST_PROGRAM, "list", "plugins"}, environment);
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.out, AllOf(HasSubstr(text), Not(HasSubstr("/not/there"))));
}

TEST_F(Paths, AMissingPluginMayBeInAFolderThatCannotBeRead) {
  fs::create_symlink("circle", directory.path() / "circle");
  const std::string path = (directory.path() / "circle").string();
  const Outcome outcome =
      flashhost({"info", "--set", "transport.plugin=wanted"}, {{"FLASHHOST_PLUGIN_PATH", path}});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("there is no transport plugin \"wanted\""),
                                 HasSubstr("But the plugin folder " + path),
                                 HasSubstr("its symbolic links lead in a circle")));
}

TEST_F(Paths, DiscardJournalIsRefusedByAVerbThatDoesNotUseTheJournal) {
  image(0, firmware(1024, 1));
  const Outcome outcome = flashhost({"verify", "--discard-journal"});
  expect_untouched(outcome, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--discard-journal is for verbs that use the journal"));
}

TEST_F(Paths, ANumberThatIsTooLargeIsCalledThat) {
  const Outcome speed = flashhost({"info", "--set", "transport.speed=99999999999999999999"});
  EXPECT_EQ(speed.exit_code, 2);
  EXPECT_THAT(speed.err, AllOf(HasSubstr("too large"), HasSubstr("up to 4294967295 Hz"),
                               Not(HasSubstr("quotes"))));
  const Outcome seed = flashhost({"info", "--set", "transport.settings.seed=99999999999999999999"});
  EXPECT_EQ(seed.exit_code, 2);
  EXPECT_THAT(seed.err, AllOf(HasSubstr("the number is too large"), HasSubstr("Integers go from")));
}

}  // namespace
}  // namespace flashhost::testing
