// The image: what the files want in the flash.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/format.hpp>

#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

// From here on to the next one, the image's bytes come from this file.
struct Origin {
  std::uint32_t address = 0;
  std::uint32_t file = 0;  // index into Image::files
  friend bool operator==(const Origin &, const Origin &) = default;
};

// Whichever files they come from, bytes that follow each other are one segment. Where they come
// from is wanted for messages only, and is kept apart: one entry where it changes.
struct Image {
  std::vector<Segment> segments;   // ascending, not overlapping, not adjacent, none empty
  std::vector<std::string> files;  // their names
  std::vector<Origin> origins;     // ascending

  [[nodiscard]] std::uint64_t size() const;
  // The bytes of the image that lie in range, cut to it.
  [[nodiscard]] std::vector<Segment> in(MemoryRange range) const;
  // The part of the image that lies in range, as an image.
  [[nodiscard]] Image part(MemoryRange range) const;
  [[nodiscard]] bool covers(MemoryRange range) const;
  [[nodiscard]] bool touches(MemoryRange range) const;
  // The entry for a byte of the image.
  [[nodiscard]] std::vector<Origin>::const_iterator origin_at(std::uint32_t address) const;
  friend bool operator==(const Image &, const Image &) = default;

 private:
  // The first segment that ends beyond address.
  [[nodiscard]] std::vector<Segment>::const_iterator first_beyond(std::uint32_t address) const;
};

struct ImageFile {
  std::string name;
  ParsedFile content;
};

// Files may cover the same addresses if they agree there; otherwise Errc::image with both names and
// the first byte that differs. Their contents are as ParsedFile promises. Each byte is looked at
// once, in the order of the addresses: the time is linear in the size of the files (and n log n in
// their number). Errc::interrupted soon after a stop was asked for.
[[nodiscard]] Image merge(std::vector<ImageFile> files, const std::stop_token &stop = {});

// The image with what lies in an alias of the chip's flash moved to that flash. Errc::image where
// it has other bytes there already.
[[nodiscard]] Image without_aliases(Image image, const Chip &chip);

// Errc::image, naming file, range and what lies there, unless every byte lies in the chip's flash
// or its further flash.
void check_fits(const Image &image, const Chip &chip);

}  // namespace flashhost
