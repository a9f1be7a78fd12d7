// What the parser of flash algorithms accepts keeps its promises: entries inside the image, sectors
// that tile the device.
#include "check.hpp"

#include <family-flm/flm_file.hpp>
#include <family-flm/sectors.hpp>
#include <fmt/format.h>

#include <bit>

namespace flashhost::fuzz {

namespace {

void check_entries(const flm::FlmFile &file) {
  const flm::Entries &entries = file.entries;
  for (const std::uint32_t entry : {entries.init, entries.uninit, entries.erase_sector,
                                    entries.program_page, entries.erase_chip.value_or(0),
                                    entries.blank_check.value_or(0), entries.verify.value_or(0)}) {
    check(entry % 2 == 0 && entry + 2U <= file.image.size(), "the entry is in the image");
  }
  check(file.static_base.value_or(0) <= file.image.size(), "so is the data");
  check(file.image.size() <= flm::FlmFile::max_image_size, "the image is not too large");
}

void check_device(const flm::FlashDevice &device) {
  check(device.page_size != 0 && device.page_size <= 65536, "a page has a size");
  check(std::has_single_bit(device.page_size) || device.page_size == device.range.size,
        "which is a power of two");
  check(device.program_limit.count() > 0 && device.erase_limit.count() > 0, "calls have limits");
  std::uint64_t end = 0;
  for (const flm::SectorRun &run : device.sectors) {
    check(run.offset == end && run.size != 0 && run.count != 0, "sectors follow each other");
    end += std::uint64_t{run.size} * run.count;
  }
  check(end == device.range.size, "and tile the device");
  end = device.range.address;
  for (const MemoryRange &unit : flm::erase_units(device, device.range)) {
    check(unit.address == end && unit.size % device.page_size == 0, "units are whole pages");
    end = unit.end();
  }
  check(end <= device.range.end(), "inside the device");
}

}  // namespace

std::string outcome_of(std::span<const std::uint8_t> input) {
  flm::FlmFile file;
  try {
    file = flm::parse_flm(input);
  } catch (const Error &error) {
    check(error.code() == Errc::image, "the error is one of the image");
    check_message(error);
    return error.what();
  }
  check_entries(file);
  check_device(file.device);
  check(is_clean(file.device.name), "the name has no control characters");
  check(flm::parse_flm(input) == file, "the same file means the same");
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : file.image) sum = sum * 31 + byte;
  std::string text = fmt::format(
      "{:#x} bytes ({:08x}) at {:#x}, r9 {:#x}, entries {:#x} {:#x} {:#x} {:#x} {:#x} {:#x} {:#x}",
      file.image.size(), sum, file.link_address, file.static_base.value_or(0xFFFFFFFF),
      file.entries.init, file.entries.uninit, file.entries.erase_sector, file.entries.program_page,
      file.entries.erase_chip.value_or(0xFFFFFFFF), file.entries.blank_check.value_or(0xFFFFFFFF),
      file.entries.verify.value_or(0xFFFFFFFF));
  const flm::FlashDevice &device = file.device;
  text +=
      fmt::format("; '{}' {:#x}+{:#x} page {:#x} erased {:02x} {} ms {} ms", device.name,
                  device.range.address, device.range.size, device.page_size, device.erased_value,
                  device.program_limit.count(), device.erase_limit.count());
  for (const flm::SectorRun &run : device.sectors) {
    text += fmt::format("; {} x {:#x} at {:#x}", run.count, run.size, run.offset);
  }
  for (const std::string &warning : file.warnings) text += "; " + warning;
  return text;
}

}  // namespace flashhost::fuzz
