// What the UF2 parser accepts is sorted, joined, no larger than the file, and the same when written
// again, whichever family is wanted.
#include "parsed_file.hpp"

#include <families.hpp>
#include <uf2.hpp>

namespace flashhost::fuzz {

namespace {

std::string outcome(std::span<const std::uint8_t> input, std::optional<std::uint32_t> family) {
  ParsedFile file;
  try {
    file = uf2::parse(input, family);
  } catch (const Error &error) {
    check(error.code() == Errc::image, "the error is one of the image");
    check_message(error);
    return error.what();
  }
  check(uf2::starts_with_block(input), "what is accepted is recognised");
  check_content(file, input.size() / 512 * 476);
  if (!file.segments.empty()) {
    check(uf2::parse(uf2::write(file)) == file, "written again it is the same");
  }
  return to_text(file);
}

}  // namespace

std::string outcome_of(std::span<const std::uint8_t> input) {
  const auto wanted = uf2::family_id("STM32F4");
  return outcome(input, {}) + " | " + outcome(input, wanted);
}

}  // namespace flashhost::fuzz
