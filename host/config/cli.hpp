// The command line.
#pragma once

#include "config/config.hpp"

#include <flashhost/types.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::config {

enum class Verb : std::uint8_t {
  flash,
  plan,
  verify,
  erase,
  read,
  info,
  reset,
  option,
  protect,
  unprotect,
  list,
  init,
  make_new,
  help,
  version
};
enum class ListSubject : std::uint8_t { plugins, probes, chips };

struct NewPlugin {
  std::string kind;  // family, transport or format
  std::string id;    // as given
  std::filesystem::path folder;
};

enum class OptionAction : std::uint8_t { show, set, restore };
// WDG_SW=0
struct OptionAssignment {
  std::string field;
  std::string value;
};

// What init makes.
struct NewBoardFile {
  std::filesystem::path file;
  std::optional<FileArgument> image;  // to be named in it
};

struct Options {
  Verb verb = Verb::flash;
  ListSubject list = ListSubject::plugins;    // for Verb::list
  std::optional<NewPlugin> plugin;            // set for make_new
  NewBoardFile board_file;                    // for Verb::init
  OptionAction option = OptionAction::show;   // for Verb::option
  std::vector<OptionAssignment> assignments;  // for OptionAction::set; may be empty
  // As named with --config; empty for list, init, new, help and version, and when none is named.
  std::optional<std::filesystem::path> config;
  bool no_config = false;  // none is wanted, even if one is found
  // Overrides and files; format also says what `read` writes.
  Changes changes;
  std::string text;  // for list chips: only those whose names contain it; may be empty
  // For erase, read and protect; empty: the whole flash.
  std::optional<MemoryRange> range;
  bool protect_read = false;                    // for protect: against reading, not against writing
  bool yes = false;                             // nothing is asked
  bool irreversible = false;                    // also where that can never be taken back
  std::optional<std::filesystem::path> output;  // set for read; "-" is standard output
  std::vector<std::filesystem::path> plugin_dirs;
  std::optional<std::filesystem::path> report;  // for flash, erase and verify: gets a line per job
  // For flash, erase, verify and read: where the time went; .json or .svg.
  std::vector<std::filesystem::path> timelines;
  std::optional<std::chrono::milliseconds> timeout;  // for the whole job
  std::optional<std::chrono::milliseconds> wait;     // for the probe
  bool json = false;
  bool fast = false;
  bool discard_journal = false;
  bool use_journal = false;
  bool color = true;
  bool quiet = false;
  int verbosity = 0;  // number of -v
};

// "0x08000000:128K": address and size as in a board file. Errc::usage for any other text, an empty
// range, and a range beyond 2^32.
[[nodiscard]] MemoryRange parse_range(const std::string &text);

// arguments: without the program's name. Throws Errc::usage, also for an option that would have no
// effect.
[[nodiscard]] Options parse_command_line(const std::vector<std::string> &arguments);

// "flash", as on the command line. Not for help and version.
[[nodiscard]] std::string name_of(Verb verb);

// Whether the verb works on a chip.
[[nodiscard]] bool uses_chip(const Options &options);

// Whether a board file should be looked for: the verb works on a board, and the command line names
// none.
[[nodiscard]] bool wants_board_file(const Options &options);

// What --help prints.
[[nodiscard]] std::string help_text();

// What can stand on the command line; shell completions are made from it.
struct OptionSyntax {
  std::vector<std::string> names;  // "-c", "--config"
  std::string value;               // what follows it, as in --help: "FILE"; empty for a flag
  std::vector<std::string> words;  // that the value may be; empty: anything
  std::string help;
  bool repeats = false;  // may be given more than once
};
struct VerbSyntax {
  std::string word;
  std::vector<std::string> subjects;  // of which one follows; may be empty
  bool takes_files = false;
};
struct Syntax {
  std::vector<OptionSyntax> options;
  std::vector<VerbSyntax> verbs;
};
[[nodiscard]] Syntax syntax();

}  // namespace flashhost::config
