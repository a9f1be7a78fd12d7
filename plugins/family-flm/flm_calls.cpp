#include "flm_calls.hpp"

#include <iterator>

namespace flashhost::flm {

namespace {

void put(Bytes &code, std::uint32_t at, std::uint32_t word) {
  for (unsigned byte = 0; byte < 4; ++byte) {
    code.at(at + byte) = static_cast<std::uint8_t>(word >> 8 * byte);
  }
}

}  // namespace

Bytes calls_code(const Algorithm &algorithm, std::int32_t erase_sector) {
  namespace blob = flm_calls_blob;
  constexpr std::uint32_t thumb = 1;
  Bytes code(std::begin(blob::code), std::end(blob::code));
  if (const auto size = small_sector(algorithm.file.device)) {
    put(code, blob::erase_sector_word,
        (static_cast<std::uint32_t>(erase_sector) - blob::anchor) | thumb);
    put(code, blob::page_size_word, algorithm.file.device.page_size);
    put(code, blob::sector_size_word, *size);
  }
  if (algorithm.watchdog) {
    put(code, blob::feed_address_word, algorithm.watchdog->address);
    put(code, blob::feed_value_word, algorithm.watchdog->value);
  }
  return code;
}

}  // namespace flashhost::flm
