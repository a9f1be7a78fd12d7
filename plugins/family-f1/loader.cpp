#include "f1.hpp"
#include "loaders/f1/f1.inc"
#include "registers.hpp"

namespace f1 {

flashhost::LoaderCode loader(const flashhost::Chip &chip) {
  namespace blob = flashhost::f1_blob;
  const bool two_banks = line_of(chip).banks > 1;
  flashhost::LoaderCode loader;
  loader.code = blob::code;
  loader.init = two_banks ? blob::init_xl : blob::init;
  loader.uninit = two_banks ? blob::uninit_xl : blob::uninit;
  loader.erase_sector = blob::erase_sector;
  loader.erase_chip = two_banks ? blob::erase_chip_xl : blob::erase_chip;
  loader.program_page = blob::program_page;
  loader.idle = blob::idle;
  loader.crc = blob::crc;
  // An F101, which its id does not tell from an F103, may run at 36 MHz, an F100 at 24 MHz.
  const bool slowest = line_of(chip).part_names == "STM32F100";
  const SeriesFacts &facts = facts_of(line_of(chip).series);
  loader.clock_hz = slowest ? blob::clock_hz : facts.loader_clock_hz;
  loader.init_clock_hz = slowest ? blob::init_slow : facts.loader_init;
  return loader;
}

}  // namespace f1
