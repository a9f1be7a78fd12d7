#include "ihex.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace flashhost::ihex {

namespace {

constexpr std::uint64_t address_space = std::uint64_t{1} << 32;
constexpr std::uint32_t segment_size = 0x10000;

enum class Type : std::uint8_t {
  data = 0,
  end_of_file = 1,
  segment_base = 2,
  segment_start = 3,
  linear_base = 4,
  linear_start = 5,
};

[[noreturn]] void fail(std::size_t line, const std::string &reason, std::string hint = {}) {
  throw Error(Errc::image, fmt::format("line {}: {}", line, reason), std::move(hint));
}

constexpr const char *damaged =
    "The file was damaged, cut off or edited by hand: build or copy it again.";

bool is_blank(std::uint8_t byte) {
  return byte == ' ' || byte == '\t';
}
bool is_line_end(std::uint8_t byte) {
  return byte == '\r' || byte == '\n';
}

std::string show_byte(std::uint8_t byte) {
  if (byte > ' ' && byte < 0x7F) return fmt::format("'{}'", static_cast<char>(byte));
  return fmt::format("byte 0x{:02x}", byte);
}

// Returns one line after the other, without its end and the white space around it.
class Lines {
 public:
  explicit Lines(std::span<const std::uint8_t> rest) : rest_(rest) {}

  bool next() {
    if (rest_.empty()) return false;
    const auto *const end = std::find_if(rest_.data(), rest_.data() + rest_.size(), is_line_end);
    auto length = static_cast<std::size_t>(end - rest_.data());
    text_ = rest_.first(length);
    if (length < rest_.size()) {
      const bool two =
          rest_[length] == '\r' && length + 1 < rest_.size() && rest_[length + 1] == '\n';
      length += two ? 2 : 1;
    }
    rest_ = rest_.subspan(length);
    ++number_;
    column_ = 1;
    while (!text_.empty() && is_blank(text_.front())) {
      text_ = text_.subspan(1);
      ++column_;
    }
    while (!text_.empty() && is_blank(text_.back())) text_ = text_.first(text_.size() - 1);
    return true;
  }

  [[nodiscard]] std::span<const std::uint8_t> text() const { return text_; }
  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] std::size_t column() const { return column_; }  // of the first byte of text

 private:
  std::span<const std::uint8_t> rest_;
  std::span<const std::uint8_t> text_;
  std::size_t number_ = 0;
  std::size_t column_ = 1;
};

struct Record {
  std::uint16_t offset = 0;
  std::uint8_t type = 0;
  std::span<const std::uint8_t> data;
};

