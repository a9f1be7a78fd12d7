// What the ELF parser accepts is sorted, joined, no larger than the file, and made of its bytes.
#include "parsed_file.hpp"

#include <elf.hpp>

#include <array>

namespace flashhost::fuzz {

std::string outcome_of(std::span<const std::uint8_t> input) {
  ParsedFile file;
  try {
    file = elf::parse(input);
  } catch (const Error &error) {
    check(error.code() == Errc::image, "the error is one of the image");
    check_message(error);
    return error.what();
  }
  check(elf::starts_with_magic(input), "what is accepted is recognised");
  check_content(file, input.size());
  std::array<bool, 256> present{};
  for (const std::uint8_t byte : input) present[byte] = true;
  for (const Segment &segment : file.segments) {
    for (const std::uint8_t byte : segment.data) check(present[byte], "the byte is in the file");
  }
  check(elf::parse(input) == file, "the same file means the same");
  return to_text(file);
}

}  // namespace flashhost::fuzz
