// --set with any argument, several separated by NUL, changes a Config or ends in an error of one
// line.
#include "check.hpp"

#include <config/config.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace flashhost;
  std::vector<std::string> sets(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0) {
      sets.emplace_back();
    } else {
      sets.back() += static_cast<char>(data[i]);
    }
  }
  constexpr const char *text =
      "[transport]\nplugin = 'sim'\n[transport.settings]\na = 1\n[[image]]\nfile = 'a.hex'\n";
  try {
    const config::Config config = config::parse_config(text, "board.toml", "boards", sets);
    fuzz::check(!config.transport.plugin.empty(), "there is a transport");
  } catch (const Error &error) {
    fuzz::check(error.code() == Errc::config || error.code() == Errc::usage,
                "the error is one of the user's");
    fuzz::check_message(error);
  }
  return 0;
}
