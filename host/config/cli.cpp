#include "cli.hpp"

#include "board_file.hpp"
#include "numbers.hpp"
#include "table_reader.hpp"
#include "words.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace flashhost::config {

namespace {

constexpr const char *empty_hint = "An unset shell variable may be the reason.";
constexpr const char *help_hint = "`flashhost --help` shows all verbs and options.";

const std::vector<std::pair<std::string, Verb>> verbs{
    {"flash", Verb::flash},         {"plan", Verb::plan},     {"verify", Verb::verify},
    {"erase", Verb::erase},         {"read", Verb::read},     {"info", Verb::info},
    {"reset", Verb::reset},         {"option", Verb::option}, {"protect", Verb::protect},
    {"unprotect", Verb::unprotect}, {"list", Verb::list},     {"init", Verb::init},
    {"new", Verb::make_new}};
const std::vector<std::pair<std::string, ListSubject>> subjects{{"plugins", ListSubject::plugins},
                                                                {"probes", ListSubject::probes},
                                                                {"chips", ListSubject::chips}};

// Words that other tools have for a verb.
const std::vector<std::pair<std::string, std::string>> other_words{
    {"write", "flash"},       {"program", "flash"},
    {"upload", "flash"},      {"download", "flash"},
    {"burn", "flash"},        {"load", "flash"},
    {"dump", "read"},         {"save", "read"},
    {"compare", "verify"},    {"detect", "info"},
    {"probe", "list probes"}, {"probes", "list probes"},
    {"chips", "list chips"},  {"plugins", "list plugins"},
    {"options", "option"},    {"lock", "protect"},
    {"unlock", "unprotect"},  {"setup", "init"},
    {"configure", "init"},    {"config", "init"}};

// An option that says what a key of the board file says.
struct Shortcut {
  const char *option;
  const char *key;
  const char *type;
  bool is_text;  // its value is a string, even if it looks like a number
  const char *help;
};
const std::vector<Shortcut> connection_shortcuts{
    {"--transport", "transport.plugin", "ID", true, "use probes of this kind only"},
    {"--speed", "transport.speed", "FREQUENCY", false, "clock of the debug connection, e.g. 1MHz"},
    {"--connect", "transport.connect", "HOW", true, "auto, attach or under-reset"},
    {"--voltage", "transport.voltage", "VOLTS", false, "supply of the chip, e.g. 3.3"},
    {"--family", "family.plugin", "ID", true, "the family of the chip"},
    {"--chip", "family.chip", "CHIP", true, "the chip; any other one is an error"},
    {"--flash-size", "family.flash_size", "SIZE", false, "size of its flash, e.g. 128K"}};
const std::vector<Shortcut> job_shortcuts{
    {"--erase", "flash.erase", "HOW", true, "auto, sectors or mass"},
    {"--verify", "flash.verify", "HOW", true, "crc, readback or none"},
    {"--reset", "flash.reset", "HOW", true, "afterwards: run, halt or none"}};

// The family whose chips come from packs.
constexpr const char *pack_family = "flm";

// A flag that sets a key of the board file.
struct Switch {
  const char *option;
  const char *key;
  const char *value;
  const char *help;
};
const std::vector<Switch> job_switches{
    {"--no-preserve", "flash.preserve", "false",
     "erase whole sectors, also what is not in the image"},
    {"--unlock", "flash.unlock", "true", "lift a protection that is in the way"},
    {"--no-guard", "flash.guard", "false", "write the boot sector like any other"},
    {"--no-compress", "flash.compress", "false", "never compress what is sent"},
    {"--strict", "flash.strict", "true", "doubts about the image are errors"}};

// The verbs for which a part of the board file has a meaning; all that use a board for others.
struct Reach {
  std::string key;
  std::vector<Verb> verbs;
};
const std::vector<Verb> image_verbs{Verb::flash, Verb::plan, Verb::verify};
const std::vector<Reach> reaches{{"image", image_verbs},
                                 {"flash.erase", {Verb::flash, Verb::plan, Verb::erase}},
                                 {"flash.preserve", {Verb::flash, Verb::plan, Verb::erase}},
                                 {"flash.verify", {Verb::flash, Verb::plan, Verb::erase}},
                                 {"flash.unlock", {Verb::flash, Verb::plan, Verb::erase}},
                                 {"flash.guard", {Verb::flash, Verb::plan}},
                                 {"flash.compress", {Verb::flash, Verb::plan, Verb::erase}},
                                 {"flash.strict", {Verb::flash, Verb::plan}},
                                 {"flash.reset",
                                  {Verb::flash, Verb::plan, Verb::erase, Verb::reset, Verb::option,
                                   Verb::protect, Verb::unprotect}}};

const std::string usage =
    "Usage: flashhost [OPTION...] [VERB] [FILE...]\n"
    "       flashhost list plugins|probes|chips [TEXT]\n"
    "       flashhost init [FILE]\n"
    "       flashhost new family|transport|format ID [FOLDER]\n"
    "\n"
    "Writes firmware into a microcontroller through a debug probe.\n";

constexpr const char *footer =
    "\nVerbs (flash when none is given):\n"
    "  flash                       write the images into the chip's flash, and verify\n"
    "  plan                        show what flash would do; writes nothing\n"
    "  verify                      compare the flash with the images; writes nothing\n"
    "  erase                       erase the whole flash (--all), or a part of it (--range)\n"
    "  read                        read the flash, or any memory, into a file; writes nothing\n"
    "  info                        show probe, chip and protection; writes nothing\n"
    "  reset                       reset the chip, as [flash] reset says\n"
    "  option                      show the option bytes by the names of their fields\n"
    "  option set FIELD=VALUE...   change some; says before what that does, and asks\n"
    "  option restore              write back what an interrupted option set had found\n"
    "  protect                     protect the flash against writing (--all, --range) or reading\n"
    "                              (--read)\n"
    "  unprotect                   take all protection off; where it was against reading, the "
    "chip\n"
    "                              erases its flash\n"
    "  list plugins|probes|chips   show what is installed and connected; chips TEXT: those whose\n"
    "                              names contain it\n"
    "  init [FILE]                 write a board file (./board.toml) for the probe and the chip "
    "that\n"
    "                              are connected; asks on a terminal, --yes takes what is found\n"
    "  new family|transport|format ID [FOLDER]\n"
    "                              begin a plugin: a folder that builds, is tested and flashes\n"
    "                              a simulated board as it stands\n"
    "\n"
    "FILEs take the place of the board file's images; FILE@ADDRESS gives a raw binary its "
    "address.\n"
    "A file named like a verb is written ./flash.\n"
    "\n"
    "The board file is the one of --config, or of $FLASHHOST_CONFIG, or ./board.toml. There need "
    "be\n"
    "none: the one probe that is plugged in is used then, and the chip is identified.\n"
    "\n"
    "Exit codes: 0 done, 2 command line, board file or results lost, 3 plugin, 4 image, 5 probe,\n"
    "6 target, 7 flash protected, 8 erase or program failed, 9 verification found a difference,\n"
    "10 internal error, 11 the time limit is over, 130 interrupted.\n";

[[noreturn]] void refuse(const std::string &reason, const std::string &hint = help_hint) {
  throw Error(Errc::usage, reason, hint);
}

[[noreturn]] void refuse_range(const std::string &text, const std::string &reason) {
  refuse(fmt::format("--range {}: {}", in_quotes(text), reason),
         "It is an address and a size, for example 0x08000000:16K.");
}

template <class E>
std::optional<E> look_up(const std::vector<std::pair<std::string, E>> &table,
                         const std::string &word) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto &row) { return row.first == word; });
  if (found == table.end()) return {};
  return found->second;
}

