#include "ihex.hpp"

#include <fmt/format.h>
#include <text_records.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace flashhost::ihex {

namespace {

using namespace text_records;

constexpr std::uint32_t segment_size = 0x10000;

enum class Type : std::uint8_t {
  data = 0,
  end_of_file = 1,
  segment_base = 2,
  segment_start = 3,
  linear_base = 4,
  linear_start = 5,
};

struct Record {
  std::uint16_t offset = 0;
  std::uint8_t type = 0;
  std::span<const std::uint8_t> data;
};

Record decode(const Lines &line, Decoder &decoder) {
  if (line.text().front() != ':') {
    fail_start(line.number(), ':', line.text().front(), "an Intel HEX");
  }
  const auto bytes = decoder.decode(line, {.start = 1, .shortest = 5, .others = 5, .sum = 0});
  return {static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2]), bytes[3],
          bytes.subspan(4, bytes.size() - 5)};
}

// Passes on the data records of a file with their addresses.
template <class Take>
class Reader {
 public:
  // take is called with each record's address, data and line number.
  Reader(StopWatch &watch, const Take &take) : watch_(watch), take_(take) {}

  // Returns the number of the last line.
  std::size_t read(std::span<const std::uint8_t> file) {
    Lines line(file);
    Decoder decoder;
    bool ended = false;
    while (line.next()) {
      watch_.step();
      if (line.text().empty()) continue;
      if (ended) fail_more(line.number(), "end-of-file record");
      ended = take(decode(line, decoder), line.number());
    }
    if (!ended) {
      fail(std::max<std::size_t>(line.number(), 1),
           "the file ends without an end-of-file record (:00000001FF)", cut_off);
    }
    return line.number();
  }

  [[nodiscard]] std::optional<std::uint32_t> entry_point() const { return entry_point_; }

 private:
  // Returns whether it was the end-of-file record.
  bool take(const Record &record, std::size_t line) {
    const auto word = [&](std::size_t i) { return from_big_endian(record.data.subspan(i, 2)); };
    switch (static_cast<Type>(record.type)) {
      case Type::data:
        take_data(record, line);
        return false;
      case Type::end_of_file:
        require_length(record, 0, line);
        return true;
      case Type::segment_base:
        require_length(record, 2, line);
        base_ = word(0) << 4;
        wraps_ = true;
        return false;
      case Type::linear_base:
        require_length(record, 2, line);
        base_ = word(0) << 16;
        wraps_ = false;
        return false;
      case Type::segment_start:
        require_length(record, 4, line);
        entry_point_ = (word(0) << 4) + word(2);
        return false;
      case Type::linear_start:
        require_length(record, 4, line);
        entry_point_ = word(0) << 16 | word(2);
        return false;
    }
    fail(line, fmt::format("unknown record type 0x{:02x}", record.type),
         "Intel HEX has the types 00 to 05.");
  }

  static void require_length(const Record &record, std::size_t length, std::size_t line) {
    if (record.data.size() == length) return;
    fail(line,
         fmt::format("a record of type {:02x} carries {} bytes, this one {}", record.type, length,
                     record.data.size()),
         damaged);
  }

  void take_data(const Record &record, std::size_t line) {
    if (!wraps_) {
      take_(base_ + record.offset, record.data, line);
      return;
    }
    // The offset wraps inside 64 KiB, the base does not move.
    const std::size_t head =
        std::min<std::size_t>(record.data.size(), segment_size - record.offset);
    take_(base_ + record.offset, record.data.first(head), line);
    take_(base_, record.data.subspan(head), line);
  }

  StopWatch &watch_;
  const Take &take_;
  std::uint32_t base_ = 0;
  bool wraps_ = false;
  std::optional<std::uint32_t> entry_point_;
};

}  // namespace

ParsedFile parse(std::span<const std::uint8_t> file, const std::stop_token &stop, Overlap overlap) {
  return parse_with<Reader>(file, stop, overlap);
}

bool starts_with_record(std::span<const std::uint8_t> head) {
  return starts_with(head, [](const Lines &line) {
    Decoder decoder;
    return decode(line, decoder).type <= static_cast<std::uint8_t>(Type::linear_start);
  });
}

}  // namespace flashhost::ihex
