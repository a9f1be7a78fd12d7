// What a parser of records accepts is sorted, joined, no larger than the file, and the same when
// written again.
#pragma once

#include "parsed_file.hpp"

namespace flashhost::fuzz {

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
  check_content(file, input.size() / 2);
  check(parse(write(file)) == file, "written again it is the same");
  return to_text(file);
}

}  // namespace flashhost::fuzz