// Options that are checked or converted before they become part of Options.
struct RawOptions {
  std::optional<std::string> range;
  std::optional<std::string> probe;
  std::optional<std::string> pack;
  std::optional<std::string> format;
  std::optional<std::string> wait;
  std::optional<std::string> timeout;
  std::optional<std::string> image;
  std::vector<std::string> sets;
  std::vector<std::pair<const Shortcut *, std::optional<std::string>>> shortcuts;
  std::vector<std::pair<const Switch *, bool>> switches;
  bool all = false;
  bool no_color = false;
};

// raw must not be copied between this and the parsing.
void add_options(CLI::App &app, Options &options, RawOptions &raw) {
  for (const auto *table : {&connection_shortcuts, &job_shortcuts}) {
    for (const Shortcut &shortcut : *table) raw.shortcuts.emplace_back(&shortcut, std::nullopt);
  }
  for (const Switch &one : job_switches) raw.switches.emplace_back(&one, false);
  auto shortcut = raw.shortcuts.begin();
  const auto add_shortcuts = [&](const std::vector<Shortcut> &table, const char *group) {
    for (const Shortcut &row : table) {
      app.add_option(row.option, shortcut++->second, row.help)->type_name(row.type)->group(group);
    }
  };

  const char *group = "Board";
  // One value per occurrence: otherwise CLI11 would split "[x]" as a list.
  app.add_option("-c,--config", options.config, "board file")->type_name("FILE")->group(group);
  app.add_flag("--no-config", options.no_config, "use no board file")->group(group);
  app.add_option("--set", raw.sets, "override a value of the board file, e.g. transport.speed=1MHz")
      ->type_name("KEY.PATH=VALUE")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--probe", raw.probe, "the probe, or usb: and its port, e.g. usb:1-2.3")
      ->type_name("SERIAL")
      ->group(group);
  app.add_option("--wait", raw.wait, "wait so long for a probe that is in use, or not there yet")
      ->type_name("SECONDS")
      ->group(group);
  add_shortcuts(connection_shortcuts, group);
  app.add_option("--pack", raw.pack, "a CMSIS pack that has the chip, with --chip or list chips")
      ->type_name("FILE")
      ->group(group);

  group = "Job";
  app.add_option("--format", raw.format, "the format of the FILEs, or of what read writes")
      ->type_name("ID")
      ->group(group);
  add_shortcuts(job_shortcuts, group);
  for (auto &[one, on] : raw.switches) app.add_flag(one->option, on, one->help)->group(group);
  app.add_option("-o,--output", options.output,
                 "for read: the file, in the format that its extension says; - is stdout")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--range", raw.range, "for read, erase and protect, e.g. 0x08000000:16K")
      ->type_name("ADDRESS:SIZE")
      ->group(group);
  app.add_flag("--all", raw.all, "for erase and protect: the whole flash")->group(group);
  app.add_flag("--read", options.protect_read, "for protect: against reading by a debugger")
      ->group(group);
  app.add_option("--image", raw.image, "for init: the firmware that the board file names")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("-y,--yes", options.yes, "ask nothing: change option bytes, write the board file")
      ->group(group);
  app.add_flag("--irreversible", options.irreversible,
               "change option bytes even if that can never be taken back")
      ->group(group);
  app.add_option("--report", options.report,
                 "for flash, erase and verify: add a line about the job, as JSON")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--timeline", options.timelines,
                 "for flash, erase, verify, read: where the time went (.json or .svg)")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--timeout", raw.timeout, "end the job safely when it takes longer, exit code 11")
      ->type_name("SECONDS")
      ->group(group);
  app.add_flag("--fast", options.fast,
               "plan, verify, read and info may reset the chip and use its RAM")
      ->group(group);
  app.add_flag("--discard-journal", options.discard_journal,
               "give up what an interrupted run was to keep")
      ->group(group);
  app.add_flag("--use-journal", options.use_journal, "this is the board whose run was interrupted")
      ->group(group);

  group = "Program";
  app.add_option("--plugin-dir", options.plugin_dirs, "look for plugins here first")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->group(group);
  app.add_flag("--json", options.json, "one JSON object per line on standard output")->group(group);
  app.add_flag("-v,--verbose", options.verbosity, "say more; -vv: say everything")->group(group);
  app.add_flag("-q,--quiet", options.quiet, "only warnings and errors")->group(group);
  app.add_flag("--no-color", raw.no_color, "no colours")->group(group);
}

