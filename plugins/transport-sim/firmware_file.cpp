#include "firmware_file.hpp"

#include "ihex.hpp"
#include "regular_file.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace flashhost::sim {

namespace {

// The largest flash of a part is 2 MiB; as Intel HEX that is less than 8 MiB.
constexpr std::size_t largest_file = std::size_t{8} << 20;

ParsedFile parse(const std::string &file, const Bytes &content, std::uint32_t address) {
  if (!ihex::starts_with_record(content)) return {{{address, content}}, {}};
  try {
    return ihex::parse(content);
  } catch (const Error &problem) {
    throw Error(Errc::config, fmt::format("transport sim: firmware {}: {}", file, problem.what()));
  }
}

}  // namespace

void load_firmware(const std::string &file, std::span<std::uint8_t> flash, std::uint32_t address) {
  for (const Segment &segment :
       parse(file, read_regular("firmware", file, largest_file), address).segments) {
    if (segment.address < address || segment.end() - address > flash.size()) {
      throw Error(Errc::config,
                  fmt::format("transport sim: firmware {}: {} at {} do not fit into a flash of {} "
                              "at {}",
                              file, format_size(segment.data.size()), hex(segment.address),
                              format_size(flash.size()), hex(address)));
    }
    std::ranges::copy(segment.data, flash.subspan(segment.address - address).begin());
  }
}

}  // namespace flashhost::sim
