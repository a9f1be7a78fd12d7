#include "srec.hpp"

#include <flashhost/error.hpp>

#include <text_records.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace flashhost::srec {

namespace {

constexpr std::uint32_t largest_16 = 0xFFFF;
constexpr std::uint32_t largest_24 = 0xFFFFFF;

struct Width {
  std::size_t address_size;
  std::string_view data;
  std::string_view end;
};

Width width_for(const ParsedFile &content) {
  std::uint64_t highest = content.entry_point.value_or(0);
  if (!content.segments.empty()) highest = std::max(highest, content.segments.back().end() - 1);
  if (highest <= largest_16) return {2, "S1", "S9"};
  if (highest <= largest_24) return {3, "S2", "S8"};
  return {4, "S3", "S7"};
}

void append(Bytes &file, std::string_view type, std::uint32_t address, std::size_t address_size,
            std::span<const std::uint8_t> data) {
  Bytes bytes{static_cast<std::uint8_t>(address_size + data.size() + 1)};
  const Bytes field = text_records::big_endian(address, address_size);
  bytes.insert(bytes.end(), field.begin(), field.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  text_records::append_record(file, type, bytes, 0xFF);
}

}  // namespace

Bytes write(const ParsedFile &content) {
  if (content.entry_point == 0U) {
    throw Error(
        Errc::image, "S-records cannot express an entry point of 0x00000000",
        "An address of 0 in the last record means that there is none. Leave the entry point "
        "out, or use another format.");
  }
  const Width width = width_for(content);
  Bytes file;
  std::uint32_t records = 0;
  append(file, "S0", 0, 2, Bytes{'H', 'D', 'R'});
  text_records::for_each_line(content,
                              [&](std::uint32_t address, std::span<const std::uint8_t> data) {
                                append(file, width.data, address, width.address_size, data);
                                ++records;
                              });
  if (records <= largest_16) {
    append(file, "S5", records, 2, {});
  } else if (records <= largest_24) {
    append(file, "S6", records, 3, {});
  }
  append(file, width.end, content.entry_point.value_or(0), width.address_size, {});
  return file;
}

}  // namespace flashhost::srec