// All options, as --help shows them.
struct Described {
  Described() {
    app.set_help_flag("-h,--help", "this text");
    add_options(app, options, raw);
    app.add_flag("--version", version, "version of flashhost and of the plugin interface");
  }

  Options options;
  RawOptions raw;
  bool version = false;
  CLI::App app;
};

std::vector<std::string> option_names() {
  Options options;
  RawOptions raw;
  CLI::App app;
  add_options(app, options, raw);
  std::vector<std::string> names{"--version"};
  for (const CLI::Option *option : app.get_options()) {
    for (const std::string &name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// A mistyped verb must not be taken for the name of a file.
void refuse_near_verb(const std::string &word) {
  if (word.find_first_of("./") != std::string::npos) return;
  const std::string hint =
      fmt::format("A file of this name is written ./{}. {}", printable(word), help_hint);
  if (word == "help" || word == "version") {
    refuse(fmt::format("unknown verb {}", in_quotes(word)), hint);
  }
  if (const auto verb = look_up(other_words, word)) {
    refuse(fmt::format("unknown verb {}; did you mean \"{}\"?", in_quotes(word), *verb), hint);
  }
  const std::string meant = did_you_mean(word, words_of(verbs));
  if (!meant.empty()) refuse(fmt::format("unknown verb {}{}", in_quotes(word), meant), hint);
}

const std::vector<std::string> plugin_kinds{"family", "transport", "format"};

void take_list_subject(Options &options, const std::vector<std::string> &words) {
  const auto known = words_of(subjects);
  if (words.empty()) refuse(fmt::format("list needs one of {}", alternatives(known)));
  const auto subject = look_up(subjects, words.front());
  if (!subject)
    refuse(fmt::format("list knows no {}; it can be {}", in_quotes(words.front()),
                       alternatives(known)));
  options.list = *subject;
  if (words.size() > 2 || (words.size() == 2 && *subject != ListSubject::chips)) {
    refuse(fmt::format("list {} takes no {}", words.front(), in_quotes(words.back())),
           "list chips TEXT shows the chips whose names contain TEXT.");
  }
  if (words.size() == 2) options.text = words.back();
}

void take_new_plugin(Options &options, const std::vector<std::string> &words) {
  const auto &kinds = plugin_kinds;
  constexpr const char *example = "For example: flashhost new family acme.";
  if (words.size() < 2 || words.size() > 3) {
    refuse(fmt::format("new needs a kind ({}) and an id, and takes a folder", alternatives(kinds)),
           example);
  }
  if (std::find(kinds.begin(), kinds.end(), words[0]) == kinds.end()) {
    refuse(fmt::format("new knows no {}; it can be {}", in_quotes(words[0]), alternatives(kinds)),
           example);
  }
  if (words.back().empty()) refuse("an empty word is given to new", empty_hint);
  const std::string folder = words.size() == 3 ? words[2] : words[0] + "-" + words[1];
  options.plugin = NewPlugin{words[0], words[1], folder};
}

void take_board_file(Options &options, const std::vector<std::string> &words) {
  if (words.size() > 1) {
    refuse("init takes one file: the board file that it writes",
           "The firmware is named with --image.");
  }
  options.board_file.file = words.empty() ? default_board_file : words.front();
  if (options.board_file.file.empty()) {
    refuse("an empty word is given as the name of a file", empty_hint);
  }
}

void take_option(Options &options, const std::vector<std::string> &words) {
  static const std::vector<std::pair<std::string, OptionAction>> actions{
      {"show", OptionAction::show}, {"set", OptionAction::set}, {"restore", OptionAction::restore}};
  constexpr const char *example = "For example: flashhost option set WDG_SW=0.";
  if (words.empty()) return;
  const auto action = look_up(actions, words.front());
  if (!action) {
    refuse(fmt::format("option knows no {}; it can be {}", in_quotes(words.front()),
                       alternatives(words_of(actions))),
           example);
  }
  options.option = *action;
  for (auto word = words.begin() + 1; word != words.end(); ++word) {
    const std::size_t equals = word->find('=');
    if (*action != OptionAction::set) {
      refuse(fmt::format("option {} takes no {}", words.front(), in_quotes(*word)), example);
    }
    if (equals == 0 || equals == std::string::npos || equals + 1 == word->size()) {
      refuse(fmt::format("{} is no FIELD=VALUE", in_quotes(*word)), example);
    }
    options.assignments.push_back({word->substr(0, equals), word->substr(equals + 1)});
  }
}

void take_words(Options &options, std::vector<std::string> words) {
  for (const std::string &word : words) {
    if (word.size() < 2 || word.front() != '-') continue;
    refuse(fmt::format("unknown option {}{}", in_quotes(word), did_you_mean(word, option_names())),
           fmt::format("A file of this name is written ./{}. {}", printable(word), help_hint));
  }
  if (!words.empty()) {
    if (const auto verb = look_up(verbs, words.front())) {
      options.verb = *verb;
      words.erase(words.begin());
    } else {
      refuse_near_verb(words.front());
    }
  }
  if (options.verb == Verb::list) {
    take_list_subject(options, words);
  } else if (options.verb == Verb::make_new) {
    take_new_plugin(options, words);
  } else if (options.verb == Verb::init) {
    take_board_file(options, words);
  } else if (options.verb == Verb::option) {
    take_option(options, words);
  } else {
    for (const std::string &word : words) {
      if (parse_address(word)) {
        refuse(fmt::format("{} is an address, where the name of a file is expected", word),
               fmt::format("An address is written behind its file: app.bin@{}. A file of this name "
                           "is written ./{}.",
                           word, word));
      }
      if (word.empty()) refuse("an empty word is given as the name of a file", empty_hint);
      options.changes.files.push_back(parse_file_argument(word));
    }
  }
}

// CLI11 would take the next word as the value of "--config=".
void refuse_empty_values(const std::vector<std::string> &arguments) {
  for (const std::string &argument : arguments) {
    if (argument == "--") return;
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      refuse(fmt::format("{} has no value", printable(argument)), empty_hint);
    }
  }
}

// An empty -o is refused in the checks for read.
void refuse_empty_names(const Options &options, const RawOptions &raw) {
  if (options.config && options.config->empty())
    refuse("--config names no file: it is empty", empty_hint);
  for (const std::filesystem::path &folder : options.plugin_dirs) {
    if (folder.empty()) refuse("--plugin-dir names no folder: it is empty", empty_hint);
  }
  if (options.report && options.report->empty())
    refuse("--report names no file: it is empty", empty_hint);
  for (const std::filesystem::path &file : options.timelines) {
    if (file.empty()) refuse("--timeline names no file: it is empty", empty_hint);
  }
  if (raw.format && raw.format->empty())
    refuse("--format names no format: it is empty", empty_hint);
  if (raw.pack && raw.pack->empty()) refuse("--pack names no file: it is empty", empty_hint);
  if (raw.image && raw.image->empty()) refuse("--image names no file: it is empty", empty_hint);
  if (options.config && options.no_config) refuse("--config and --no-config exclude each other");
}

// "30", "2.5", or with a unit as everywhere: "500ms".
std::chrono::milliseconds seconds(const char *option, const std::string &text) {
  constexpr std::chrono::hours longest{24 * 7};
  const bool is_number = text.find_first_not_of("0123456789.") == std::string::npos;
  const auto time = parse_duration(is_number ? text + "s" : text);
  if (!time || *time > longest || *time < std::chrono::milliseconds(1)) {
    refuse(fmt::format("{} {}: this is no time that can be waited for", option, in_quotes(text)),
           "It is a number of seconds, for example 30 or 0.5, and at most a week.");
  }
  return std::chrono::ceil<std::chrono::milliseconds>(*time);
}

void take_probe(Options &options, const std::string &probe) {
  constexpr std::string_view prefix = "usb:";
  const bool is_port = probe.starts_with(prefix);
  const std::string where = "--probe";
  const auto add = [&](const char *key, std::optional<std::string> value) {
    options.changes.overrides.push_back({key, std::move(value), where, true});
  };
  add("transport.usb", is_port ? std::optional(probe.substr(prefix.size())) : std::nullopt);
  add("transport.serial", is_port ? std::nullopt : std::optional(probe));
}

// A relative path starts from the current folder, as that of a FILE does.
void take_pack(Options &options, const RawOptions &raw, const std::string &pack) {
  std::vector<Override> &overrides = options.changes.overrides;
  const std::string where = "--pack";
  overrides.push_back(
      {"family.settings.pack", std::filesystem::absolute(pack).string(), where, true});
  const std::string key = "family.plugin";
  const bool named =
      std::ranges::any_of(raw.shortcuts,
                          [&](const auto &row) { return row.second && row.first->key == key; }) ||
      std::ranges::any_of(raw.sets,
                          [&](const std::string &set) { return set.starts_with(key + "="); });
  if (!named) overrides.push_back({key, pack_family, where, true});
}

void take_overrides(Options &options, const RawOptions &raw) {
  std::vector<Override> &overrides = options.changes.overrides;
  if (raw.probe) take_probe(options, *raw.probe);
  if (raw.pack) take_pack(options, raw, *raw.pack);
  for (const auto &[shortcut, value] : raw.shortcuts) {
    if (value) overrides.push_back({shortcut->key, value, shortcut->option, shortcut->is_text});
  }
  for (const auto &[one, on] : raw.switches) {
    if (on) overrides.push_back({one->key, one->value, one->option, false});
  }
  for (const std::string &set : raw.sets) overrides.push_back(parse_set(set));
  for (auto later = overrides.begin(); later != overrides.end(); ++later) {
    const auto earlier = std::find_if(overrides.begin(), later,
                                      [&](const Override &one) { return one.key == later->key; });
    if (earlier == later) continue;
    refuse(earlier->where == later->where
               ? fmt::format("{} is given twice", later->where)
               : fmt::format("{} and {} both set {}", earlier->where, later->where, later->key),
           "Only one of them can have an effect.");
  }
}

// Those that the value of an option may be; empty where it may be anything.
std::vector<std::string> words_of_option(const std::string &name) {
  for (const auto *table : {&connection_shortcuts, &job_shortcuts}) {
    for (const Shortcut &shortcut : *table) {
      if (shortcut.option == name) return words_of_key(shortcut.key);
    }
  }
  return {};
}

bool takes_files(Verb verb) {
  return std::find(image_verbs.begin(), image_verbs.end(), verb) != image_verbs.end();
}

bool is_part_of(std::string_view key, std::string_view part) {
  return key.starts_with(part) && (key.size() == part.size() || key[part.size()] == '.');
}

// "flash, plan and erase"
std::string enumerated(const std::vector<Verb> &some) {
  std::string text;
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (i > 0) text += i + 1 == some.size() ? " and " : ", ";
    text += name_of(some[i]);
  }
  return text;
}

bool uses_board(const Options &options) {
  const bool lists_probes = options.verb == Verb::list && options.list == ListSubject::probes;
  return lists_probes || (options.verb != Verb::list && options.verb != Verb::make_new);
}

std::string name_with_subject(const Options &options) {
  if (options.verb != Verb::list) return name_of(options.verb);
  return "list " + std::find_if(subjects.begin(), subjects.end(), [&](const auto &row) {
                     return row.second == options.list;
                   })->first;
}

void refuse_without_effect(const Options &options) {
  const auto refuse_for = [&](const std::string &what, const std::string &why) {
    refuse(fmt::format("{} has no effect on {}", what, name_with_subject(options)), why);
  };
  if (options.config || options.no_config) {
    const char *named = options.config ? "--config" : "--no-config";
    if (!uses_board(options)) refuse_for(named, "It needs no board file.");
    if (options.verb == Verb::init) {
      refuse_for(named, "It makes a board file: flashhost init FILE.");
    }
  }
  const bool lists_chips = options.verb == Verb::list && options.list == ListSubject::chips;
  for (const Override &change : options.changes.overrides) {
    if (lists_chips && (change.key == "family.plugin" || is_part_of(change.key, "family.settings")))
      continue;
    if (!uses_board(options)) refuse_for(change.where, "It needs no board.");
    if (options.verb == Verb::list) {
      if (change.key == "transport.plugin" || is_part_of(change.key, "transport.settings"))
        continue;
      refuse_for(change.where, "It opens no probe: only a transport and its settings matter.");
    }
    const auto reach = std::find_if(reaches.begin(), reaches.end(), [&](const Reach &row) {
      return is_part_of(change.key, row.key);
    });
    if (reach == reaches.end()) continue;
    const auto &verbs_of_it = reach->verbs;
    const bool fast_reset = reach->key == "flash.reset" && options.fast;
    if (options.verb == Verb::option && options.option == OptionAction::show) {
      refuse(fmt::format("{} has no effect on option, which shows option bytes", change.where));
    }
    if (!fast_reset &&
        std::find(verbs_of_it.begin(), verbs_of_it.end(), options.verb) == verbs_of_it.end()) {
      refuse_for(change.where, fmt::format("It is for {}.", enumerated(verbs_of_it)));
    }
    if (change.key == "flash.erase" && options.range) {
      refuse(fmt::format("{} has no effect beside --range", change.where),
             "What --range names is erased sector by sector.");
    }
  }
  if (options.wait && (options.verb == Verb::list || !uses_board(options))) {
    refuse_for("--wait", "It opens no probe.");
  }
  if (!options.changes.format.empty() && options.changes.files.empty() &&
      options.verb != Verb::read) {
    refuse("--format has no effect without a FILE",
           "It is the format of the FILEs on the command line, or of what read writes. In a board "
           "file it is image.format.");
  }
}

void check(const Options &options, const RawOptions &raw) {
  refuse_empty_names(options, raw);
  const auto is_one_of = [&](std::initializer_list<Verb> some) {
    return std::find(some.begin(), some.end(), options.verb) != some.end();
  };
  const auto &files = options.changes.files;
  if (!files.empty() && !takes_files(options.verb)) {
    refuse(fmt::format("{} takes no file, but {} is given", name_of(options.verb),
                       in_quotes(files.front().file)),
           options.verb == Verb::read ? "The file to write is named with -o." : help_hint);
  }
  if (options.fast && !is_one_of({Verb::plan, Verb::verify, Verb::read, Verb::info})) {
    refuse(fmt::format("--fast is for plan, verify, read and info{}",
                       options.verb == Verb::flash ? "; flash is always fast" : ""));
  }
  const bool sets_options = options.verb == Verb::option && options.option != OptionAction::show;
  const bool changes_options = sets_options || is_one_of({Verb::protect, Verb::unprotect});
  const char *journal = options.discard_journal ? "--discard-journal" : "--use-journal";
  if (options.discard_journal && options.use_journal) {
    refuse("--discard-journal and --use-journal exclude each other");
  }
  if ((options.discard_journal || options.use_journal) && !changes_options &&
      !is_one_of({Verb::flash, Verb::plan, Verb::erase})) {
    refuse(
        fmt::format("{} is for verbs that use the journal: flash, plan, erase, option set, "
                    "option restore, protect and unprotect",
                    journal));
  }
  if (options.yes && !changes_options && options.verb != Verb::init) {
    refuse("--yes is for init, option set, option restore, protect and unprotect",
           "No other verb asks anything.");
  }
  const bool restores = sets_options && options.option == OptionAction::restore;
  if (options.irreversible && (!sets_options || restores)) {
    refuse("--irreversible is for option set");
  }
  if (options.discard_journal && restores) {
    refuse("--discard-journal would give up what option restore is to write back");
  }
  if (raw.image && options.verb != Verb::init) {
    refuse("--image is for init", "Other verbs take the FILE as it stands: flashhost app.elf.");
  }
  if (options.range && !is_one_of({Verb::read, Verb::erase, Verb::protect})) {
    refuse("--range is for read, erase and protect");
  }
  if (raw.all && !is_one_of({Verb::erase, Verb::protect})) {
    refuse("--all is for erase and protect");
  }
  if (raw.all && options.range) refuse("--all and --range exclude each other");
  if (options.protect_read && options.verb != Verb::protect) refuse("--read is for protect");
  if (options.verb == Verb::protect && !options.range && !raw.all && !options.protect_read) {
    refuse("protect needs to know against what",
           "--all protects the whole flash against writing, --range ADDRESS:SIZE a part of it; "
           "--read protects it against reading by a debugger.");
  }
  if (options.protect_read && (raw.all || options.range)) {
    refuse(fmt::format("--read and {} exclude each other", raw.all ? "--all" : "--range"),
           "Protection against reading is for the whole flash.");
  }
  if (options.output && options.verb != Verb::read) refuse("-o is for read");
  if (options.report && !is_one_of({Verb::flash, Verb::erase, Verb::verify})) {
    refuse("--report is for flash, erase and verify");
  }
  if (!options.timelines.empty() &&
      !is_one_of({Verb::flash, Verb::erase, Verb::verify, Verb::read})) {
    refuse("--timeline is for flash, erase, verify and read");
  }
  for (const std::filesystem::path &file : options.timelines) {
    if (file.extension() == ".json" || file.extension() == ".svg") continue;
    refuse(fmt::format("--timeline {}: it ends neither in .json nor in .svg",
                       in_quotes(file.string())),
           "The end of its name says what it becomes: data or a picture. Give the option twice for "
           "both.");
  }
  if (options.verb == Verb::read) {
    if (!options.output || options.output->empty()) {
      refuse("read needs a file to write to",
             "Name it: flashhost read -o dump.bin. - is standard output.");
    }
    if (options.json && *options.output == "-") {
      refuse("-o - and --json both want standard output");
    }
  }
  if (options.quiet && options.verbosity > 0) refuse("-q and -v exclude each other");
  refuse_without_effect(options);
}

}  // namespace

