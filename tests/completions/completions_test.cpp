// What bash, zsh and fish offer at the end of a command line.
#include "shell.hpp"

#include <config/cli.hpp>
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace flashhost {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::IsEmpty;
using testing::IsSubsetOf;
using testing::Not;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;
using Words = std::vector<std::string>;

Words lines_of(const std::string &text) {
  std::istringstream in(text);
  Words lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// The name of a shell.
class Completions : public testing::TestWithParam<std::string> {
 protected:
  // In a folder with a folder and two files.
  Completions() {
    fs::create_directory(folder_.path() / "build");
    std::ofstream(folder_.path() / "firmware.hex") << "x";
    std::ofstream(folder_.path() / "board.toml") << "";
  }

  // What is offered after `flashhost WORDS`. before: what runs the shell.
  [[nodiscard]] Words offered(const std::string &words, const std::string &before = "") const {
    const Outcome outcome =
        run("cd '" + folder_.path().string() + "' && PATH='" + PROGRAMS + "':$PATH " + before +
            GetParam() + " '" + SCRIPTS + "/complete." + GetParam() + "' '" + COMPLETIONS + "/" +
            file() + "' 'flashhost " + words + "'");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return lines_of(outcome.output);
  }

 private:
  // With the completions for the shell.
  static std::string file() {
    if (GetParam() == "bash") return "flashhost";
    return GetParam() == "zsh" ? "_flashhost" : "flashhost.fish";
  }

  TemporaryFolder folder_;
};

TEST_P(Completions, OfferAllVerbsAndFilesFirst) {
  const Words first = offered("");
  for (const auto &verb : config::syntax().verbs) EXPECT_THAT(first, Contains(verb.word));
  EXPECT_THAT(first, Contains("firmware.hex"));
  EXPECT_THAT(offered("fir"), UnorderedElementsAre("firmware.hex"));
  EXPECT_THAT(offered("ver"), UnorderedElementsAre("verify"));
  EXPECT_THAT(offered("-c board.toml --json ver"), UnorderedElementsAre("verify"));
}

TEST_P(Completions, OfferAllOptions) {
  Words options;
  for (const auto &option : config::syntax().options) options.push_back(option.names.back());
  EXPECT_THAT(options, IsSubsetOf(offered("--")));
  EXPECT_THAT(offered("plan --no-p"), UnorderedElementsAre("--no-preserve"));
}

TEST_P(Completions, OfferTheWordsThatAnOptionKnows) {
  int with_words = 0;
  for (const auto &option : config::syntax().options) {
    if (option.words.empty()) continue;
    ++with_words;
    EXPECT_THAT(offered(option.names.back() + " "), UnorderedElementsAreArray(option.words));
  }
  EXPECT_GE(with_words, 4);
  EXPECT_THAT(offered("--erase s"), UnorderedElementsAre("sectors"));
  EXPECT_THAT(offered("--set x=y --erase s"), UnorderedElementsAre("sectors"));
  EXPECT_THAT(offered("--speed "), IsEmpty());
}

TEST_P(Completions, OfferWhatFollowsAVerb) {
  EXPECT_THAT(offered("list "), UnorderedElementsAre("plugins", "probes", "chips"));
  EXPECT_THAT(offered("new f"), UnorderedElementsAre("family", "format"));
  EXPECT_THAT(offered("erase "), IsEmpty());
  EXPECT_THAT(offered("verify "), Contains("firmware.hex"));
  EXPECT_THAT(offered("verify fir"), UnorderedElementsAre("firmware.hex"));
  EXPECT_THAT(offered("firmware.hex b"), Contains("board.toml"));
}

TEST_P(Completions, OfferFilesAndFoldersForOptions) {
  EXPECT_THAT(offered("-c bo"), UnorderedElementsAre("board.toml"));
  EXPECT_THAT(offered("read --output fir"), UnorderedElementsAre("firmware.hex"));
  EXPECT_THAT(offered("--plugin-dir "), Not(Contains("board.toml")));
}

TEST_P(Completions, OfferChipsAndPlugins) {
  const Words chips = lines_of(run(std::string(PROGRAMS) + "/flashhost --json list chips").output);
  EXPECT_GT(chips.size(), 100U);
  EXPECT_EQ(offered("--chip ").size(), chips.size());
  const Words formats = offered("--format ");
  EXPECT_THAT(formats, Contains("elf"));
  EXPECT_THAT(formats, Not(Contains("stlinkv2")));
  EXPECT_THAT(offered("--transport st"), UnorderedElementsAre("stlinkv2"));
}

#ifdef HAS_VIRTUAL_STLINK
TEST_P(Completions, OfferProbesBySerialNumberAndPort) {
  const std::string one = "0669FF303836424257143017";
  const std::string other = "53FF6A064884575217152687";
  const std::string desk =
      "virtual-stlink --serial " + one + " --serial " + other + " --summary /dev/null -- ";
  EXPECT_THAT(offered("--probe ", desk), UnorderedElementsAre(one, other, "usb:1-1", "usb:1-2"));
  EXPECT_THAT(offered("--probe 06", desk), UnorderedElementsAre(one));
  EXPECT_THAT(offered("info --probe=53", desk), testing::ElementsAre(testing::EndsWith(other)));
  EXPECT_THAT(offered("--probe usb:", desk), testing::SizeIs(2));
}
#endif

INSTANTIATE_TEST_SUITE_P(Shells, Completions, testing::Values(SHELLS),
                         [](const auto &shell) { return shell.param; });

}  // namespace
}  // namespace flashhost
