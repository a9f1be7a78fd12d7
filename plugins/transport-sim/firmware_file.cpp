#include "firmware_file.hpp"

#include "ihex.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace flashhost::sim {

namespace {

// No part of the model has more flash than 2 MiB; as Intel HEX that is below 8 MiB.
constexpr std::size_t largest_file = std::size_t{8} << 20;

Bytes read_file(const std::string &file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw Error(Errc::config, fmt::format("transport sim: firmware {} cannot be opened: {}", file,
                                          std::strerror(errno)));
  }
  Bytes content(largest_file + 1);
  stream.read(reinterpret_cast<char *>(content.data()),
              static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || content.empty() || content.size() > largest_file) {
    throw Error(Errc::config,
                fmt::format("transport sim: firmware {} is {}", file,
                            content.empty() ? "empty or cannot be read" : "too large"));
  }
  return content;
}

ParsedFile parse(const std::string &file, const Bytes &content) {
  if (!ihex::starts_with_record(content)) return {{{flash_base, content}}, {}};
  try {
    return ihex::parse(content);
  } catch (const Error &problem) {
    throw Error(Errc::config, fmt::format("transport sim: firmware {}: {}", file, problem.what()));
  }
}

}  // namespace

void load_firmware(const std::string &file, std::span<std::uint8_t> flash) {
  for (const Segment &segment : parse(file, read_file(file)).segments) {
    if (segment.address < flash_base || segment.end() - flash_base > flash.size()) {
      throw Error(Errc::config,
                  fmt::format("transport sim: firmware {}: {} at {} do not fit into a flash of {} "
                              "at {}",
                              file, format_size(segment.data.size()), hex(segment.address),
                              format_size(flash.size()), hex(flash_base)));
    }
    std::ranges::copy(segment.data, flash.subspan(segment.address - flash_base).begin());
  }
}

}  // namespace flashhost::sim