std::string name_of(Verb verb) {
  return std::find_if(verbs.begin(), verbs.end(),
                      [&](const auto &row) { return row.second == verb; })
      ->first;
}

MemoryRange parse_range(const std::string &text) {
  constexpr const char *beyond = "it reaches beyond the 32-bit address space";
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) refuse_range(text, "it has no colon");
  const std::string first = text.substr(0, colon);
  const std::string second = text.substr(colon + 1);
  const auto address = parse_address(first);
  const auto size = parse_size(second);
  const auto is_address = [](std::string_view word) { return parse_address(word).has_value(); };
  const auto is_size = [](std::string_view word) { return parse_size(word).has_value(); };
  if ((!address && is_too_large(first, is_address)) || (!size && is_too_large(second, is_size))) {
    refuse_range(text, beyond);
  }
  if (!address) refuse_range(text, fmt::format("{} is no address", in_quotes(first)));
  if (!size) refuse_range(text, fmt::format("{} is no size", in_quotes(second)));
  if (*size == 0) refuse_range(text, "it is empty");
  constexpr std::uint64_t address_space = std::uint64_t{1} << 32;
  if (*size >= address_space || *address + *size > address_space) {
    refuse_range(text, beyond);
  }
  return {*address, static_cast<std::uint32_t>(*size)};
}

