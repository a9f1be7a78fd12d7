#include "crc_function.hpp"

#include "loaders/table_crc/table_crc.inc"

#include <iterator>

namespace flashhost::flm {

namespace {

// Of the CRC in loader_abi.h: the highest bit first.
std::uint32_t table_entry(std::uint32_t upper_byte) {
  constexpr std::uint32_t polynomial = 0x04C11DB7, highest = 0x80000000;
  std::uint32_t crc = upper_byte << 24;
  for (int bit = 0; bit < 8; ++bit) crc = (crc & highest) != 0 ? crc << 1 ^ polynomial : crc << 1;
  return crc;
}

Bytes make_function() {
  static_assert(table_crc_blob::function == 0);
  static_assert(table_crc_blob::table == std::size(table_crc_blob::code));
  Bytes code(std::begin(table_crc_blob::code), std::end(table_crc_blob::code));
  for (std::uint32_t i = 0; i < 256; ++i) {
    const std::uint32_t entry = table_entry(i);
    for (unsigned byte = 0; byte < 4; ++byte) {
      code.push_back(static_cast<std::uint8_t>(entry >> 8 * byte));
    }
  }
  return code;
}

}  // namespace

const Bytes &crc_function() {
  static const Bytes code = make_function();
  return code;
}

}  // namespace flashhost::flm
