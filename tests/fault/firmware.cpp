#include "firmware.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace flashhost::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t marker_address = 0x20000300;
constexpr std::size_t code_at = 0x100, address_at = 0x10C, marker_at = 0x110;
constexpr std::array<std::uint8_t, 8> vectors = {0x00, 0x10, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08};
constexpr std::array<std::uint8_t, 12> code = {0x02, 0x48,  // ldr r0, [pc, #8]: the address
                                               0x03, 0x49,  // ldr r1, [pc, #12]: the marker
                                               0x01, 0x60,  // str r1, [r0]
                                               0xFE, 0xE7,  // b .
                                               0x00, 0xBF, 0x00, 0xBF};

void put_word(Bytes &bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

Bytes firmware(std::size_t size, std::uint32_t seed, std::uint32_t marker) {
  Bytes bytes = pattern(std::max(size, smallest_firmware), seed);
  std::ranges::copy(vectors, bytes.begin());
  std::ranges::copy(code, bytes.begin() + code_at);
  put_word(bytes, address_at, marker_address);
  put_word(bytes, marker_at, marker);
  return bytes;
}

std::uint32_t marker_after_power_cycle(machine::Target &board) {
  constexpr Nanoseconds start = 20ms;
  board.power_cycle();
  board.advance(start);
  std::uint32_t marker = 0;
  static_cast<void>(board.read(marker_address, 4, marker));
  return marker;
}

bool starts_firmware(const Bytes &flash) {
  return flash.size() >= smallest_firmware &&
         std::equal(vectors.begin(), vectors.end(), flash.begin()) &&
         std::equal(code.begin(), code.end(), flash.begin() + code_at);
}

}  // namespace flashhost::testing
