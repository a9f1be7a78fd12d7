#include "flm_calls.hpp"

#include <iterator>

namespace flashhost::flm {

namespace {

void put(Bytes &code, std::uint32_t at, std::uint32_t word) {
  for (unsigned byte = 0; byte < 4; ++byte) {
    code.at(at + byte) = static_cast<std::uint8_t>(word >> 8 * byte);
  }
}

void add(Bytes &code, std::uint32_t word) {
  code.resize(code.size() + 4);
  put(code, static_cast<std::uint32_t>(code.size() - 4), word);
}

}  // namespace

Bytes calls_code(const Algorithm &algorithm, std::int32_t erase_sector) {
  namespace blob = flm_calls_blob;
  constexpr std::uint32_t thumb = 1, end_of_memory = 0xFFFFFFFF;
  static_assert(blob::table == std::size(blob::code));
  Bytes code(std::begin(blob::code), std::end(blob::code));
  const FlashDevice &device = algorithm.file.device;
  if (has_small_sectors(device)) {
    put(code, blob::erase_sector_word,
        (static_cast<std::uint32_t>(erase_sector) - blob::anchor) | thumb);
    put(code, blob::page_size_word, device.page_size);
    for (const SectorRun &run : device.sectors) {
      const bool last = &run == &device.sectors.back();
      add(code, last ? end_of_memory : device.range.address + run.offset + run.size * run.count);
      add(code, run.size);
    }
  }
  if (algorithm.watchdog) {
    put(code, blob::feed_address_word, algorithm.watchdog->address);
    put(code, blob::feed_value_word, algorithm.watchdog->value);
  }
  return code;
}

}  // namespace flashhost::flm
