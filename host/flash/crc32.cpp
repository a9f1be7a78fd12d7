#include "crc32.hpp"

#include <boost/crc.hpp>

#include <array>

namespace flashhost {

namespace {

constexpr std::uint32_t polynomial = 0x04C11DB7;
using Crc = boost::crc_optimal<32, polynomial, 0xFFFFFFFF, 0, false, false>;

}  // namespace

std::uint32_t loader_crc(std::span<const std::uint8_t> bytes) {
  Crc crc;
  for (std::size_t i = 0; i + 3 < bytes.size(); i += 4) {
    for (std::size_t k = 4; k-- > 0;) crc.process_byte(bytes[i + k]);
  }
  return crc.checksum();
}

std::uint32_t loader_crc_of_fill(std::uint8_t value, std::uint32_t size) {
  Crc crc;
  std::array<std::uint8_t, 256> block{};
  block.fill(value);
  for (std::uint32_t left = size & ~3U; left > 0;) {
    const std::uint32_t part = left < block.size() ? left : std::uint32_t{block.size()};
    crc.process_bytes(block.data(), part);
    left -= part;
  }
  return crc.checksum();
}

std::array<std::uint32_t, 16> loader_crc_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t nibble = 0; nibble < table.size(); ++nibble) {
    std::uint32_t crc = nibble << 28;
    for (int bit = 0; bit < 4; ++bit) crc = (crc << 1) ^ ((crc >> 31) != 0 ? polynomial : 0);
    table[nibble] = crc;
  }
  return table;
}

}  // namespace flashhost
