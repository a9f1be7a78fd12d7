// A board file becomes a Config or an error of one line.
#include "check.hpp"

#include <config/config.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace flashhost;
  const std::string text(reinterpret_cast<const char *>(data), size);
  try {
    const config::Config config = config::parse_config(text, "board.toml", "boards", {});
    fuzz::check(!config.transport.plugin.empty(), "there is a transport");
    fuzz::check(config.transport.plugin.find('/') == std::string::npos, "a plugin's id is no path");
    for (const auto &image : config.images) fuzz::check(!image.file.empty(), "an image has a file");
  } catch (const Error &error) {
    fuzz::check(error.code() == Errc::config, "the error is one of the board file");
    fuzz::check(std::string(error.what()).starts_with("board.toml:"), "the error names the file");
    fuzz::check_message(error);
  }
  return 0;
}
