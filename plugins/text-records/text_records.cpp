#include "text_records.hpp"

#include <flashhost/error.hpp>

#include <cstring>
#include <utility>

namespace flashhost::text_records {

namespace {

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  for (auto &digit : digits) digit = no_digit;
  for (std::uint8_t i = 0; i < 10; ++i) digits['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    digits['A' + i] = digits['a' + i] = static_cast<std::uint8_t>(10 + i);
  }
  return digits;
}

constexpr std::array<std::uint8_t, 256> digits = make_digits();

// Both digits of a byte are looked up at once, which is most of the time that a large file takes.
constexpr std::uint16_t no_byte = 0x100;

constexpr std::size_t pair(std::uint8_t high, std::uint8_t low) {
  return high | std::size_t{low} << 8;
}

std::array<std::uint16_t, 65536> make_pairs() {
  std::array<std::uint16_t, 65536> pairs{};
  pairs.fill(no_byte);
  constexpr std::string_view all = "0123456789ABCDEFabcdef";
  for (const char high : all) {
    for (const char low : all) {
      const auto first = static_cast<std::uint8_t>(high), second = static_cast<std::uint8_t>(low);
      pairs[pair(first, second)] = static_cast<std::uint16_t>(digits[first] << 4 | digits[second]);
    }
  }
  return pairs;
}

bool is_blank(std::uint8_t byte) {
  return byte == ' ' || byte == '\t';
}

[[noreturn]] void fail_digits(const Lines &line, const Layout &layout) {
  const auto text = line.text();
  for (std::size_t i = layout.start; i < text.size(); ++i) {
    if (digits[text[i]] != no_digit) continue;
    fail(line.number(),
         fmt::format("{} in column {} is not a hexadecimal digit", show_byte(text[i]),
                     line.column() + i),
         damaged);
  }
  const std::size_t count = text.size() - layout.start;
  if (count < 2 * layout.shortest) {
    fail(line.number(),
         fmt::format("the record has {} digits, the shortest has {}", count, 2 * layout.shortest),
         damaged);
  }
  const int length = digits[text[layout.start]] << 4 | digits[text[layout.start + 1]];
  fail(line.number(),
       fmt::format("the record has {} digits, but its length byte 0x{:02x} makes it {}", count,
                   length, 2 * (static_cast<std::size_t>(length) + layout.others)),
       damaged);
}

}  // namespace

void fail(std::size_t line, const std::string &reason, std::string hint) {
  throw Error(Errc::image, fmt::format("line {}: {}", line, reason), std::move(hint));
}

void fail_start(std::size_t line, char start, std::uint8_t found, std::string_view format) {
  fail(line, fmt::format("a record starts with '{}', this line with {}", start, show_byte(found)),
       fmt::format(
           "Is this {} file? If not, name its format: --format, or image.format in the board file.",
           format));
}

void fail_more(std::size_t line, std::string_view end_record) {
  fail(line, fmt::format("there is more after the {}", end_record),
       "Two files were joined by plain concatenation: give them as two [[image]] entries.");
}

void refuse_address(std::string_view carrier) {
  throw Error(Errc::config, fmt::format("an address is given, but {} own addresses", carrier),
              "Remove address from this [[image]], or set format = \"bin\" if the file is a raw "
              "binary.");
}

std::string show_byte(std::uint8_t byte) {
  if (byte > ' ' && byte < 0x7F) return fmt::format("'{}'", static_cast<char>(byte));
  return fmt::format("byte 0x{:02x}", byte);
}

std::size_t Lines::find(std::uint8_t byte) const {
  if (at_ == file_.size()) return file_.size();
  const void *const found = std::memchr(file_.data() + at_, byte, file_.size() - at_);
  if (found == nullptr) return file_.size();
  return static_cast<std::size_t>(static_cast<const std::uint8_t *>(found) - file_.data());
}

// Each kind of line end is searched for from the last one on: linear, also where there is no CR.
bool Lines::next() {
  if (at_ == file_.size()) return false;
  if (line_feed_ < at_) line_feed_ = find('\n');
  if (carriage_return_ < at_) carriage_return_ = find('\r');
  const std::size_t end = std::min(line_feed_, carriage_return_);
  text_ = file_.subspan(at_, end - at_);
  at_ = end;
  if (at_ < file_.size()) ++at_;
  if (end == carriage_return_ && at_ == line_feed_ && at_ < file_.size()) ++at_;
  ++number_;
  column_ = 1;
  while (!text_.empty() && is_blank(text_.front())) {
    text_ = text_.subspan(1);
    ++column_;
  }
  while (!text_.empty() && is_blank(text_.back())) text_ = text_.first(text_.size() - 1);
  return true;
}

std::span<const std::uint8_t> Decoder::decode(const Lines &line, const Layout &layout) {
  const auto text = line.text().subspan(layout.start);
  const std::size_t count = text.size() / 2;
  if (text.size() % 2 != 0 || count < layout.shortest || count > most_bytes) {
    fail_digits(line, layout);
  }
  static const std::array<std::uint16_t, 65536> pairs = make_pairs();
  unsigned all = 0;
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned byte = pairs[pair(text[2 * i], text[2 * i + 1])];
    all |= byte;
    bytes_[i] = static_cast<std::uint8_t>(byte);
    sum = static_cast<std::uint8_t>(sum + byte);
  }
  if ((all & no_byte) != 0 || count != bytes_[0] + layout.others) fail_digits(line, layout);
  if (sum != layout.sum) {
    const std::uint8_t found = bytes_[count - 1];
    fail(line.number(),
         fmt::format("checksum is 0x{:02x}, the record's bytes make it 0x{:02x}", found,
                     static_cast<std::uint8_t>(found - sum + layout.sum)),
         damaged);
  }
  return std::span(bytes_).first(count);
}

void append_record(Bytes &file, std::string_view start, std::span<const std::uint8_t> bytes,
                   std::uint8_t sum) {
  constexpr std::string_view upper = "0123456789ABCDEF";
  const auto put = [&](std::uint8_t byte) {
    file.push_back(static_cast<std::uint8_t>(upper[byte >> 4]));
    file.push_back(static_cast<std::uint8_t>(upper[byte & 0xF]));
    sum = static_cast<std::uint8_t>(sum - byte);
  };
  file.insert(file.end(), start.begin(), start.end());
  for (const std::uint8_t byte : bytes) put(byte);
  put(sum);
  file.push_back('\n');
}

Bytes big_endian(std::uint32_t value, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
  }
  return bytes;
}

std::uint32_t from_big_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace flashhost::text_records
