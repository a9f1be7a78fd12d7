// The S-record parser and writer.
#include "record_fuzz.hpp"

#include <srec.hpp>

namespace flashhost::fuzz {

std::string outcome_of(std::span<const std::uint8_t> input) {
  return outcome_of_records(
      input, srec::starts_with_record(input),
      [](std::span<const std::uint8_t> file) { return srec::parse(file); }, srec::write);
}

}  // namespace flashhost::fuzz
