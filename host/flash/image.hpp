// The image: what the files want in the flash.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/format.hpp>

#include <string>
#include <vector>

namespace flashhost {

struct ImageSegment {
  Segment bytes;
  std::string origin;  // the file's name
  friend bool operator==(const ImageSegment &, const ImageSegment &) = default;
};

// Sorted, not overlapping.
struct Image {
  std::vector<ImageSegment> segments;

  [[nodiscard]] std::uint64_t size() const;
  // The bytes of the image that lie in range, cut to it.
  [[nodiscard]] std::vector<Segment> in(MemoryRange range) const;
  [[nodiscard]] bool covers(MemoryRange range) const;
  friend bool operator==(const Image &, const Image &) = default;
};

struct ImageFile {
  std::string name;
  ParsedFile content;
};

// Files may cover the same addresses if they agree there; otherwise Errc::image with both names.
[[nodiscard]] Image merge(const std::vector<ImageFile> &files);

// Errc::image, naming file, range and what lies there, unless every byte lies in the chip's flash.
void check_fits(const Image &image, const Chip &chip);

}  // namespace flashhost
