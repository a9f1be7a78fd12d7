#include "erase.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

void check_erasable(MemoryRange range, const Chip &chip) {
  const std::vector<MemoryRange> flash = flash_ranges(chip);
  if (std::ranges::any_of(
          flash, [&](const MemoryRange &one) { return one.contains(range.address, range.size); })) {
    return;
  }
  if (!chip.further_flash.empty()) {
    std::string places;
    for (const MemoryRange &place : flash) {
      places += (places.empty() ? "" : ", ") + format_range(place);
    }
    throw Error(Errc::image,
                fmt::format("{} does not lie within one range of the flash of {}: {}",
                            format_range(range), chip.name, places),
                "Name a range within one of them.")
        .see(Cause::does_not_fit);
  }
  check_in_flash(
      range, chip,
      "Only main flash can be erased; `flashhost erase` without a range erases all of it.");
}

void check_in_flash(MemoryRange range, const Chip &chip, const std::string &hint) {
  if (chip.flash.contains(range.address, range.size)) return;
  std::string where = "outside the flash";
  if (chip.ram.overlaps(range)) where = "in the RAM";
  for (const NamedRange &special : chip.special) {
    if (special.range.overlaps(range)) where = "in the " + special.name;
  }
  if (range.overlaps(chip.flash)) where = "in part outside the flash";
  throw Error(Errc::image,
              fmt::format("{} lies {} of {}; the flash is {}", format_range(range), where,
                          chip.name, format_range(chip.flash)),
              hint)
      .see(Cause::does_not_fit);
}

Image erased_image(MemoryRange range, const std::vector<Chip> &flashes) {
  std::vector<ImageFile> files;
  for (const Chip &chip : flashes) {
    const std::uint64_t start = std::max(range.address, chip.flash.address);
    const std::uint64_t end = std::min(range.end(), chip.flash.end());
    if (start >= end) continue;
    const Segment segment{static_cast<std::uint32_t>(start), Bytes(end - start, chip.erased_value)};
    files.push_back({"erase", {{segment}, {}}});
  }
  return merge(std::move(files));
}

std::string erase_text(const FlashReport &report, MemoryRange range) {
  const std::string time = format_duration(report.time);
  const char *blank = report.verified == Verify::none ? ", not verified" : " and verified blank";
  if (report.erased_sectors == 0 && report.programmed_bytes == 0) {
    if (report.unlocked) {
      return fmt::format(
          "lifting the protection erased the whole flash; {} {} in {}", format_range(range),
          report.verified == Verify::none ? "reads blank, not verified," : "verified blank", time);
    }
    return fmt::format("nothing to do: {} is blank already ({})", format_range(range), time);
  }
  std::string text = fmt::format("{} sector{} erased{}{}", report.erased_sectors,
                                 report.erased_sectors == 1 ? "" : "s",
                                 report.mass_erase ? " at once" : "", blank);
  if (report.programmed_bytes > 0) {
    text += fmt::format(", {} around {} kept", format_size(report.programmed_bytes),
                        format_range(range));
  }
  return text + " in " + time;
}

}  // namespace flashhost
