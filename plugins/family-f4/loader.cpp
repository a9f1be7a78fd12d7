#include "f4.hpp"
#include "loaders/f4/f4.inc"
#include "stm32-common/identity.hpp"

namespace f4 {

flashhost::LoaderCode loader(const Chip &chip) {
  namespace blob = flashhost::f4_blob;
  constexpr std::uint32_t mib = 1024 * stm32::kib;
  const Parallelism parallelism{static_cast<std::uint8_t>(chip.program_unit)};
  flashhost::LoaderCode loader;
  loader.code = blob::code;
  loader.init = parallelism == Parallelism::x8    ? blob::init_x8
                : parallelism == Parallelism::x16 ? blob::init_x16
                                                  : blob::init_x32;
  loader.uninit = blob::uninit;
  loader.erase_sector = !two_banks(chip)         ? blob::erase_sector
                        : bank_size(chip) == mib ? blob::erase_sector_2m
                                                 : blob::erase_sector_dual;
  loader.erase_chip = two_banks(chip) ? blob::erase_chip_dual : blob::erase_chip;
  loader.program_page = blob::program_page;
  loader.idle = blob::idle;
  loader.crc = blob::crc;
  loader.clock_hz = blob::clock_hz;
  return loader;
}

}  // namespace f4
