#include "crc32.hpp"

#include <boost/crc.hpp>

#include <array>

namespace flashhost {

namespace {

using Crc = boost::crc_optimal<32, 0x04C11DB7, 0xFFFFFFFF, 0, false, false>;

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

}  // namespace flashhost
