#include "image.hpp"

#include "stop.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <queue>
#include <set>
#include <utility>

namespace flashhost {

namespace {

// Merges by walking through all files at once; the next segment is always the one that starts
// first.
class Merger {
 public:
  Merger(std::vector<ImageFile> files, const std::stop_token &stop)
      : files_(std::move(files)), stop_(stop) {}

  Image merge() {
    std::priority_queue<Cursor, std::vector<Cursor>, std::greater<>> next;
    std::size_t count = 0;
    for (std::size_t file = 0; file < files_.size(); ++file) {
      image_.files.push_back(files_[file].name);
      count += segments_of(file).size();
      if (!segments_of(file).empty()) next.push({segments_of(file).front().address, file, 0});
    }
    image_.segments.reserve(count);
    for (std::size_t step = 0; !next.empty(); ++step) {
      constexpr std::size_t steps_between_looks = 1024;
      if (step % steps_between_looks == 0) throw_if_stopped(stop_);
      const Cursor at = next.top();
      // All that follows starts at this address or beyond: nothing lower can differ any more.
      if (difference_ && at.address >= difference_->address) break;
      next.pop();
      take(segments_of(at.file)[at.index], at.file);
      const std::size_t following = at.index + 1;
      if (following < segments_of(at.file).size()) {
        next.push({segments_of(at.file)[following].address, at.file, following});
      }
    }
    if (difference_) fail(*difference_);
    return std::move(image_);
  }

 private:
  struct Cursor {
    std::uint32_t address;
    std::size_t file;
    std::size_t index;  // of the segment
    auto operator<=>(const Cursor &) const = default;
  };
  struct Difference {
    std::uint32_t address;
    std::uint8_t value;  // in `file`; the other one is in the image
    std::size_t file;
  };

  std::vector<Segment> &segments_of(std::size_t file) { return files_[file].content.segments; }

  void take(Segment &segment, std::size_t file) {
    if (image_.segments.empty() || segment.address > image_.segments.back().end()) {
      add_origin(segment.address, file);
      image_.segments.push_back(std::move(segment));
      return;
    }
    Segment &known = image_.segments.back();
    const std::size_t offset = segment.address - known.address;
    const std::size_t both = std::min(segment.data.size(), known.data.size() - offset);
    const auto fresh = segment.data.begin() + static_cast<std::ptrdiff_t>(both);
    const auto [here, there] = std::mismatch(
        segment.data.begin(), fresh, known.data.begin() + static_cast<std::ptrdiff_t>(offset));
    if (here != fresh) {
      const auto address = static_cast<std::uint32_t>(known.address + (there - known.data.begin()));
      if (!difference_ || address < difference_->address) difference_ = {address, *here, file};
    }
    if (fresh == segment.data.end()) return;
    add_origin(static_cast<std::uint32_t>(known.end()), file);
    known.data.insert(known.data.end(), fresh, segment.data.end());
  }

  void add_origin(std::uint32_t address, std::size_t file) {
    const auto index = static_cast<std::uint32_t>(file);
    if (image_.origins.empty() || image_.origins.back().file != index) {
      image_.origins.push_back({address, index});
    }
  }

  [[noreturn]] void fail(const Difference &difference) const {
    const std::uint32_t address = difference.address;
    std::pair one{std::size_t{image_.origin_at(address)->file},
                  image_.in({address, 1}).front().data.front()};
    std::pair other{difference.file, difference.value};
    if (other.first < one.first) std::swap(one, other);
    throw Error(Errc::image,
                fmt::format("{} and {} both cover {} and differ there: {:#04x} and {:#04x}",
                            image_.files[one.first], image_.files[other.first], hex(address),
                            one.second, other.second),
                "Several images may overlap only where they have the same bytes. Remove one "
                "[[image]], or relink one of them to another address.")
        .see(Cause::does_not_fit);
  }

