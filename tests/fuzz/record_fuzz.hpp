// What a parser of records accepts is sorted, joined, no larger than the file, and the same when
// written again.
#pragma once

#include "check.hpp"

#include <flashhost/format.hpp>

#include <fmt/format.h>

namespace flashhost::fuzz {

inline std::string to_text(const ParsedFile &file) {
  std::string text = "entry point ";
  text += file.entry_point ? fmt::format("{:#x}", *file.entry_point) : "-";
  for (const Segment &segment : file.segments) {
    text += fmt::format("; {:#010x}:", segment.address);
    for (const std::uint8_t byte : segment.data) text += fmt::format("{:02x}", byte);
  }
  return text;
}

// recognised: what the format says of the input's start.
template <class Parse, class Write>
std::string outcome_of_records(std::span<const std::uint8_t> input, bool recognised,
                               const Parse &parse, const Write &write) {
  ParsedFile file;
  try {
    file = parse(input);
  } catch (const Error &error) {
    check(error.code() == Errc::image, "the error is one of the image");
    check(std::string(error.what()).starts_with("line "), "the error names the line");
    check_message(error);
    return fmt::format("{}, {}", recognised ? "recognised" : "not recognised", error.what());
  }
  std::size_t total = 0;
  std::uint64_t end = 0;
  for (const Segment &segment : file.segments) {
    check(!segment.data.empty(), "no segment is empty");
    check(&segment == &file.segments.front() || segment.address > end, "segments ascend with gaps");
    end = segment.end();
    total += segment.data.size();
  }
  check(end <= std::uint64_t{1} << 32, "nothing lies beyond 32 bits");
  check(2 * total <= input.size(), "no byte comes from nowhere");
  check(parse(write(file)) == file, "written again it is the same");
  return to_text(file);
}

}  // namespace flashhost::fuzz
