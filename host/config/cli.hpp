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
  list,
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

struct Options {
  Verb verb = Verb::flash;
  ListSubject list = ListSubject::plugins;  // for Verb::list
  std::optional<NewPlugin> plugin;          // set for make_new
  // As named with --config; empty for list, new, help and version, and when none is named.
  std::optional<std::filesystem::path> config;
  bool no_config = false;  // none is wanted, even if one is found
  // Overrides and files; format also says what `read` writes.
  Changes changes;
  std::string text;  // for list chips: only those whose names contain it; may be empty
  std::optional<MemoryRange> range;             // for erase and read; empty: the whole flash
  std::optional<std::filesystem::path> output;  // set for read; "-" is standard output
  std::vector<std::filesystem::path> plugin_dirs;
  std::optional<std::filesystem::path> report;  // for flash, erase and verify: gets a line per job
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

}  // namespace flashhost::config
