// A request as it is taken apart, and the answer as it grows. Real firmware checks neither length:
// here reading and writing over the end does no harm, and is remembered.
#pragma once

#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace virtual_cmsisdap {

using flashhost::Bytes;

class Request {
 public:
  explicit Request(std::span<const std::uint8_t> data) : data_(data) {}

  [[nodiscard]] std::uint8_t u8() {
    if (at_ < data_.size()) return data_[at_++];
    overran_ = true;
    return 0;
  }
  [[nodiscard]] std::uint16_t u16() {
    const unsigned low = u8();
    return static_cast<std::uint16_t>(low | unsigned{u8()} << 8);
  }
  [[nodiscard]] std::uint32_t u32() {
    const std::uint32_t low = u16();
    return low | std::uint32_t{u16()} << 16;
  }
  [[nodiscard]] Bytes bytes(std::size_t count) {
    Bytes result(count);
    for (std::uint8_t &byte : result) byte = u8();
    return result;
  }
  void skip(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) static_cast<void>(u8());
  }
  [[nodiscard]] bool overran() const { return overran_; }

 private:
  std::span<const std::uint8_t> data_;
  std::size_t at_ = 0;
  bool overran_ = false;
};

class Response {
 public:
  explicit Response(std::size_t limit) : limit_(limit) {}

  void u8(std::uint8_t value) {
    if (bytes_.size() < limit_) {
      bytes_.push_back(value);
    } else {
      overran_ = true;
    }
  }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value));
    u8(static_cast<std::uint8_t>(value >> 8));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value));
    u16(static_cast<std::uint16_t>(value >> 16));
  }
  // A place for what is known only later.
  [[nodiscard]] std::size_t reserve(std::size_t count) {
    const std::size_t place = bytes_.size();
    for (std::size_t i = 0; i < count; ++i) u8(0);
    return place;
  }
  void set(std::size_t place, std::uint8_t value) {
    if (place < bytes_.size()) bytes_[place] = value;
  }
  [[nodiscard]] bool overran() const { return overran_; }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  std::size_t limit_;
  Bytes bytes_;
  bool overran_ = false;
};

}  // namespace virtual_cmsisdap
