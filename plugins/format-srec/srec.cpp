#include "srec.hpp"

#include <fmt/format.h>
#include <text_records.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace flashhost::srec {

namespace {

using namespace text_records;

struct Record {
  char type = '0';
  std::uint32_t address = 0;  // or what the record has in its place
  std::span<const std::uint8_t> data;
};

// Bytes of the address, by type.
constexpr std::array<std::size_t, 10> address_sizes{2, 2, 3, 4, 0, 2, 3, 4, 3, 2};

Record decode(const Lines &line, Decoder &decoder) {
  const auto text = line.text();
  if (text.front() != 'S' && text.front() != 's') {
    fail_start(line.number(), 'S', text.front(), "a Motorola S-record");
  }
  if (text.size() < 2) fail(line.number(), "the record ends after its 'S'", damaged);
  if (text[1] < '0' || text[1] > '9') {
    fail(line.number(), fmt::format("unknown record type {}", show_byte(text[1])),
         "S-records have the types S0 to S9.");
  }
  if (text[1] == '4') {
    fail(line.number(), "a record of type S4 has no defined meaning",
         "The type is reserved. Ask the tool that made the file for plain S-records.");
  }
  const std::size_t address_size = address_sizes[text[1] - '0'];
  const auto bytes =
      decoder.decode(line, {.start = 2, .shortest = address_size + 2, .others = 1, .sum = 0xFF});
  return {static_cast<char>(text[1]), from_big_endian(bytes.subspan(1, address_size)),
          bytes.subspan(1 + address_size, bytes.size() - address_size - 2)};
}

// Passes on the data records of a file.
template <class Take>
class Reader {
 public:
  // take is called with each record's address, data and line number.
  Reader(StopWatch &watch, const Take &take) : watch_(watch), take_(take) {}

  // Returns the number of the last line.
  std::size_t read(std::span<const std::uint8_t> file) {
    Lines line(file);
    Decoder decoder;
    while (line.next()) {
      watch_.step();
      if (line.text().empty()) continue;
      if (end_ == End::marked) fail_more(line.number(), "record that ends the file (S7, S8 or S9)");
      take(decode(line, decoder), line.number());
    }
    if (end_ == End::open) {
      fail(std::max<std::size_t>(line.number(), 1),
           "the file ends without a record that says so (S7, S8 or S9)", cut_off);
    }
    return line.number();
  }

  [[nodiscard]] std::optional<std::uint32_t> entry_point() const { return entry_point_; }

 private:
  // What is known of the file's end after a record.
  enum class End : std::uint8_t {
    open,
    counted,  // the number of data records has been right: nothing is missing if nothing follows
    marked,
  };

  void take(const Record &record, std::size_t line) {
    switch (record.type) {
      case '1':
      case '2':
      case '3':
        ++data_records_;
        end_ = End::open;
        take_(record.address, record.data, line);
        return;
      case '5':
        check_count(record, 0xFFFF, line);
        return;
      case '6':
        check_count(record, 0xFFFFFF, line);
        return;
      case '7':
      case '8':
      case '9':
        require_no_data(record, line);
        if (record.address != 0) entry_point_ = record.address;
        end_ = End::marked;
        return;
      default:  // S0, a title
        end_ = End::open;
    }
  }

  // A number that has no room in the record is there modulo 2^16 or 2^24.
  void check_count(const Record &record, std::uint32_t largest, std::size_t line) {
    require_no_data(record, line);
    if (record.address != (data_records_ & largest)) {
      fail(line,
           fmt::format("the file says that it has {} data records up to here, but it has {}",
                       record.address, data_records_),
           "Records were lost or added: build or copy the file again.");
    }
    end_ = End::counted;
  }

  static void require_no_data(const Record &record, std::size_t line) {
    if (record.data.empty()) return;
    fail(line,
         fmt::format("a record of type S{} carries 0 bytes of data, this one {}", record.type,
                     record.data.size()),
         damaged);
  }

  StopWatch &watch_;
  const Take &take_;
  std::uint64_t data_records_ = 0;
  End end_ = End::open;
  std::optional<std::uint32_t> entry_point_;
};

}  // namespace

ParsedFile parse(std::span<const std::uint8_t> file, const std::stop_token &stop, Overlap overlap) {
  return parse_with<Reader>(file, stop, overlap);
}

bool starts_with_record(std::span<const std::uint8_t> head) {
  return starts_with(head, [](const Lines &line) {
    Decoder decoder;
    static_cast<void>(decode(line, decoder));
    return true;
  });
}

}  // namespace flashhost::srec
