// A board file becomes a Config or an error of one line.
#include "config_text.hpp"

#include <config/config.hpp>

std::string flashhost::fuzz::outcome_of(std::span<const std::uint8_t> input) {
  const std::string text(input.begin(), input.end());
  try {
    const config::Config config = config::parse_config(text, "board.toml", "boards", {});
    const std::string plugin = config.transport.plugin.value_or("none");
    check(!plugin.empty() && plugin.find('/') == std::string::npos, "a plugin's id is no path");
    for (const auto &image : config.images) check(!image.file.empty(), "an image has a file");
    return to_text(config);
  } catch (const Error &error) {
    check(error.code() == Errc::config, "the error is one of the board file");
    check(std::string(error.what()).starts_with("board.toml:"), "the error names the file");
    check_message(error);
    return error.what();
  }
}
