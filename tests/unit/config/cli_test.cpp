#include "support.hpp"

#include <config/cli.hpp>
#include <gmock/gmock.h>

namespace flashhost::config {
namespace {

using Words = std::vector<std::string>;

Options parse(const Words &words) {
  return parse_command_line(words);
}
std::string error_of(const Words &words) {
  return test::error_of(Errc::usage, [&] { return parse_command_line(words); });
}

TEST(CommandLine, flash_is_the_verb_when_none_is_given) {
  const Options options = parse({"--config", "b.toml"});
  EXPECT_EQ(options.verb, Verb::flash);
  EXPECT_EQ(options.config, "b.toml");
  EXPECT_TRUE(options.files.empty());
  EXPECT_TRUE(options.color);
  EXPECT_FALSE(options.json);
}

TEST(CommandLine, files_follow_the_verb_or_stand_alone) {
  EXPECT_EQ(parse({"-c", "b.toml", "a.hex", "b.bin"}).files, (Words{"a.hex", "b.bin"}));
  const Options options = parse({"--config", "b.toml", "verify", "a.hex"});
  EXPECT_EQ(options.verb, Verb::verify);
  EXPECT_EQ(options.files, Words{"a.hex"});
}

TEST(CommandLine, each_verb_is_known) {
  EXPECT_EQ(parse({"-c", "b", "flash"}).verb, Verb::flash);
  EXPECT_EQ(parse({"-c", "b", "plan"}).verb, Verb::plan);
  EXPECT_EQ(parse({"-c", "b", "info"}).verb, Verb::info);
  EXPECT_EQ(parse({"-c", "b", "reset"}).verb, Verb::reset);
}

TEST(CommandLine, a_file_named_like_a_verb_is_given_with_its_folder) {
  EXPECT_EQ(parse({"-c", "b", "./flash"}).files, Words{"./flash"});
  EXPECT_EQ(parse({"-c", "b", "flash", "flash"}).files, Words{"flash"});
}

TEST(CommandLine, options_may_stand_anywhere) {
  const Options options =
      parse({"plan", "a.hex", "--config=b.toml", "--set", "a.b=1", "b.hex", "--set", "c=[1, 2]",
             "--json", "--plugin-dir", "p", "--plugin-dir=q", "--no-color", "-vv", "--fast"});
  EXPECT_EQ(options.verb, Verb::plan);
  EXPECT_EQ(options.files, (Words{"a.hex", "b.hex"}));
  EXPECT_EQ(options.config, "b.toml");
  EXPECT_EQ(options.sets, (Words{"a.b=1", "c=[1, 2]"}));
  EXPECT_EQ(options.plugin_dirs, (std::vector<std::filesystem::path>{"p", "q"}));
  EXPECT_TRUE(options.json);
  EXPECT_TRUE(options.fast);
  EXPECT_FALSE(options.discard_journal);
  EXPECT_FALSE(options.color);
  EXPECT_EQ(options.verbosity, 2);
}

TEST(CommandLine, strange_names_arrive_unchanged) {
  for (const std::string name :
       {"[x]", "[a,b].hex", "a b.hex", "\"q\".hex", "\xFF\xFE", "a=b", "-", "{x}"}) {
    EXPECT_EQ(parse({"-c", "b", "./first", name}).files, (Words{"./first", name}));
    EXPECT_EQ(parse({"-c", name}).config, name);
    EXPECT_EQ(parse({"-c", "b", "--set", name}).sets, Words{name});
    EXPECT_EQ(parse({"-c", "b", "--plugin-dir", name}).plugin_dirs,
              std::vector<std::filesystem::path>{name});
  }
}

TEST(CommandLine, list_needs_a_subject_and_no_board_file) {
  EXPECT_EQ(parse({"list", "plugins"}).list, ListSubject::plugins);
  EXPECT_EQ(parse({"list", "probes"}).list, ListSubject::probes);
  EXPECT_EQ(parse({"list", "chips", "-q"}).list, ListSubject::chips);
  EXPECT_EQ(parse({"list", "chips"}).verb, Verb::list);
  EXPECT_EQ(error_of({"list"}), R"(list needs one of "plugins", "probes" or "chips")");
  EXPECT_EQ(error_of({"list", "boards"}),
            R"(list knows no "boards"; it can be "plugins", "probes" or "chips")");
}

TEST(CommandLine, help_and_version_need_nothing_else) {
  EXPECT_EQ(parse({"--version"}).verb, Verb::version);
  EXPECT_EQ(parse({"--help"}).verb, Verb::help);
  EXPECT_EQ(parse({"plan", "-h"}).verb, Verb::help);
}

TEST(CommandLine, help_names_every_verb_and_option_and_fits_a_terminal) {
  const std::string help = help_text();
  for (const std::string word :
       {"flash", "plan", "verify", "info", "reset", "list plugins|probes|chips", "--config",
        "--set", "--plugin-dir", "--json", "--fast", "--discard-journal", "--verbose", "--quiet",
        "--no-color", "--version", "--help", "./flash", "130"}) {
    EXPECT_THAT(help, testing::HasSubstr(word));
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(CommandLine, what_cannot_be_meant_is_refused) {
  EXPECT_EQ(error_of({}), "no board file is given");
  EXPECT_EQ(error_of({"plan"}), "no board file is given");
  EXPECT_EQ(error_of({"-c", "b", "verfy"}), R"(unknown verb "verfy"; did you mean "verify"?)");
  EXPECT_EQ(error_of({"-c", "b", "erase"}), R"(unknown verb "erase")");
  EXPECT_EQ(error_of({"-c", "b", "--confg"}),
            R"(unknown option "--confg"; did you mean "--config"?)");
  EXPECT_EQ(error_of({"-c", "b", "-x"}), R"(unknown option "-x")");
  EXPECT_EQ(error_of({"-c", "b", "--", "-x"}), R"(unknown option "-x")");
  EXPECT_EQ(error_of({"-c", "b", "info", "a.hex"}), R"(info takes no file, but "a.hex" is given)");
  EXPECT_EQ(error_of({"-c", "b", "reset", "a.hex"}),
            R"(reset takes no file, but "a.hex" is given)");
  EXPECT_EQ(error_of({"-c", "b", "--fast"}), "--fast is for plan; flash is always fast");
  EXPECT_EQ(error_of({"-c", "b", "-q", "-v"}), "-q and -v exclude each other");
  EXPECT_NE(error_of({"-c"}), "no error");
  EXPECT_NE(error_of({"-c", "b", "--set"}), "no error");
  EXPECT_NE(error_of({"-c", "b", "-c", "d"}), "no error");
  EXPECT_NE(error_of({"-c", "b", "--json=maybe"}), "no error");
}

}  // namespace
}  // namespace flashhost::config
