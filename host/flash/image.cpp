#include "image.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

MemoryRange range_of(const Segment &segment) {
  return {segment.address, static_cast<std::uint32_t>(segment.data.size())};
}

void append(Image &image, const std::string &origin, std::uint32_t address,
            std::span<const std::uint8_t> data) {
  if (data.empty()) return;
  image.segments.push_back({{address, Bytes(data.begin(), data.end())}, origin});
}

void sort(Image &image) {
  std::sort(image.segments.begin(), image.segments.end(),
            [](const ImageSegment &a, const ImageSegment &b) {
              return a.bytes.address < b.bytes.address;
            });
}

// Adds what image does not have yet of segment; where both have bytes they must agree.
void add(Image &image, const std::string &origin, const Segment &segment) {
  Image fresh;
  std::uint64_t next = segment.address;
  for (const ImageSegment &existing : image.segments) {
    const std::uint64_t first = std::max<std::uint64_t>(existing.bytes.address, segment.address);
    const std::uint64_t last = std::min(existing.bytes.end(), segment.end());
    if (first >= last) continue;
    for (std::uint64_t at = first; at < last; ++at) {
      const std::uint8_t here = existing.bytes.data[at - existing.bytes.address];
      const std::uint8_t wanted = segment.data[at - segment.address];
      if (here != wanted) {
        throw Error(
            Errc::image,
            fmt::format("{} and {} both cover {} and differ there: {:#04x} and {:#04x}",
                        existing.origin, origin, hex(static_cast<std::uint32_t>(at)), here, wanted),
            "Several images may overlap only where they have the same bytes. Remove one "
            "[[image]], or relink one of them to another address.")
            .see(Cause::does_not_fit);
      }
    }
    append(fresh, origin, static_cast<std::uint32_t>(next),
           std::span(segment.data).subspan(next - segment.address, first - next));
    next = last;
  }
  append(fresh, origin, static_cast<std::uint32_t>(next),
         std::span(segment.data).subspan(next - segment.address));
  std::move(fresh.segments.begin(), fresh.segments.end(), std::back_inserter(image.segments));
  sort(image);
}

}  // namespace

std::uint64_t Image::size() const {
  std::uint64_t total = 0;
  for (const ImageSegment &segment : segments) total += segment.bytes.data.size();
  return total;
}

std::vector<Segment> Image::in(MemoryRange range) const {
  std::vector<Segment> parts;
  for (const ImageSegment &segment : segments) {
    const std::uint64_t first = std::max(segment.bytes.address, range.address);
    const std::uint64_t last = std::min(segment.bytes.end(), range.end());
    if (first >= last) continue;
    const auto begin =
        segment.bytes.data.begin() + static_cast<std::ptrdiff_t>(first - segment.bytes.address);
    parts.push_back({static_cast<std::uint32_t>(first),
                     Bytes(begin, begin + static_cast<std::ptrdiff_t>(last - first))});
  }
  return parts;
}

bool Image::covers(MemoryRange range) const {
  std::uint64_t covered = 0;
  for (const Segment &part : in(range)) covered += part.data.size();
  return covered == range.size;
}

Image merge(const std::vector<ImageFile> &files) {
  Image image;
  // A file's own segments never overlap (contract of Format), so the first file needs no
  // comparison.
  for (const ImageFile &file : files) {
    if (image.segments.empty()) {
      for (const Segment &segment : file.content.segments) {
        append(image, file.name, segment.address, segment.data);
      }
      sort(image);
      continue;
    }
    for (const Segment &segment : file.content.segments) add(image, file.name, segment);
  }
  return image;
}

void check_fits(const Image &image, const Chip &chip) {
  for (const ImageSegment &segment : image.segments) {
    const MemoryRange range = range_of(segment.bytes);
    if (chip.flash.contains(range.address, range.size)) continue;
    for (const NamedRange &special : chip.special) {
      if (!special.range.overlaps(range)) continue;
      throw Error(
          Errc::image,
          fmt::format("{}: {} lies in the {} of {} ({})", segment.origin, format_range(range),
                      special.name, chip.name, format_range(special.range)),
          "Only main flash is written by this command. Remove that section from the image, "
          "for instance with objcopy --remove-section.")
          .see(Cause::does_not_fit);
    }
    const bool starts_inside = chip.flash.contains(range.address);
    throw Error(
        Errc::image,
        fmt::format("{}: {} does not fit: {} has {} of flash at {}", segment.origin,
                    format_range(range), chip.name, format_size(chip.flash.size),
                    format_range(chip.flash)),
        starts_inside
            ? fmt::format("The image is {} too long. Build it smaller, or, if the chip has more "
                          "flash than it reports, set family.flash_size in the board file.",
                          format_size(range.end() - chip.flash.end()))
            : "The image is linked for another address or another chip: check the linker script's "
              "FLASH origin and the board file's image.address.")
        .see(Cause::does_not_fit);
  }
}

}  // namespace flashhost