  std::vector<ImageFile> files_;
  const std::stop_token &stop_;
  Image image_;
  std::optional<Difference> difference_;  // the lowest so far
};

// The first part of segment, from one file, that is not completely in range.
std::pair<MemoryRange, std::string> part_outside(const Image &image, const Segment &segment,
                                                 const MemoryRange &range) {
  std::uint64_t start = segment.address;
  for (auto origin = image.origin_at(segment.address);; ++origin) {
    const auto next = std::next(origin);
    const std::uint64_t end = next == image.origins.end()
                                  ? segment.end()
                                  : std::min<std::uint64_t>(next->address, segment.end());
    const MemoryRange part{static_cast<std::uint32_t>(start),
                           static_cast<std::uint32_t>(end - start)};
    if (end == segment.end() || !range.contains(part.address, part.size)) {
      return {part, image.files[origin->file]};
    }
    start = end;
  }
}

// What to do about an image that is longer than the flash: the end of a sentence, and more.
std::string way_out(const Chip &chip) {
  const bool limited = chip.size_limit && chip.flash.size == chip.size_limit->size;
  if (limited) return fmt::format(": {}.", chip.size_limit->reason);
  return ". Build it smaller, or, if the chip has more flash than it reports, say so: "
         "--flash-size, or family.flash_size in the board file.";
}

}  // namespace

std::uint64_t Image::size() const {
  std::uint64_t total = 0;
  for (const Segment &segment : segments) total += segment.data.size();
  return total;
}

std::vector<Segment>::const_iterator Image::first_beyond(std::uint32_t address) const {
  return std::partition_point(segments.begin(), segments.end(),
                              [&](const Segment &segment) { return segment.end() <= address; });
}

std::vector<Segment> Image::in(MemoryRange range) const {
  std::vector<Segment> parts;
  for (auto segment = first_beyond(range.address);
       segment != segments.end() && segment->address < range.end(); ++segment) {
    const std::uint64_t first = std::max(segment->address, range.address);
    const std::uint64_t last = std::min(segment->end(), range.end());
    const auto begin =
        segment->data.begin() + static_cast<std::ptrdiff_t>(first - segment->address);
    parts.push_back({static_cast<std::uint32_t>(first),
                     Bytes(begin, begin + static_cast<std::ptrdiff_t>(last - first))});
  }
  return parts;
}

bool Image::covers(MemoryRange range) const {
  if (range.size == 0) return true;
  const auto segment = first_beyond(range.address);
  return segment != segments.end() && segment->address <= range.address &&
         segment->end() >= range.end();
}

bool Image::touches(MemoryRange range) const {
  const auto segment = first_beyond(range.address);
  return segment != segments.end() && segment->address < range.end();
}

std::vector<Origin>::const_iterator Image::origin_at(std::uint32_t address) const {
  const auto after =
      std::partition_point(origins.begin(), origins.end(),
                           [&](const Origin &origin) { return origin.address <= address; });
  return std::prev(after);
}

Image Image::part(MemoryRange range) const {
  return {in(range), files, origins};
}

Image merge(std::vector<ImageFile> files, const std::stop_token &stop) {
  return Merger(std::move(files), stop).merge();
}

Image without_aliases(Image image, const Chip &chip) {
  const auto is_touched = [&](const FlashAlias &alias) { return image.touches(alias.range); };
  if (std::ranges::none_of(chip.aliases, is_touched)) return image;
  std::set<std::uint64_t> cuts;
  for (const Origin &origin : image.origins) cuts.insert(origin.address);
  for (const FlashAlias &alias : chip.aliases) {
    cuts.insert(alias.range.address);
    cuts.insert(alias.range.end());
  }
  const auto moved = [&](std::uint32_t address) {
    for (const FlashAlias &alias : chip.aliases) {
      if (alias.range.contains(address)) return address - alias.range.address + alias.address;
    }
    return address;
  };
  std::vector<ImageFile> pieces;  // each from one file, inside or outside of one alias
  for (const Segment &segment : image.segments) {
    for (std::uint64_t at = segment.address; at < segment.end();) {
      const auto cut = cuts.upper_bound(at);
      const std::uint64_t end = cut == cuts.end() ? segment.end() : std::min(*cut, segment.end());
      const auto address = static_cast<std::uint32_t>(at);
      std::vector<Segment> piece = image.in({address, static_cast<std::uint32_t>(end - at)});
      piece.front().address = moved(address);
      pieces.push_back({image.files[image.origin_at(address)->file], {std::move(piece), {}}});
      at = end;
    }
  }
  return merge(std::move(pieces));
}

void check_fits(const Image &image, const Chip &chip) {
  const std::vector<MemoryRange> flash = flash_ranges(chip);
  for (const Segment &segment : image.segments) {
    const auto is_inside = [&](const MemoryRange &range) {
      return range.contains(segment.address, static_cast<std::uint32_t>(segment.data.size()));
    };
    if (std::ranges::any_of(flash, is_inside)) continue;
    const auto begins_in = std::ranges::find_if(
        flash, [&](const MemoryRange &range) { return range.contains(segment.address); });
    const bool starts_inside = begins_in != flash.end();
    const MemoryRange nearest = starts_inside ? *begins_in : chip.flash;
    const auto [range, file] = part_outside(image, segment, nearest);
    std::vector<NamedRange> others = chip.special;
    others.push_back({"RAM", chip.ram});
    for (const NamedRange &special : others) {
      if (!special.range.overlaps(range)) continue;
      throw Error(Errc::image,
                  fmt::format("{}: {} lies in the {} of {} ({})", file, format_range(range),
                              special.name, chip.name, format_range(special.range)),
                  "Only main flash is written by this command. Remove that section from the image, "
                  "for instance with objcopy --remove-section.")
          .see(Cause::does_not_fit);
    }
    const bool reaches_another = std::ranges::any_of(flash, [&](const MemoryRange &other) {
      return !(other == nearest) && segment.address < other.end() && other.address < segment.end();
    });
    std::string places;
    for (const MemoryRange &place : flash) {
      places += fmt::format("{}{} of flash at {}", places.empty() ? "" : ", and ",
                            format_size(place.size), format_range(place));
    }
    throw Error(
        Errc::image,
        fmt::format("{}: {} does not fit: {} has {}", file, format_range(range), chip.name, places),
        reaches_another
            ? "Between them is no flash. Most likely a file fills a gap that its program does not "
              "have, as a raw binary does: take the .hex or .elf file instead."
        : starts_inside
            ? fmt::format("The image is {} too long{}", format_size(segment.end() - nearest.end()),
                          way_out(chip))
            : "The image is linked for another address or another chip: check the linker script's "
              "FLASH origin and the image's address (FILE@ADDRESS, or image.address in the board "
              "file).")
        .see(Cause::does_not_fit);
  }
}

}  // namespace flashhost
