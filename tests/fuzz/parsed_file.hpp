// What every format promises of what it parsed, and how it is written down.
#pragma once

#include "check.hpp"

#include <flashhost/format.hpp>

#include <fmt/format.h>

namespace flashhost::fuzz {

// most: bytes that can have come out of the file.
inline void check_content(const ParsedFile &file, std::size_t most) {
  std::size_t total = 0;
  std::uint64_t end = 0;
  for (const Segment &segment : file.segments) {
    check(!segment.data.empty(), "no segment is empty");
    check(&segment == &file.segments.front() || segment.address > end, "segments ascend with gaps");
    end = segment.end();
    total += segment.data.size();
  }
  check(end <= std::uint64_t{1} << 32, "nothing lies beyond 32 bits");
  check(total <= most, "no byte comes from nowhere");
}

inline std::string to_text(const ParsedFile &file) {
  std::string text = "entry point ";
  text += file.entry_point ? fmt::format("{:#x}", *file.entry_point) : "-";
  if (!file.made_for.empty()) text += "; for " + file.made_for;
  for (const Segment &segment : file.segments) {
    text += fmt::format("; {:#010x}:", segment.address);
    for (const std::uint8_t byte : segment.data) text += fmt::format("{:02x}", byte);
  }
  return text;
}

}  // namespace flashhost::fuzz