Options parse_command_line(const std::vector<std::string> &arguments) {
  Options options;
  CLI::App app;
  app.set_help_flag();
  bool help = false;
  bool version = false;
  app.add_flag("-h,--help", help);
  app.add_flag("--version", version);
  RawOptions raw;
  add_options(app, options, raw);
  app.allow_extras();
  refuse_empty_values(arguments);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch &error) {
    const std::string text = error.what();
    if (text.find("At Most") == std::string::npos) refuse(printable(text));
    refuse(fmt::format("{} is given twice", printable(text.substr(0, text.find(':')))),
           "Only one of them can have an effect.");
  } catch (const CLI::ParseError &error) {
    refuse(printable(error.what()));
  }
  if (help || version) {
    options.verb = help ? Verb::help : Verb::version;
    return options;
  }
  std::vector<std::string> words = app.remaining();
  words.erase(std::remove(words.begin(), words.end(), "--"), words.end());
  take_words(options, std::move(words));
  if (raw.range) options.range = parse_range(*raw.range);
  if (raw.wait) options.wait = seconds("--wait", *raw.wait);
  if (raw.timeout) options.timeout = seconds("--timeout", *raw.timeout);
  if (raw.image) options.board_file.image = parse_file_argument(*raw.image);
  options.color = !raw.no_color;
  options.changes.format = raw.format.value_or("");
  take_overrides(options, raw);
  check(options, raw);
  return options;
}

