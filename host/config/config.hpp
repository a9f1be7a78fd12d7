// The board file: what `flashhost --config board.toml` reads. docs/board-toml.md is its reference.
#pragma once

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
  std::string plugin;
  std::optional<std::string> serial;  // a unique prefix is enough
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
  std::filesystem::path file;  // relative paths already start at the board file's folder
  std::optional<std::string> format;
  std::optional<std::uint32_t> address;
  std::optional<std::string> sha256;  // 64 lower-case digits
  Settings settings;
  std::string where;  // position of the [[image]], for messages
};

struct Config {
  std::string board;  // [board] name; may be empty
  TransportConfig transport;
  FamilyConfig family;
  std::vector<ImageConfig> images;  // may be empty: not every verb needs one
  FlashChoices flash;
  Reset reset = Reset::run;  // flash.reset
};

// overrides: the arguments of --set, in order. Throws Errc::config "board.toml:7:3: reason",
// Errc::usage for an override that is no key=value.
[[nodiscard]] Config load_config(const std::filesystem::path &file,
                                 const std::vector<std::string> &overrides);

// The same for a text. name: for messages; base: folder that relative paths start from.
[[nodiscard]] Config parse_config(std::string_view text, const std::string &name,
                                  const std::filesystem::path &base,
                                  const std::vector<std::string> &overrides);

// An image named on the command line; a relative path starts at the current folder.
[[nodiscard]] ImageConfig command_line_image(const std::string &file);

// "transport.speed", "image.file", ...: every key that a board file may have; a test compares them
// with the reference.
[[nodiscard]] std::vector<std::string> known_keys();

}  // namespace flashhost::config
