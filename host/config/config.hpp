// The board file: what `flashhost --config board.toml` reads. docs/board-toml.md is its reference.
#pragma once

#include "config/overrides.hpp"
#include "flash/options.hpp"

#include <flashhost/settings.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::config {

using flashhost::Connect;
using flashhost::Verify;
using Erase = EraseMode;
using Reset = ResetAfter;

struct TransportConfig {
  // Empty: any probe that is plugged in; settings are then empty, too.
  std::optional<std::string> plugin;
  std::optional<std::string> serial;  // a unique prefix is enough
  std::optional<std::string> usb;     // the port that the probe is plugged into: "1-2.3"
  std::optional<std::uint32_t> speed_hz;
  std::optional<int> millivolts;  // of the target's supply
  Connect connect = Connect::automatic;
  Settings settings;
};

struct FamilyConfig {
  std::optional<std::string> plugin;
  std::optional<std::string> chip;
  std::optional<std::uint32_t> flash_size;  // bytes
  Settings settings;
};

struct ImageConfig {
  std::filesystem::path file;  // relative to the current folder
  std::optional<std::string> format;
  std::optional<std::uint32_t> address;
  std::optional<std::string> sha256;  // 64 lower-case digits
  Settings settings;
  std::string where;  // position of the [[image]], for messages; "command line"
};

struct Config {
  std::string board;  // [board] name; may be empty
  TransportConfig transport;
  FamilyConfig family;
  std::vector<ImageConfig> images;  // may be empty: not every verb needs one
  FlashChoices flash;
  Reset reset = Reset::run;  // flash.reset
  std::vector<std::filesystem::path>
      board_files;  // that were read: the board file and what it includes
};

// What the command line changes.
struct Changes {
  std::vector<Override> overrides;  // in order; applied after the files
  std::vector<FileArgument> files;  // take the place of all images
  std::string format;               // of the files; empty: recognised
};

// Without a file: only what the command line says. Throws Errc::config "board.toml:7:3: reason".
[[nodiscard]] Config load_config(const std::optional<std::filesystem::path> &file,
                                 const Changes &changes);

// The same for a text, which includes no other file. name: for messages; base: folder that relative
// paths start from.
[[nodiscard]] Config parse_config(std::string_view text, const std::string &name,
                                  const std::filesystem::path &base, const Changes &changes);

// "transport.speed", "image.file", ...: every key that a board file may have; a test compares them
// with the reference.
[[nodiscard]] std::vector<std::string> known_keys();

// The words that the value of a key may be; empty where it may be anything.
[[nodiscard]] std::vector<std::string> words_of_key(std::string_view key);

}  // namespace flashhost::config
