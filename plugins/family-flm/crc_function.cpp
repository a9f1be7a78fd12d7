#include "crc_function.hpp"

#include "loaders/sliced_crc/sliced_crc.inc"
#include "loaders/table_crc/table_crc.inc"
#include "loaders/wide_crc/wide_crc.inc"

#include <flashhost/loader_abi.h>

#include <bit>
#include <iterator>
#include <utility>

namespace flashhost::flm {

namespace {

// The CRC in loader_abi.h, the highest bit first, on by so many bits of zeros.
std::uint32_t advanced(std::uint32_t crc, std::uint32_t bits) {
  constexpr std::uint32_t polynomial = 0x04C11DB7, highest = 0x80000000;
  for (; bits > 0; --bits) crc = (crc & highest) != 0 ? crc << 1 ^ polynomial : crc << 1;
  return crc;
}

void append(Bytes &code, std::uint32_t word) {
  for (unsigned byte = 0; byte < 4; ++byte) {
    code.push_back(static_cast<std::uint8_t>(word >> 8 * byte));
  }
}

// What each value of a word's byte `number`, the lowest being 0, adds to the CRC behind that word.
void append_bytes(Bytes &code, std::uint32_t number) {
  for (std::uint32_t value = 0; value < 256; ++value) {
    append(code, advanced(value << 8 * number, 32));
  }
}

// What the four bits `number` of a CRC, the lowest being 0, add to it by so many blank words; the
// first also have what these words add.
void append_jump(Bytes &code, std::uint32_t number, std::uint32_t words) {
  std::uint32_t added = 0;
  for (std::uint32_t i = 0; i < words && number == 0; ++i) added = advanced(~added, 32);
  for (std::uint32_t value = 0; value < 16; ++value) {
    append(code, added ^ advanced(value << 4 * number, 32 * words));
  }
}

Bytes make_table_crc() {
  static_assert(table_crc_blob::function == 0);
  static_assert(table_crc_blob::table == std::size(table_crc_blob::code));
  Bytes code(std::begin(table_crc_blob::code), std::end(table_crc_blob::code));
  append_bytes(code, 0);
  return code;
}

Bytes make_sliced_crc() {
  static_assert(sliced_crc_blob::function == 0);
  static_assert(sliced_crc_blob::jump == std::size(sliced_crc_blob::code));
  Bytes code(std::begin(sliced_crc_blob::code), std::end(sliced_crc_blob::code));
  for (std::uint32_t number = 0; number < 8; ++number) append_jump(code, number, FH_CRC_CHUNK);
  for (std::uint32_t number = 0; number < 4; ++number) append_bytes(code, number);
  return code;
}

Bytes make_wide_crc() {
  static_assert(wide_crc_blob::function == 0);
  static_assert(wide_crc_blob::jump == std::size(wide_crc_blob::code));
  Bytes code(std::begin(wide_crc_blob::code), std::end(wide_crc_blob::code));
  for (std::uint32_t number = 0; number < 8; ++number) append_jump(code, number, FH_CRC_CHUNK);
  for (std::uint32_t bit = 0; bit < 32; ++bit) append(code, advanced(1U << bit, 32));
  std::uint32_t sum = 0;
  for (const auto &[bits, shift] : {std::pair{11, 0}, std::pair{11, 11}, std::pair{10, 22}}) {
    for (std::uint32_t value = 0; value < 1U << bits; ++value) {
      sum = std::rotr(sum, 1) + advanced(value << shift, 32);
    }
  }
  append(code, sum);
  return code;
}

}  // namespace

const CrcCode &table_crc() {
  static const CrcCode code{make_table_crc()};
  return code;
}

const CrcCode &sliced_crc() {
  static const CrcCode code{make_sliced_crc()};
  return code;
}

const CrcCode &wide_crc() {
  constexpr std::uint32_t entries = 2048 + 2048 + 1024;
  static const CrcCode code{make_wide_crc(), 4 * entries};
  return code;
}

void place_tables(Bytes &loader, std::uint32_t function, std::uint32_t tables) {
  const std::uint32_t distance = tables - function;
  for (unsigned byte = 0; byte < 4; ++byte) {
    loader.at(function + wide_crc_blob::tables_word + byte) =
        static_cast<std::uint8_t>(distance >> 8 * byte);
  }
}

}  // namespace flashhost::flm
