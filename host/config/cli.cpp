#include "cli.hpp"

#include "numbers.hpp"
#include "words.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashhost::config {

namespace {

constexpr const char *empty_hint = "An unset shell variable may be the reason.";
constexpr const char *help_hint = "`flashhost --help` shows all verbs and options.";

const std::vector<std::pair<std::string, Verb>> verbs{
    {"flash", Verb::flash}, {"plan", Verb::plan}, {"verify", Verb::verify},
    {"erase", Verb::erase}, {"read", Verb::read}, {"info", Verb::info},
    {"reset", Verb::reset}, {"list", Verb::list}, {"new", Verb::make_new}};
const std::vector<std::pair<std::string, ListSubject>> subjects{{"plugins", ListSubject::plugins},
                                                                {"probes", ListSubject::probes},
                                                                {"chips", ListSubject::chips}};

const std::string usage =
    "Usage: flashhost --config BOARD.toml [VERB] [FILE...]\n"
    "       flashhost list plugins|probes|chips\n"
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
    "  list plugins|probes|chips   show what is installed and connected; needs no board file\n"
    "  new family|transport|format ID [FOLDER]\n"
    "                              begin a plugin: a folder that builds, is tested and flashes\n"
    "                              a simulated board as it stands\n"
    "\n"
    "FILEs take the place of the board file's images. A file named like a verb is written "
    "./flash.\n"
    "\n"
    "Exit codes: 0 done, 2 command line, board file or results lost, 3 plugin, 4 image, 5 probe,\n"
    "6 target, 7 flash protected, 8 erase or program failed, 9 verification found a difference,\n"
    "10 internal error, 130 interrupted.\n";

[[noreturn]] void refuse(const std::string &reason, const std::string &hint = help_hint) {
  throw Error(Errc::usage, reason, hint);
}

[[noreturn]] void refuse_range(const std::string &text, const std::string &reason) {
  refuse(fmt::format("--range {}: {}", in_quotes(text), reason),
         "It is an address and a size, for example 0x08000000:16K.");
}

template <class E>
std::vector<std::string> words_of(const std::vector<std::pair<std::string, E>> &table) {
  std::vector<std::string> words;
  words.reserve(table.size());
  for (const auto &[word, value] : table) words.push_back(word);
  return words;
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
  bool all = false;
};

void add_options(CLI::App &app, Options &options, RawOptions &raw) {
  // One value per occurrence: otherwise CLI11 would split "[x]" as a list.
  app.add_option("-c,--config", options.config, "board file")->type_name("FILE");
  app.add_option("--set", options.sets,
                 "override a value of the board file, e.g. transport.speed=1MHz")
      ->type_name("KEY.PATH=VALUE")
      ->allow_extra_args(false);
  app.add_option("--plugin-dir", options.plugin_dirs, "look for plugins here first")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("-o,--output", options.output,
                 "for read: raw binary, or what the extension says; - is stdout")
      ->type_name("FILE");
  app.add_option("--range", raw.range, "for read and erase, e.g. 0x08000000:16K")
      ->type_name("ADDRESS:SIZE");
  app.add_flag("--all", raw.all, "for erase: the whole flash, as without --range");
  app.add_flag("--json", options.json, "one JSON object per line on standard output");
  app.add_flag("--fast", options.fast,
               "plan, verify, read and info may reset the chip and use its RAM");
  app.add_flag("--discard-journal", options.discard_journal,
               "flash, plan and erase: give up what an interrupted run was to keep");
  app.add_flag("--use-journal", options.use_journal,
               "flash, plan and erase: this is the board that was interrupted");
  app.add_flag("-v,--verbose", options.verbosity, "say more; -vv: say everything");
  app.add_flag("-q,--quiet", options.quiet, "only warnings and errors");
  app.add_flag_callback("--no-color", [&options] { options.color = false; }, "no colours");
}

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
  const std::string meant = did_you_mean(word, words_of(verbs));
  if (!meant.empty()) refuse(fmt::format("unknown verb {}{}", in_quotes(word), meant), hint);
}

