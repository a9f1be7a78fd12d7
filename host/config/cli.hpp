// The command line.
#pragma once

#include <flashhost/types.hpp>

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
  std::optional<std::filesystem::path>
      config;  // set for all verbs but list, make_new, help and version
  std::vector<std::string>
      files;  // replace the images of the board file; for flash, plan and verify
  std::optional<MemoryRange> range;             // for erase and read; empty: the whole flash
  std::optional<std::filesystem::path> output;  // set for read; "-" is standard output
  std::vector<std::string> sets;                // of --set: key.path=value
  std::vector<std::filesystem::path> plugin_dirs;
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

// arguments: without the program's name. Throws Errc::usage.
[[nodiscard]] Options parse_command_line(const std::vector<std::string> &arguments);

// What --help prints.
[[nodiscard]] std::string help_text();

}  // namespace flashhost::config
