// What formats share whose files are lines of hexadecimal records: Intel HEX and S-records. No
// plugin.
#pragma once

#include <flashhost/assembler.hpp>
#include <flashhost/format.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::text_records {

// Throws Errc::image "line N: reason".
[[noreturn]] void fail(std::size_t line, const std::string &reason, std::string hint = {});

// Hints.
inline constexpr const char *damaged =
    "The file was damaged, cut off or edited by hand: build or copy it again.";
inline constexpr const char *cut_off = "The file is cut off: build or copy it again.";

// Throws Errc::image: the format is told from others by how its records start.
[[noreturn]] void fail_start(std::size_t line, char start, std::uint8_t found,
                             std::string_view format);

// Throws Errc::image: more follows after the record that ends the file.
[[noreturn]] void fail_more(std::size_t line, std::string_view end_record);

// Throws Errc::config: the board file gives an address. carrier: "Intel HEX carries its".
[[noreturn]] void refuse_address(std::string_view carrier);

std::string show_byte(std::uint8_t byte);  // 'x', or byte 0x1b

// Returns one line after the other, without its end (LF, CR LF or CR) and the white space around
// it.
class Lines {
 public:
  explicit Lines(std::span<const std::uint8_t> file)
      : file_(file), line_feed_(find('\n')), carriage_return_(find('\r')) {}

  bool next();

  [[nodiscard]] std::span<const std::uint8_t> text() const { return text_; }
  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] std::size_t column() const { return column_; }  // of the first byte of text

 private:
  [[nodiscard]] std::size_t find(std::uint8_t byte) const;

  std::span<const std::uint8_t> file_;
  std::span<const std::uint8_t> text_;
  std::size_t at_ = 0;     // where the next line begins
  std::size_t line_feed_;  // the next of each
  std::size_t carriage_return_;
  std::size_t number_ = 0;
  std::size_t column_ = 1;
};

// A record is some characters that tell its type, and bytes in hexadecimal: first the length,
// last the checksum.
struct Layout {
  std::size_t start = 0;     // characters before the first digit
  std::size_t shortest = 0;  // bytes
  std::size_t others = 0;    // bytes that the length does not count, itself included
  std::uint8_t sum = 0;      // of all bytes, modulo 256
};

// Decodes records; what decode returns is valid until it is called again.
class Decoder {
 public:
  // The bytes of the record, length and checksum included. Throws Errc::image for anything but
  // digits, a wrong length, a wrong checksum.
  std::span<const std::uint8_t> decode(const Lines &line, const Layout &layout);

 private:
  static constexpr std::size_t most_bytes = 260;  // Intel HEX: 5 and 255 of data

  std::array<std::uint8_t, most_bytes> bytes_{};
};

// Whether the first line that is not blank passes: decode(line) returns that, or throws Error.
template <class Decode>
[[nodiscard]] bool starts_with(std::span<const std::uint8_t> head, const Decode &decode) {
  Lines line(head);
  while (line.next()) {
    if (line.text().empty()) continue;
    try {
      return decode(line);
    } catch (const Error &) {
      return false;
    }
  }
  return false;
}

// The data of a file of so many bytes. read(take) reads it: it calls take(address, data, line) for
// each piece of data and returns the number of the last line. It is called again if the file
// contradicts itself, to name the lines. Throws Errc::image and Errc::interrupted.
template <class Read>
[[nodiscard]] std::vector<Segment> assemble(Overlap overlap, StopWatch &watch, std::size_t size,
                                            const Read &read) {
  Assembler assembler(overlap, watch, size / 2);  // two digits a byte
  const std::size_t last_line =
      read([&](std::uint32_t address, std::span<const std::uint8_t> data, std::size_t line) {
        try {
          assembler.add(address, data);
        } catch (const Error &error) {
          throw error.in(fmt::format("line {}", line));
        }
      });
  Assembler::Result result = assembler.finish(fmt::format("line {}", last_line));
  if (!result.contradiction) return std::move(result.segments);
  ContradictionFinder finder(*result.contradiction);
  read([&](std::uint32_t address, std::span<const std::uint8_t> data, std::size_t line) {
    if (const auto found = finder.look(address, data, line)) {
      throw contradiction_error(*found, "line");
    }
  });
  throw std::logic_error("the contradiction is gone");
}

// The content of a file. Reader<Take>(watch, take) has read(file), as assemble wants it, and
// entry_point().
template <template <class> class Reader>
[[nodiscard]] ParsedFile parse_with(std::span<const std::uint8_t> file, const std::stop_token &stop,
                                    Overlap overlap) {
  StopWatch watch(stop);
  ParsedFile result;
  result.segments = assemble(overlap, watch, file.size(), [&]<class Take>(const Take &take) {
    Reader<Take> reader(watch, take);
    const std::size_t last_line = reader.read(file);
    result.entry_point = reader.entry_point();
    return last_line;
  });
  return result;
}

// Appends a record: start, the bytes and a checksum that makes their sum this one, a line end.
void append_record(Bytes &file, std::string_view start, std::span<const std::uint8_t> bytes,
                   std::uint8_t sum);

// The last `size` bytes of the value, the highest first.
[[nodiscard]] Bytes big_endian(std::uint32_t value, std::size_t size);
[[nodiscard]] std::uint32_t from_big_endian(std::span<const std::uint8_t> bytes);

// Calls take(address, data) for each line of data: at most 16 bytes, none across a multiple of 16.
template <class Take>
void for_each_line(const ParsedFile &content, const Take &take) {
  constexpr std::uint32_t line_bytes = 16;
  for (const Segment &segment : content.segments) {
    const std::span<const std::uint8_t> bytes(segment.data);
    for (std::size_t at = 0; at < bytes.size();) {
      const auto address = static_cast<std::uint32_t>(segment.address + at);
      const auto size = std::min<std::size_t>(line_bytes - address % line_bytes, bytes.size() - at);
      take(address, bytes.subspan(at, size));
      at += size;
    }
  }
}

}  // namespace flashhost::text_records
