// --set with any argument, several separated by NUL, changes a Config or ends in an error of one
// line.
#include "config_text.hpp"

#include <config/config.hpp>

std::string flashhost::fuzz::outcome_of(std::span<const std::uint8_t> input) {
  std::vector<std::string> sets(1);
  for (const std::uint8_t byte : input) {
    if (byte == 0) {
      sets.emplace_back();
    } else {
      sets.back() += static_cast<char>(byte);
    }
  }
  constexpr const char *text =
      "[transport]\nplugin = 'sim'\n[transport.settings]\na = 1\n[[image]]\nfile = 'a.hex'\n";
  try {
    config::Changes changes;
    for (const std::string &set : sets) changes.overrides.push_back(config::parse_set(set));
    const config::Config config = config::parse_config(text, "board.toml", "boards", changes);
    return to_text(config);
  } catch (const Error &error) {
    check(error.code() == Errc::config || error.code() == Errc::usage,
          "the error is one of the user's");
    check_message(error);
    return error.what();
  }
}
