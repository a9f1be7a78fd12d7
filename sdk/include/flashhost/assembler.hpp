// Assembler: for formats whose files give bytes piece by piece, in any order.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/room.hpp>
#include <flashhost/settings.hpp>
#include <flashhost/stop_watch.hpp>
#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flashhost {

// What counts where a file gives two bytes for one address.
enum class Overlap : std::uint8_t {
  refuse,  // they must be equal
  last,    // the later one in the file
};

// [image.settings] overlap = "refuse" or "last"; without it, refuse. Throws Errc::config for
// anything else. For Format::configure.
[[nodiscard]] Overlap overlap_setting(const Settings &settings);

// A parser adds each piece of data and gets the segments that they make. [one thread]
//
// Time: linear in the bytes, if each piece begins where the one before it ends or at a higher
// address; otherwise n log n more, where n counts the pieces that do not continue the one before.
// Memory: the bytes that were added, and once more where they are not one piece. Where it was not
// told how many come, at most three times; for each piece that does not continue the one before 32
// bytes; for each segment 32 and what the allocator adds.
class Assembler {
 public:
  // More separate segments than any firmware has: every second byte of 2 MiB.
  static constexpr std::size_t max_segments = std::size_t{1} << 20;

  struct Result {
    std::vector<Segment> segments;  // as ParsedFile promises
    // Overlap::refuse: the lowest address that was given different bytes. The segments are of no
    // use then; ContradictionFinder finds the places in the file.
    std::optional<std::uint32_t> contradiction;
  };

  // watch must live as long as this object. most: bytes that are added at most, if that is known:
  // then nothing has to be moved as more come. Only what is really added takes memory,
  // rounded up to a large page.
  Assembler(Overlap overlap, StopWatch &watch, std::size_t most = 0)
      : overlap_(overlap), watch_(watch) {
    make_room(bytes_, most);
  }

  // Copies the data. Throws Errc::image if it reaches beyond 2^32.
  void add(std::uint32_t address, std::span<const std::uint8_t> data);

  // To be called once, at the end. Throws Errc::image for more than max_segments: where is put
  // before the message, for example "line 12"; it may be empty.
  [[nodiscard]] Result finish(const std::string &where);

 private:
  // Bytes that follow each other in the file and in memory.
  struct Run {
    std::uint32_t first;  // address
    std::uint32_t last;   // address of the last byte
    std::size_t offset;   // into all bytes that were added

    [[nodiscard]] std::uint64_t end() const { return std::uint64_t{last} + 1; }
    [[nodiscard]] std::size_t size() const { return std::size_t{last - first} + 1; }
  };
  using Runs = std::deque<Run>;  // grows without a second copy

  void sort();
  [[nodiscard]] std::pair<Runs::iterator, std::uint64_t> after_segment(Runs::iterator run);
  [[nodiscard]] std::size_t count_segments();
  void join_in_order_of_file(Segment &segment, Runs::iterator first, const Runs::iterator &end);
  void join_agreeing(Segment &segment, const Run &run);
  [[nodiscard]] std::span<const std::uint8_t> bytes_of(const Run &run) const {
    return std::span(bytes_).subspan(run.offset, run.size());
  }

  Overlap overlap_;
  StopWatch &watch_;
  Bytes bytes_;  // all that were added
  Runs runs_;
  std::optional<std::uint32_t> contradiction_;
};

// Two different bytes for one address.
struct Contradiction {
  std::uint32_t address = 0;
  std::uint8_t first = 0;
  std::size_t first_place = 0;  // what the parser calls a place: the number of a line, of a block
  std::uint8_t second = 0;
  std::size_t second_place = 0;
  friend bool operator==(const Contradiction &, const Contradiction &) = default;
};

// Finds the places of a contradiction, when the parser reads the file a second time.
class ContradictionFinder {
 public:
  // The one that Assembler found.
  explicit ContradictionFinder(std::uint32_t address) : address_(address) {}

  // To be called for each piece, in the order in which they were added. Returns the contradiction
  // with the first piece that differs from an earlier one.
  [[nodiscard]] std::optional<Contradiction> look(std::uint32_t address,
                                                  std::span<const std::uint8_t> data,
                                                  std::size_t place);

 private:
  std::uint32_t address_;
  std::optional<Contradiction> found_;  // its first half
};

// Errc::image "line 7: byte 0x09 at 0x08000002 differs from 0x03 given in line 4", with what to do
// about it. place: what a place is called, "line" or "block".
[[nodiscard]] Error contradiction_error(const Contradiction &contradiction, std::string_view place);

}  // namespace flashhost
