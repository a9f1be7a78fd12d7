// The Intel HEX parser and writer.
#include "record_fuzz.hpp"

#include <ihex.hpp>

namespace flashhost::fuzz {

std::string outcome_of(std::span<const std::uint8_t> input) {
  return outcome_of_records(
      input, ihex::starts_with_record(input),
      [](std::span<const std::uint8_t> file) { return ihex::parse(file); }, ihex::write);
}

}  // namespace flashhost::fuzz