int digit(std::uint8_t character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

// Decodes records; the data of a record is valid until the next one is decoded.
class Decoder {
 public:
  Record decode(const Lines &line) {
    const auto text = line.text();
    if (text.front() != ':') {
      fail(line.number(),
           fmt::format("a record starts with ':', this line with {}", show_byte(text.front())),
           "Is this an Intel HEX file? If not, name its format in the board file.");
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (digit(text[i]) < 0) {
        fail(line.number(),
             fmt::format("{} in column {} is not a hexadecimal digit", show_byte(text[i]),
                         line.column() + i),
             damaged);
      }
    }
    const std::size_t digits = text.size() - 1;
    if (digits < 10) {
      fail(line.number(), fmt::format("the record has {} digits, the shortest has 10", digits),
           damaged);
    }
    const std::size_t length = byte_at(text, 0);
    const std::size_t expected = 2 * (length + 5);
    if (digits != expected) {
      fail(line.number(),
           fmt::format("the record has {} digits, but its length byte 0x{:02x} makes it {}", digits,
                       length, expected),
           damaged);
    }
    std::uint8_t sum = 0;
    for (std::size_t i = 0; i < length + 5; ++i) {
      bytes_[i] = byte_at(text, i);
      sum = static_cast<std::uint8_t>(sum + bytes_[i]);
    }
    if (sum != 0) {
      const std::uint8_t found = bytes_[length + 4];
      fail(line.number(),
           fmt::format("checksum is 0x{:02x}, the record's bytes make it 0x{:02x}", found,
                       static_cast<std::uint8_t>(found - sum)),
           damaged);
    }
    return {static_cast<std::uint16_t>(bytes_[1] << 8 | bytes_[2]), bytes_[3],
            std::span(bytes_).subspan(4, length)};
  }

 private:
  static std::uint8_t byte_at(std::span<const std::uint8_t> text, std::size_t index) {
    return static_cast<std::uint8_t>(digit(text[1 + 2 * index]) << 4 | digit(text[2 + 2 * index]));
  }

  std::array<std::uint8_t, 260> bytes_{};
};

// Checks once in some thousand steps whether the user wants to stop.
class StopWatch {
 public:
  explicit StopWatch(const std::stop_token &stop) : stop_(stop) {}
  void step() {
    constexpr unsigned steps_between_looks = 1024;
    if (++steps_ % steps_between_looks != 0 || !stop_.stop_requested()) return;
    throw Error(Errc::interrupted, "interrupted").see(Cause::interrupted);
  }

 private:
  const std::stop_token &stop_;
  unsigned steps_ = 0;
};

// Bytes that follow each other in the file and in memory.
struct Run {
  std::uint32_t address;
  std::uint32_t size;
  std::size_t offset;  // into the pool of all bytes

  [[nodiscard]] std::uint64_t end() const { return std::uint64_t{address} + size; }
};

class Assembler {
 public:
  Assembler(std::size_t most_bytes, StopWatch &watch) : watch_(watch) { pool_.reserve(most_bytes); }

  void add(std::uint32_t address, std::span<const std::uint8_t> data) {
    if (data.empty()) return;
    if (runs_.empty() || runs_.back().end() != address) {
      runs_.push_back({address, 0, pool_.size()});
    }
    runs_.back().size += static_cast<std::uint32_t>(data.size());
    pool_.insert(pool_.end(), data.begin(), data.end());
  }

  // Sorts by address, which the functions below need. Returns the number of segments.
  std::size_t sort() {
    const auto before = [this](const Run &a, const Run &b) {
      watch_.step();
      return std::tie(a.address, a.offset) < std::tie(b.address, b.offset);
    };
    if (!std::is_sorted(runs_.begin(), runs_.end(), before)) {
      std::sort(runs_.begin(), runs_.end(), before);
    }
    std::size_t count = 0;
    for (auto run = runs_.begin(); run != runs_.end(); run = after_segment(run).first) ++count;
    return count;
  }

  std::vector<Segment> segments(std::size_t count) {
    std::vector<Segment> result;
    result.reserve(count);
    for (auto run = runs_.begin(); run != runs_.end();) {
      const auto [last, end] = after_segment(run);
      result.push_back({run->address, {}});
      result.back().data.reserve(static_cast<std::size_t>(end - run->address));
      for (; run != last; ++run) join(result.back(), *run);
    }
    return result;
  }

  // Call segments first. The lowest address that was given two different bytes.
  [[nodiscard]] std::optional<std::uint32_t> contradiction() const { return contradiction_; }

 private:
  using Runs = std::deque<Run>;  // grows without a second copy

  // The first run after the segment that begins with this run, and the segment's end.
  std::pair<Runs::iterator, std::uint64_t> after_segment(Runs::iterator run) {
    std::uint64_t end = run->end();
    for (++run; run != runs_.end() && run->address <= end; ++run) {
      watch_.step();
      end = std::max(end, run->end());
    }
    watch_.step();
    return {run, end};
  }

  void join(Segment &segment, const Run &run) {
    const auto data = std::span(pool_).subspan(run.offset, run.size);
    const std::size_t start = run.address - segment.address;
    const std::size_t known = std::min<std::size_t>(run.size, segment.data.size() - start);
    for (std::size_t i = 0; i < known; ++i) {
      if (segment.data[start + i] == data[i]) continue;
      const auto address = static_cast<std::uint32_t>(run.address + i);
      contradiction_ = std::min(contradiction_.value_or(address), address);
      break;
    }
    const auto fresh = data.subspan(known);
    segment.data.insert(segment.data.end(), fresh.begin(), fresh.end());
  }

  StopWatch &watch_;
  Bytes pool_;
  Runs runs_;
  std::optional<std::uint32_t> contradiction_;
};

// Passes on the data records of a file with their addresses.
class Reader {
 public:
  using Take =
      std::function<void(std::uint32_t address, std::span<const std::uint8_t> data, std::size_t)>;

  // take is called with each record's address, data and line number.
  Reader(StopWatch &watch, Take take) : watch_(watch), take_(std::move(take)) {}

  // Returns the number of the last line.
  std::size_t read(std::span<const std::uint8_t> file) {
    Lines line(file);
    Decoder decoder;
    bool ended = false;
    while (line.next()) {
      watch_.step();
      if (line.text().empty()) continue;
      if (ended) {
        fail(line.number(), "there is more after the end-of-file record",
             "Two files were joined by plain concatenation: give them as two [[image]] entries.");
      }
      ended = take(decoder.decode(line), line.number());
    }
    if (!ended) {
      fail(std::max<std::size_t>(line.number(), 1),
           "the file ends without an end-of-file record (:00000001FF)",
           "The file is cut off: build or copy it again.");
    }
    return line.number();
  }

  [[nodiscard]] std::optional<std::uint32_t> entry_point() const { return entry_point_; }

 private:
  // Returns whether it was the end-of-file record.
  bool take(const Record &record, std::size_t line) {
    const auto word = [&](std::size_t i) {
      return static_cast<std::uint32_t>(record.data[i] << 8 | record.data[i + 1]);
    };
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
    if (wraps_) {  // the offset wraps inside 64 KiB, the base does not move
      const std::size_t head =
          std::min<std::size_t>(record.data.size(), segment_size - record.offset);
      take_(base_ + record.offset, record.data.first(head), line);
      take_(base_, record.data.subspan(head), line);
      return;
    }
    const std::uint64_t address = std::uint64_t{base_} + record.offset;
    if (address + record.data.size() > address_space) {
      fail(line, fmt::format("{} bytes at {} reach beyond the 32-bit address space",
                             record.data.size(), hex(static_cast<std::uint32_t>(address))));
    }
    take_(static_cast<std::uint32_t>(address), record.data, line);
  }

  StopWatch &watch_;
  Take take_;
  std::uint32_t base_ = 0;
  bool wraps_ = false;
  std::optional<std::uint32_t> entry_point_;
};

// Reads the file again, to name the lines that give the address different bytes.
[[noreturn]] void fail_contradiction(std::span<const std::uint8_t> file, StopWatch &watch,
                                     std::uint32_t address) {
  std::optional<std::pair<std::uint8_t, std::size_t>> first;
  Reader(watch, [&](std::uint32_t start, std::span<const std::uint8_t> data, std::size_t line) {
    if (address < start || address - start >= data.size()) return;
    const std::uint8_t byte = data[address - start];
    if (!first) first.emplace(byte, line);
    if (byte == first->first) return;
    fail(line,
         fmt::format("byte 0x{:02x} at {} differs from 0x{:02x} given in line {}", byte,
                     hex(address), first->first, first->second),
         "Two parts of the firmware overlap: check the linker script, or which files were merged.");
  }).read(file);
  throw std::logic_error("the contradiction is gone");
}

}  // namespace

ParsedFile parse(std::span<const std::uint8_t> file, const std::stop_token &stop) {
  StopWatch watch(stop);
  Assembler assembler(file.size() / 2, watch);  // a byte takes two digits
  Reader reader(watch, [&](std::uint32_t address, std::span<const std::uint8_t> data,
                           std::size_t /*line*/) { assembler.add(address, data); });
  const std::size_t last_line = reader.read(file);
  const std::size_t count = assembler.sort();
  if (count > max_segments) {
    fail(last_line,
         fmt::format("the data lies in {} separate places; more than {} are refused", count,
                     max_segments),
         "No firmware is so scattered. Was the file made from the right input?");
  }
  ParsedFile result{assembler.segments(count), reader.entry_point()};
  if (const auto address = assembler.contradiction()) fail_contradiction(file, watch, *address);
  return result;
}

bool starts_with_record(std::span<const std::uint8_t> head) {
  Lines line(head);
  while (line.next()) {
    if (line.text().empty()) continue;
    try {
      Decoder decoder;
      return decoder.decode(line).type <= static_cast<std::uint8_t>(Type::linear_start);
    } catch (const Error &) {
      return false;
    }
  }
  return false;
}

}  // namespace flashhost::ihex
