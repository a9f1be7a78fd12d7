#include "ihex.hpp"

#include <text_records.hpp>

#include <cstddef>

namespace flashhost::ihex {

namespace {

enum class Written : std::uint8_t { data = 0, end_of_file = 1, linear_base = 4, linear_start = 5 };

void append(Bytes &file, Written type, std::uint16_t offset, std::span<const std::uint8_t> data) {
  Bytes bytes{static_cast<std::uint8_t>(data.size()), static_cast<std::uint8_t>(offset >> 8),
              static_cast<std::uint8_t>(offset), static_cast<std::uint8_t>(type)};
  bytes.insert(bytes.end(), data.begin(), data.end());
  text_records::append_record(file, ":", bytes, 0);
}

}  // namespace

Bytes write(const ParsedFile &content) {
  Bytes file;
  std::uint32_t base = 0;  // the one with which a reader starts
  text_records::for_each_line(
      content, [&](std::uint32_t address, std::span<const std::uint8_t> data) {
        const std::uint32_t high = address >> 16;
        if (high != base) {
          append(file, Written::linear_base, 0, text_records::big_endian(high, 2));
        }
        base = high;
        append(file, Written::data, static_cast<std::uint16_t>(address), data);
      });
  if (content.entry_point) {
    append(file, Written::linear_start, 0, text_records::big_endian(*content.entry_point, 4));
  }
  append(file, Written::end_of_file, 0, {});
  return file;
}

}  // namespace flashhost::ihex
