#include "support.hpp"

#include <config/cli.hpp>
#include <gmock/gmock.h>

namespace flashhost::config {
namespace {

using Words = std::vector<std::string>;

Options parse(const Words &words) {
  return parse_command_line(words);
}
Words files(const Words &words) {
  Words names;
  for (const FileArgument &file : parse(words).changes.files) names.push_back(file.file);
  return names;
}
// The overrides, "key=value" or "-key" for one that is taken away.
Words changes(const Words &words) {
  Words lines;
  for (const Override &change : parse(words).changes.overrides) {
    lines.push_back(change.value ? change.key + "=" + *change.value : "-" + change.key);
  }
  return lines;
}
std::string error_of(const Words &words) {
  return test::error_of(Errc::usage, [&] { return parse_command_line(words); });
}

TEST(CommandLine, flash_is_the_verb_when_none_is_given) {
  const Options options = parse({"--config", "b.toml"});
  EXPECT_EQ(options.verb, Verb::flash);
  EXPECT_EQ(options.config, "b.toml");
  EXPECT_TRUE(options.changes.files.empty());
  EXPECT_TRUE(options.color);
  EXPECT_FALSE(options.json);
}

TEST(CommandLine, files_follow_the_verb_or_stand_alone) {
  EXPECT_EQ(files({"-c", "b.toml", "a.hex", "b.bin"}), (Words{"a.hex", "b.bin"}));
  const Options options = parse({"--config", "b.toml", "verify", "a.hex"});
  EXPECT_EQ(options.verb, Verb::verify);
  EXPECT_EQ(files({"--config", "b.toml", "verify", "a.hex"}), Words{"a.hex"});
}

TEST(CommandLine, each_verb_is_known) {
  EXPECT_EQ(parse({"-c", "b", "flash"}).verb, Verb::flash);
  EXPECT_EQ(parse({"-c", "b", "plan"}).verb, Verb::plan);
  EXPECT_EQ(parse({"-c", "b", "info"}).verb, Verb::info);
  EXPECT_EQ(parse({"-c", "b", "reset"}).verb, Verb::reset);
  EXPECT_EQ(parse({"-c", "b", "erase"}).verb, Verb::erase);
  EXPECT_EQ(parse({"-c", "b", "read", "-o", "x"}).verb, Verb::read);
}

TEST(CommandLine, a_timeline_is_data_or_a_picture) {
  EXPECT_TRUE(parse({"app.hex"}).timelines.empty());
  const Options options = parse({"--timeline", "a.json", "app.hex", "--timeline=b.svg"});
  ASSERT_EQ(options.timelines.size(), 2U);
  EXPECT_EQ(options.timelines[0], "a.json");
  EXPECT_EQ(options.timelines[1], "b.svg");
  EXPECT_EQ(files({"--timeline", "a.json", "app.hex"}), Words{"app.hex"});
  for (const char *verb : {"flash", "erase", "verify"}) {
    EXPECT_NO_THROW(parse({verb, "--timeline", "a.svg"})) << verb;
  }
  EXPECT_NO_THROW(parse({"read", "-o", "x.bin", "--timeline", "a.svg"}));
  for (const char *file : {"a.txt", "a", "json", ".svg", "a.SVG", "a.json.gz"}) {
    EXPECT_EQ(error_of({"--timeline", file}),
              "--timeline \"" + std::string(file) + "\": it ends neither in .json nor in .svg");
  }
  EXPECT_EQ(error_of({"--timeline", ""}), "--timeline names no file: it is empty");
  for (const char *verb : {"plan", "info", "reset", "option"}) {
    EXPECT_EQ(error_of({verb, "--timeline", "a.json"}),
              "--timeline is for flash, erase, verify and read");
  }
}

TEST(CommandLine, option_shows_sets_and_restores) {
  EXPECT_EQ(parse({"option"}).verb, Verb::option);
  EXPECT_EQ(parse({"option"}).option, OptionAction::show);
  EXPECT_EQ(parse({"option", "show"}).option, OptionAction::show);
  EXPECT_EQ(parse({"option", "restore", "--yes"}).option, OptionAction::restore);
  const Options set = parse({"option", "set", "WDG_SW=0", "DATA=a=b", "-y", "--irreversible"});
  EXPECT_EQ(set.option, OptionAction::set);
  ASSERT_EQ(set.assignments.size(), 2U);
  EXPECT_EQ(set.assignments[0].field, "WDG_SW");
  EXPECT_EQ(set.assignments[0].value, "0");
  EXPECT_EQ(set.assignments[1].value, "a=b");
  EXPECT_TRUE(set.yes);
  EXPECT_TRUE(set.irreversible);
  EXPECT_EQ(error_of({"option", "get"}),
            "option knows no \"get\"; it can be \"show\", \"set\" or \"restore\"");
  EXPECT_EQ(error_of({"option", "show", "RDP"}), "option show takes no \"RDP\"");
  for (const char *word : {"RDP", "=1", "RDP="}) {
    EXPECT_EQ(error_of({"option", "set", word}), "\"" + std::string(word) + "\" is no FIELD=VALUE");
  }
  EXPECT_EQ(error_of({"option", "--yes"}),
            "--yes is for init, option set, option restore, protect and unprotect");
  EXPECT_EQ(error_of({"protect", "--all", "--irreversible"}), "--irreversible is for option set");
  EXPECT_EQ(error_of({"option", "--reset", "halt"}),
            "--reset has no effect on option, which shows option bytes");
  EXPECT_NO_THROW(parse({"option", "set", "--reset", "halt"}));
}

TEST(CommandLine, protect_says_what_against_what) {
  EXPECT_EQ(parse({"protect", "--all"}).verb, Verb::protect);
  EXPECT_EQ(parse({"protect", "--range", "0x08000000:1K"}).range, (MemoryRange{0x08000000, 1024}));
  EXPECT_TRUE(parse({"protect", "--read"}).protect_read);
  EXPECT_EQ(parse({"unprotect", "-y"}).verb, Verb::unprotect);
  EXPECT_EQ(error_of({"protect"}), "protect needs to know against what");
  EXPECT_EQ(error_of({"protect", "--read", "--all"}), "--read and --all exclude each other");
  EXPECT_EQ(error_of({"unprotect", "--read"}), "--read is for protect");
  EXPECT_EQ(error_of({"unprotect", "--all"}), "--all is for erase and protect");
  EXPECT_EQ(error_of({"lock"}), "unknown verb \"lock\"; did you mean \"protect\"?");
}

TEST(CommandLine, erase_and_read_take_a_range) {
  EXPECT_FALSE(parse({"-c", "b", "erase"}).range);
  EXPECT_FALSE(parse({"-c", "b", "erase", "--all"}).range);
  EXPECT_EQ(parse({"-c", "b", "erase", "--range", "0x08000000:16K"}).range,
            (MemoryRange{0x08000000, 0x4000}));
  const Options options = parse({"-c", "b", "read", "--range=1:2", "--output=-"});
  EXPECT_EQ(options.range, (MemoryRange{1, 2}));
  EXPECT_EQ(options.output, "-");
  EXPECT_EQ(parse({"-c", "b", "read", "-o", "-"}).output, "-");
}

TEST(CommandLine, a_range_is_an_address_and_a_size) {
  EXPECT_EQ(parse_range("0x08000000:128K"), (MemoryRange{0x08000000, 128 * 1024}));
  EXPECT_EQ(parse_range("134217728:0x100"), (MemoryRange{0x08000000, 256}));
  EXPECT_EQ(parse_range("0xFFFFFFFF:1"), (MemoryRange{0xFFFFFFFF, 1}));
  EXPECT_EQ(parse_range("1:4294967295"), (MemoryRange{1, 0xFFFFFFFF}));
  const auto rejected = [](const std::string &text) {
    return test::error_of(Errc::usage, [&] { return parse_range(text); });
  };
  EXPECT_EQ(rejected("0x08000000"), R"(--range "0x08000000": it has no colon)");
  EXPECT_EQ(rejected("flash:1K"), R"(--range "flash:1K": "flash" is no address)");
  EXPECT_EQ(rejected("0:1G"), R"(--range "0:1G": "1G" is no size)");
  EXPECT_EQ(rejected("0:-1"), R"(--range "0:-1": "-1" is no size)");
  EXPECT_EQ(rejected("0:1:2"), R"(--range "0:1:2": "1:2" is no size)");
  EXPECT_EQ(rejected(":"), R"(--range ":": "" is no address)");
  EXPECT_EQ(rejected("0:0"), R"(--range "0:0": it is empty)");
  for (const char *beyond :
       {"0xFFFFFFFF:2", "1:0xFFFFFFFFFF", "0:4096M", "0xFFFFFF00:257", "0x100000000:1",
        "0:99999999999999999999", "0:99999999999999999999K"}) {
    EXPECT_THAT(rejected(beyond), testing::HasSubstr("reaches beyond the 32-bit address space"));
  }
  EXPECT_EQ(error_of({"-c", "b", "erase", "--range", ""}), R"(--range "": it has no colon)")
      << "nothing is not everything";
}

TEST(CommandLine, a_file_named_like_a_verb_is_given_with_its_folder) {
  EXPECT_EQ(files({"-c", "b", "./flash"}), Words{"./flash"});
  EXPECT_EQ(files({"-c", "b", "flash", "flash"}), Words{"flash"});
}

TEST(CommandLine, options_may_stand_anywhere) {
  const Words words{"plan",  "a.hex",          "--config=b.toml", "--set",  "a.b=1",
                    "b.hex", "--set",          "c=[1, 2]",        "--json", "--plugin-dir",
                    "p",     "--plugin-dir=q", "--no-color",      "-vv",    "--fast"};
  const Options options = parse(words);
  EXPECT_EQ(options.verb, Verb::plan);
  EXPECT_EQ(files(words), (Words{"a.hex", "b.hex"}));
  EXPECT_EQ(options.config, "b.toml");
  EXPECT_EQ(changes(words), (Words{"a.b=1", "c=[1, 2]"}));
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
    EXPECT_EQ(files({"-c", "b", "./first", name}), (Words{"./first", name}));
    EXPECT_EQ(parse({"-c", name}).config, name);
    EXPECT_EQ(changes({"-c", "b", "--set", "board.name=" + name}), Words{"board.name=" + name});
    EXPECT_EQ(parse({"-c", "b", "--plugin-dir", name}).plugin_dirs,
              std::vector<std::filesystem::path>{name});
  }
}

TEST(CommandLine, new_takes_a_kind_an_id_and_a_folder) {
  const Options options = parse({"new", "family", "acme"});
  EXPECT_EQ(options.verb, Verb::make_new);
  EXPECT_EQ(options.plugin->kind, "family");
  EXPECT_EQ(options.plugin->id, "acme");
  EXPECT_EQ(options.plugin->folder, "family-acme");
  EXPECT_EQ(parse({"new", "format", "acme", "here"}).plugin->folder, "here");
  EXPECT_EQ(parse({"new", "transport", "acme"}).plugin->kind, "transport");
}

TEST(CommandLine, new_refuses_anything_else) {
  EXPECT_THAT(error_of({"new"}), testing::HasSubstr("\"family\", \"transport\" or \"format\""));
  EXPECT_THAT(error_of({"new", "family"}), testing::HasSubstr("needs a kind"));
  EXPECT_THAT(error_of({"new", "model", "acme"}), testing::HasSubstr("new knows no \"model\""));
  EXPECT_THAT(error_of({"new", "family", "a", "b", "c"}), testing::HasSubstr("takes a folder"));
  EXPECT_THAT(error_of({"new", "family", "a", ""}), testing::HasSubstr("empty word"));
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

TEST(CommandLine, init_takes_the_board_file_that_it_writes) {
  EXPECT_EQ(parse({"init"}).verb, Verb::init);
  EXPECT_EQ(parse({"init"}).board_file.file, "board.toml");
  EXPECT_FALSE(parse({"init"}).board_file.image);
  const Options options =
      parse({"init", "rig.toml", "--image", "app.bin@0x08004000", "--yes", "--chip", "x"});
  EXPECT_EQ(options.board_file.file, "rig.toml");
  EXPECT_EQ(options.board_file.image->file, "app.bin");
  EXPECT_EQ(options.board_file.image->address, 0x08004000U);
  EXPECT_TRUE(options.yes);
  EXPECT_TRUE(options.changes.files.empty());
  EXPECT_NO_THROW(parse({"init", "--probe", "1", "--speed", "1MHz", "--wait", "1"}));
  EXPECT_FALSE(wants_board_file(parse({"init"})));
  EXPECT_THAT(error_of({"init", "a.toml", "app.hex"}), testing::HasSubstr("init takes one file"));
  EXPECT_THAT(error_of({"init", ""}), testing::HasSubstr("empty word"));
  EXPECT_EQ(error_of({"init", "--image", ""}), "--image names no file: it is empty");
  EXPECT_EQ(error_of({"info", "--image", "a"}), "--image is for init");
  EXPECT_EQ(error_of({"init", "-c", "b.toml"}), "--config has no effect on init");
  EXPECT_EQ(error_of({"init", "--no-config"}), "--no-config has no effect on init");
  EXPECT_EQ(error_of({"init", "--erase", "mass"}), "--erase has no effect on init");
  EXPECT_EQ(error_of({"init", "--set", "image.0.file=a"}),
            "--set image.0.file has no effect on init");
  EXPECT_EQ(error_of({"setup"}), R"(unknown verb "setup"; did you mean "init"?)");
}

TEST(CommandLine, help_names_every_verb_and_option_and_fits_a_terminal) {
  const std::string help = help_text();
  for (const std::string word : {"flash",
                                 "plan",
                                 "verify",
                                 "erase",
                                 "read",
                                 "info",
                                 "reset",
                                 "list plugins|probes|chips",
                                 "init [FILE]",
                                 "new family|transport|format ID",
                                 "--config",
                                 "--set",
                                 "--range",
                                 "--all",
                                 "--output",
                                 "--plugin-dir",
                                 "--json",
                                 "--fast",
                                 "--discard-journal",
                                 "--verbose",
                                 "--quiet",
                                 "--no-color",
                                 "--version",
                                 "--help",
                                 "./flash",
                                 "130"}) {
    EXPECT_THAT(help, testing::HasSubstr(word));
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(CommandLine, the_journal_is_discarded_only_by_verbs_that_use_it) {
  for (const char *verb : {"flash", "plan", "erase"}) {
    EXPECT_TRUE(parse({"-c", "b", verb, "--discard-journal"}).discard_journal);
  }
  const std::string refusal =
      "--discard-journal is for verbs that use the journal: flash, plan, erase, option set, option "
      "restore, protect and unprotect";
  for (const char *verb : {"verify", "info", "reset"}) {
    EXPECT_EQ(error_of({"-c", "b", verb, "--discard-journal"}), refusal);
  }
  EXPECT_EQ(error_of({"-c", "b", "read", "-o", "x", "--discard-journal"}), refusal);
  EXPECT_EQ(error_of({"list", "probes", "--discard-journal"}), refusal);
  EXPECT_THAT(help_text(), testing::HasSubstr("give up what an interrupted run"));
}

TEST(CommandLine, an_empty_word_names_no_file) {
  EXPECT_EQ(error_of({"-c", "", "plan"}), "--config names no file: it is empty");
  EXPECT_EQ(error_of({"--config=", "plan"}), "--config= has no value");
  EXPECT_EQ(error_of({"-c", "b", "--plugin-dir=", "plan"}), "--plugin-dir= has no value");
  EXPECT_EQ(error_of({"list", "probes", "-c", ""}), "--config names no file: it is empty");
  EXPECT_EQ(error_of({"-c", "b", "--plugin-dir", ""}), "--plugin-dir names no folder: it is empty");
  EXPECT_EQ(error_of({"list", "chips", "--plugin-dir", "p", "--plugin-dir", ""}),
            "--plugin-dir names no folder: it is empty");
  EXPECT_EQ(error_of({"-c", "b", ""}), "an empty word is given as the name of a file");
  EXPECT_EQ(error_of({"-c", "b", "plan", "a.hex", ""}),
            "an empty word is given as the name of a file");
}

TEST(CommandLine, what_cannot_be_meant_is_refused) {
  EXPECT_EQ(error_of({"-c", "b", "verfy"}), R"(unknown verb "verfy"; did you mean "verify"?)");
  EXPECT_EQ(error_of({"-c", "b", "--confg"}),
            R"(unknown option "--confg"; did you mean "--config"?)");
  EXPECT_EQ(error_of({"-c", "b", "-x"}), R"(unknown option "-x")");
  EXPECT_EQ(error_of({"-c", "b", "--", "-x"}), R"(unknown option "-x")");
  EXPECT_EQ(error_of({"-c", "b", "info", "a.hex"}), R"(info takes no file, but "a.hex" is given)");
  EXPECT_EQ(error_of({"-c", "b", "reset", "a.hex"}),
            R"(reset takes no file, but "a.hex" is given)");
  EXPECT_EQ(error_of({"-c", "b", "erase", "a.hex"}),
            R"(erase takes no file, but "a.hex" is given)");
  EXPECT_EQ(error_of({"-c", "b", "read", "-o", "x", "a.hex"}),
            R"(read takes no file, but "a.hex" is given)");
  EXPECT_EQ(error_of({"-c", "b", "--fast"}),
            "--fast is for plan, verify, read and info; flash is always fast");
  EXPECT_EQ(error_of({"-c", "b", "erase", "--fast"}), "--fast is for plan, verify, read and info");
  EXPECT_EQ(error_of({"-c", "b", "--range", "0:1"}), "--range is for read, erase and protect");
  EXPECT_EQ(error_of({"-c", "b", "erase", "--all", "--range", "0:1"}),
            "--all and --range exclude each other");
  EXPECT_EQ(error_of({"-c", "b", "read", "--all", "-o", "x"}), "--all is for erase and protect");
  EXPECT_EQ(error_of({"-c", "b", "info", "-o", "x"}), "-o is for read");
  EXPECT_EQ(error_of({"-c", "b", "read"}), "read needs a file to write to");
  EXPECT_EQ(error_of({"-c", "b", "read", "-o", ""}), "read needs a file to write to");
  EXPECT_EQ(error_of({"-c", "b", "--json", "read", "-o", "-"}),
            "-o - and --json both want standard output");
  EXPECT_EQ(error_of({"-c", "b", "-q", "-v"}), "-q and -v exclude each other");
  EXPECT_NE(error_of({"-c"}), "no error");
  EXPECT_NE(error_of({"-c", "b", "--set"}), "no error");
  EXPECT_EQ(error_of({"-c", "b", "-c", "d"}), "--config is given twice");
  EXPECT_EQ(error_of({"-c", "b", "--no-config"}), "--config and --no-config exclude each other");
  EXPECT_NE(error_of({"-c", "b", "--json=maybe"}), "no error");
}

TEST(CommandLine, no_board_file_need_be_named) {
  EXPECT_TRUE(wants_board_file(parse({})));
  EXPECT_TRUE(wants_board_file(parse({"info"})));
  EXPECT_FALSE(wants_board_file(parse({"info", "-c", "b"})));
  EXPECT_FALSE(wants_board_file(parse({"info", "--no-config"})));
  EXPECT_FALSE(wants_board_file(parse({"list", "probes"})));
  EXPECT_FALSE(wants_board_file(parse({"--help"})));
}

TEST(CommandLine, options_stand_for_keys_of_the_board_file) {
  EXPECT_EQ(
      changes({"--transport",
               "t",
               "--speed",
               "1MHz",
               "--connect=attach",
               "--voltage",
               "3.3",
               "--family",
               "f",
               "--chip",
               "C",
               "--flash-size",
               "64K",
               "--erase",
               "mass",
               "--verify",
               "none",
               "--reset",
               "halt",
               "--no-preserve",
               "--unlock",
               "--no-guard",
               "--strict"}),
      (Words{"transport.plugin=t", "transport.speed=1MHz", "transport.connect=attach",
             "transport.voltage=3.3", "family.plugin=f", "family.chip=C", "family.flash_size=64K",
             "flash.erase=mass", "flash.verify=none", "flash.reset=halt", "flash.preserve=false",
             "flash.unlock=true", "flash.guard=false", "flash.strict=true"}));
  const Config config = load_config(
      std::nullopt, parse({"--chip", "103", "--voltage", "3", "--speed", "1000000"}).changes);
  EXPECT_EQ(config.family.chip, "103") << "a name may look like a number";
  EXPECT_EQ(config.transport.millivolts, 3000);
  EXPECT_EQ(config.transport.speed_hz, 1'000'000U);
}

TEST(CommandLine, a_probe_is_a_serial_number_or_a_port) {
  EXPECT_EQ(changes({"--probe", "0669"}), (Words{"-transport.usb", "transport.serial=0669"}));
  EXPECT_EQ(changes({"--probe", "usb:1-2"}), (Words{"transport.usb=1-2", "-transport.serial"}));
  const Config config =
      parse_config("[transport]\nserial = 'A'\n", "b.toml", {}, parse({"--probe=usb:1-2"}).changes);
  EXPECT_EQ(config.transport.serial, std::nullopt) << "the board file's is another probe";
  EXPECT_EQ(config.transport.usb, "1-2");
}

TEST(CommandLine, what_would_have_no_effect_is_refused) {
  EXPECT_EQ(error_of({"info", "--erase", "mass"}), "--erase has no effect on info");
  EXPECT_EQ(error_of({"info", "--set", "flash.erase=mass"}),
            "--set flash.erase has no effect on info");
  EXPECT_EQ(error_of({"verify", "--no-preserve"}), "--no-preserve has no effect on verify");
  EXPECT_EQ(error_of({"erase", "--set", "image.0.file=a"}),
            "--set image.0.file has no effect on erase");
  EXPECT_EQ(error_of({"erase", "--strict"}), "--strict has no effect on erase");
  EXPECT_EQ(error_of({"info", "--reset", "halt"}), "--reset has no effect on info");
  EXPECT_EQ(error_of({"info", "--reset", "halt", "--fast"}), "no error");
  EXPECT_EQ(error_of({"erase", "--erase", "mass", "--range", "0:1"}),
            "--erase has no effect beside --range");
  EXPECT_EQ(error_of({"list", "plugins", "-c", "b"}), "--config has no effect on list plugins");
  EXPECT_EQ(error_of({"list", "chips", "--chip", "x"}), "--chip has no effect on list chips");
  EXPECT_EQ(error_of({"list", "probes", "--speed", "1MHz"}),
            "--speed has no effect on list probes");
  EXPECT_EQ(error_of({"list", "probes", "--transport", "t"}), "no error");
  EXPECT_EQ(error_of({"new", "family", "x", "--no-config"}), "--no-config has no effect on new");
  EXPECT_EQ(error_of({"--format", "bin"}), "--format has no effect without a FILE");
  EXPECT_EQ(error_of({"a.fw", "--format", "bin"}), "no error");
  EXPECT_EQ(error_of({"read", "-o", "x", "--format", "bin"}), "no error");
  EXPECT_EQ(error_of({"--speed", "1MHz", "--speed", "2MHz"}), "--speed is given twice");
  EXPECT_EQ(error_of({"--speed", "1MHz", "--set", "transport.speed=2MHz"}),
            "--speed and --set transport.speed both set transport.speed");
  EXPECT_EQ(error_of({"--set", "a.b=1", "--set", "a.b=1"}), "--set a.b is given twice");
}

TEST(CommandLine, words_of_other_tools_lead_to_the_verb) {
  EXPECT_EQ(error_of({"write", "a.bin"}), R"(unknown verb "write"; did you mean "flash"?)");
  EXPECT_EQ(error_of({"dump"}), R"(unknown verb "dump"; did you mean "read"?)");
  EXPECT_EQ(error_of({"probes"}), R"(unknown verb "probes"; did you mean "list probes"?)");
}

TEST(CommandLine, times_are_seconds) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse({"--wait", "30"}).wait, milliseconds(30'000));
  EXPECT_EQ(parse({"--timeout", "0.5"}).timeout, milliseconds(500));
  EXPECT_EQ(parse({"--timeout", "500ms"}).timeout, milliseconds(500));
  for (const char *bad : {"5m", "0", "-1", "x", "", "9999999999", "1.2.3"}) {
    EXPECT_THAT(error_of({"--timeout", bad}), testing::HasSubstr("no time that can be waited for"))
        << bad;
  }
  EXPECT_EQ(error_of({"list", "probes", "--wait", "1"}), "--wait has no effect on list probes");
}

TEST(CommandLine, an_address_stands_behind_its_file) {
  EXPECT_EQ(error_of({"flash", "app.bin", "0x08000000"}),
            "0x08000000 is an address, where the name of a file is expected");
  EXPECT_EQ(error_of({"app.fw", "--format", ""}), "--format names no format: it is empty");
}

TEST(CommandLine, chips_are_listed_by_a_part_of_their_names) {
  EXPECT_EQ(parse({"list", "chips", "f103"}).text, "f103");
  EXPECT_EQ(error_of({"list", "probes", "x"}), R"(list probes takes no "x")");
  EXPECT_EQ(error_of({"list", "chips", "x", "y"}), R"(list chips takes no "y")");
}

}  // namespace
}  // namespace flashhost::config