void take_list_subject(Options &options, const std::vector<std::string> &words) {
  const auto known = words_of(subjects);
  if (words.size() != 1) refuse(fmt::format("list needs one of {}", alternatives(known)));
  const auto subject = look_up(subjects, words.front());
  if (!subject)
    refuse(fmt::format("list knows no {}; it can be {}", in_quotes(words.front()),
                       alternatives(known)));
  options.list = *subject;
}

void take_new_plugin(Options &options, const std::vector<std::string> &words) {
  static const std::vector<std::string> kinds{"family", "transport", "format"};
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
  } else {
    options.files = std::move(words);
  }
}

std::string name_of(Verb verb) {
  return std::find_if(verbs.begin(), verbs.end(),
                      [&](const auto &row) { return row.second == verb; })
      ->first;
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
void refuse_empty_names(const Options &options) {
  if (options.config && options.config->empty())
    refuse("--config names no file: it is empty", empty_hint);
  for (const std::filesystem::path &folder : options.plugin_dirs) {
    if (folder.empty()) refuse("--plugin-dir names no folder: it is empty", empty_hint);
  }
  for (const std::string &file : options.files) {
    if (file.empty()) refuse("an empty word is given as the name of a file", empty_hint);
  }
}

void check(const Options &options, const RawOptions &raw) {
  refuse_empty_names(options);
  const auto is_one_of = [&](std::initializer_list<Verb> some) {
    return std::find(some.begin(), some.end(), options.verb) != some.end();
  };
  if (!options.files.empty() && !is_one_of({Verb::flash, Verb::plan, Verb::verify})) {
    refuse(fmt::format("{} takes no file, but {} is given", name_of(options.verb),
                       in_quotes(options.files.front())),
           options.verb == Verb::read ? "The file to write is named with -o." : help_hint);
  }
  if (options.fast && !is_one_of({Verb::plan, Verb::verify, Verb::read, Verb::info})) {
    refuse(fmt::format("--fast is for plan, verify, read and info{}",
                       options.verb == Verb::flash ? "; flash is always fast" : ""));
  }
  const char *journal = options.discard_journal ? "--discard-journal" : "--use-journal";
  if (options.discard_journal && options.use_journal) {
    refuse("--discard-journal and --use-journal exclude each other");
  }
  if ((options.discard_journal || options.use_journal) &&
      !is_one_of({Verb::flash, Verb::plan, Verb::erase})) {
    refuse(fmt::format("{} is for flash, plan and erase; no other verb uses the journal", journal));
  }
  if (options.range && !is_one_of({Verb::read, Verb::erase})) {
    refuse("--range is for read and erase");
  }
  if (raw.all && options.verb != Verb::erase) refuse("--all is for erase");
  if (raw.all && options.range) refuse("--all and --range exclude each other");
  if (options.output && options.verb != Verb::read) refuse("-o is for read");
  if (options.verb == Verb::read) {
    if (!options.output || options.output->empty()) {
      refuse("read needs a file to write to",
             "Name it: flashhost --config board.toml read -o dump.bin. - is standard output.");
    }
    if (options.json && *options.output == "-") {
      refuse("-o - and --json both want standard output");
    }
  }
  if (options.quiet && options.verbosity > 0) refuse("-q and -v exclude each other");
  if (!options.config && !is_one_of({Verb::list, Verb::make_new})) {
    refuse("no board file is given",
           fmt::format("Name it: {}. {}", "flashhost --config board.toml", help_hint));
  }
}

}  // namespace

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
  check(options, raw);
  return options;
}

std::string help_text() {
  Options options;
  CLI::App app;
  bool version = false;
  app.set_help_flag("-h,--help", "this text");
  RawOptions raw;
  add_options(app, options, raw);
  app.add_flag("--version", version, "version of flashhost and of the plugin interface");
  const auto formatter = std::dynamic_pointer_cast<CLI::Formatter>(app.get_formatter());
  return usage + formatter->make_groups(&app, CLI::AppFormatMode::Normal) + footer;
}

}  // namespace flashhost::config
