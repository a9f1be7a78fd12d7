// Writes Intel HEX records, for tests.
#pragma once

#include <flashhost/types.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <span>
#include <string>

namespace flashhost::test {

inline std::string record(std::uint8_t type, std::uint16_t offset,
                          std::span<const std::uint8_t> data) {
  Bytes bytes{static_cast<std::uint8_t>(data.size()), static_cast<std::uint8_t>(offset >> 8),
              static_cast<std::uint8_t>(offset & 0xFF), type};
  bytes.insert(bytes.end(), data.begin(), data.end());
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : bytes) sum = static_cast<std::uint8_t>(sum + byte);
  bytes.push_back(static_cast<std::uint8_t>(-sum));
  std::string text = ":";
  for (const std::uint8_t byte : bytes) fmt::format_to(std::back_inserter(text), "{:02X}", byte);
  return text;
}

inline std::string word_record(std::uint8_t type, std::uint16_t word) {
  const Bytes data{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word & 0xFF)};
  return record(type, 0, data);
}

inline const std::string end_of_file = ":00000001FF";

}  // namespace flashhost::test