bool uses_chip(const Options &options) {
  return options.verb != Verb::help && options.verb != Verb::version &&
         options.verb != Verb::list && uses_board(options);
}

bool wants_board_file(const Options &options) {
  return uses_chip(options) && options.verb != Verb::init && !options.config && !options.no_config;
}

std::string help_text() {
  const Described described;
  const CLI::App &app = described.app;
  const auto formatter = std::dynamic_pointer_cast<CLI::Formatter>(app.get_formatter());
  return usage + formatter->make_groups(&app, CLI::AppFormatMode::Normal) + footer;
}

Syntax syntax() {
  Syntax result;
  const Described described;
  for (const CLI::Option *option : described.app.get_options()) {
    OptionSyntax row;
    for (const std::string &name : option->get_snames()) row.names.push_back("-" + name);
    for (const std::string &name : option->get_lnames()) row.names.push_back("--" + name);
    if (option->get_items_expected_max() > 0) row.value = option->get_type_name();
    row.words = words_of_option(row.names.back());
    row.help = option->get_description();
    row.repeats = option->get_expected_max() > 1;
    result.options.push_back(std::move(row));
  }
  for (const auto &[word, verb] : verbs) {
    VerbSyntax row{word, {}, takes_files(verb) || verb == Verb::init};
    if (verb == Verb::list) row.subjects = words_of(subjects);
    if (verb == Verb::make_new) row.subjects = plugin_kinds;
    result.verbs.push_back(std::move(row));
  }
  return result;
}

}  // namespace flashhost::config
