#include "ihex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace flashhost::ihex {

namespace {

constexpr std::uint32_t line_bytes = 16;
enum class Type : std::uint8_t { data = 0, end_of_file = 1, linear_base = 4, linear_start = 5 };

class Writer {
 public:
  void data(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    const auto high = static_cast<std::uint16_t>(address >> 16);
    if (high != base_) record(Type::linear_base, 0, big_endian<2>(high));
    base_ = high;
    record(Type::data, static_cast<std::uint16_t>(address), bytes);
  }
  void entry_point(std::uint32_t address) { record(Type::linear_start, 0, big_endian<4>(address)); }
  Bytes end() {
    record(Type::end_of_file, 0, {});
    return std::move(file_);
  }

 private:
  template <std::size_t Size>
  static Bytes big_endian(std::uint32_t value) {
    Bytes bytes(Size);
    for (std::size_t i = 0; i < Size; ++i) {
      bytes[i] = static_cast<std::uint8_t>(value >> (8 * (Size - 1 - i)));
    }
    return bytes;
  }

  void record(Type type, std::uint16_t offset, std::span<const std::uint8_t> data) {
    file_.push_back(':');
    std::uint8_t sum = 0;
    const auto put = [&](std::uint8_t byte) {
      fmt::format_to(std::back_inserter(file_), "{:02X}", byte);
      sum = static_cast<std::uint8_t>(sum + byte);
    };
    put(static_cast<std::uint8_t>(data.size()));
    put(static_cast<std::uint8_t>(offset >> 8));
    put(static_cast<std::uint8_t>(offset));
    put(static_cast<std::uint8_t>(type));
    for (const std::uint8_t byte : data) put(byte);
    put(static_cast<std::uint8_t>(-sum));
    file_.push_back('\n');
  }

  Bytes file_;
  std::uint16_t base_ = 0;  // the base with which a reader starts
};

}  // namespace

Bytes write(const ParsedFile &content) {
  Writer writer;
  for (const Segment &segment : content.segments) {
    const std::span<const std::uint8_t> bytes(segment.data);
    for (std::uint32_t at = 0; at < bytes.size();) {
      const std::uint32_t address = segment.address + at;
      const std::size_t size =
          std::min<std::size_t>(line_bytes - address % line_bytes, bytes.size() - at);
      writer.data(address, bytes.subspan(at, size));
      at += static_cast<std::uint32_t>(size);
    }
  }
  if (content.entry_point) writer.entry_point(*content.entry_point);
  return writer.end();
}

}  // namespace flashhost::ihex
