// Level 2 of formats: damaged, hostile and foreign files.
#include "format/format_suite.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <ctime>
#include <numeric>
#include <random>

namespace flashhost::conformance {

using namespace std::chrono_literals;

namespace {

class FormatUnderFire : public FormatConformance {
 protected:
  std::optional<ParsedFile> parse(const Bytes &file, const ParseOptions &with) {
    return FormatConformance::parse(file, with, memory_for_a_file + 64 * file.size());
  }
  std::optional<ParsedFile> parse(const Bytes &file) { return parse(file, options()); }

  static std::size_t bytes_in(const ParsedFile &parsed) {
    return std::accumulate(
        parsed.segments.begin(), parsed.segments.end(), std::size_t{0},
        [](std::size_t sum, const Segment &segment) { return sum + segment.data.size(); });
  }
  static bool is_blank(std::uint8_t byte) { return std::isspace(byte) != 0; }
  // A change without meaning in a text file: white space, or the case of a hexadecimal digit.
  static bool same_meaning(std::uint8_t one, std::uint8_t other) {
    return (is_blank(one) && is_blank(other)) || std::tolower(one) == std::tolower(other);
  }
};
FLASHHOST_CONFORMANCE_SUITE(FormatUnderFire, format, 2);

TEST_P(FormatUnderFire, TimeGrowsWithTheSizeAndNotWithItsSquare) {
  FLASHHOST_PROMISE("format.hpp, parse: time and memory stay in proportion to its size");
  const auto time_of = [&](const Bytes &file) {
    Nanoseconds best = 1h;
    for (int round = 0; round < 3; ++round) {
      const std::clock_t start = std::clock();
      static_cast<void>(parse(file));
      best = std::min(best, Nanoseconds(1s) * (std::clock() - start) / CLOCKS_PER_SEC);
    }
    return best;
  };
  constexpr std::size_t small = 8192;
  // A large file: the sample repeated (a format with an end mark stops there), or what the writer
  // makes of much data.
  const auto sample_of = [&](std::size_t size) {
    Bytes file = given().sample;
    while (file.size() < size) file.push_back(file[file.size() % given().sample.size()]);
    return file;
  };
  const auto written = [&](std::size_t size) {
    const FormatWriter *writer = format().writer();
    if (writer == nullptr) return Bytes();
    ParsedFile content;
    for (std::uint32_t at = 0; at < size; at += 16) {
      content.segments.push_back({0x08000000 + at * 2, Bytes(16, static_cast<std::uint8_t>(at))});
    }
    try {
      return writer->write(content);
    } catch (const Error &) {  // a format of one segment
      return Bytes();
    }
  };
  EXPECT_LT(time_of(sample_of(4 * small)), 9 * time_of(sample_of(small)) + 10ms);
  EXPECT_LT(time_of(written(4 * small)), 9 * time_of(written(small)) + 10ms);
}

TEST_P(FormatUnderFire, AFileThatIsCutOffIsRefusedOrMeansLess) {
  FLASHHOST_PROMISE("format.hpp, parse: throws Errc::image for what is not a whole file");
  Bytes file = given().sample;
  bool only_blanks = true;
  while (!file.empty()) {
    only_blanks = only_blanks && is_blank(file.back());
    file.pop_back();
    const std::optional<ParsedFile> parsed = parse(file);
    if (!parsed || only_blanks) continue;
    EXPECT_LE(bytes_in(*parsed), file.size()) << "more data than the file has bytes";
    if (given().sample.size() - file.size() <= given().trailer) continue;
    EXPECT_LT(bytes_in(*parsed), bytes_in(given().expected))
        << "cut off after " << file.size() << " of " << given().sample.size()
        << " bytes, it is read as if it were whole";
  }
}

TEST_P(FormatUnderFire, AChangedByteIsRefusedOrChangesTheMeaning) {
  FLASHHOST_PROMISE("format.hpp, parse: checksums are compared");
  for (std::size_t at = 0; at < given().sample.size(); ++at) {
    const std::uint8_t good = given().sample[at];
    for (const int change :
         {1, 2, 4, 8, 16, 32, 64, 128, 255, 0x30 ^ good, 0xFF ^ good, int{good}}) {
      Bytes file = given().sample;
      file[at] = static_cast<std::uint8_t>(good ^ change);
      if (file[at] == good) continue;
      const std::optional<ParsedFile> parsed = parse(file);
      if (!parsed || !given().checksum || same_meaning(good, file[at])) continue;
      EXPECT_NE(*parsed, given().expected)
          << "byte " << at << " is " << int{file[at]} << " instead of " << int{good};
    }
  }
}

TEST_P(FormatUnderFire, TheSameFileMeansTheSameAlways) {
  FLASHHOST_PROMISE("format.hpp, Format: pure, keeps no state but its settings");
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(parse(given().sample), given().expected) << "the " << round << ". time";
    static_cast<void>(parse(Bytes{1, 2, 3}));
  }
  PluginUnderTest other;
  EXPECT_EQ(other.configured<Format>().parse(given().sample, options()), given().expected);
}

TEST_P(FormatUnderFire, FilesOfOthersAreNotTakenForItsOwn) {
  FLASHHOST_PROMISE("format.hpp, recognises: 0 (no) to 100; by the extension alone at most 50");
  const auto text = [](std::string_view characters) {
    return Bytes(characters.begin(), characters.end());
  };
  const std::array<std::pair<const char *, Bytes>, 6> others{{
      {"Intel HEX", text(":0400000001020304F2\n:00000001FF\n")},
      {"an S-record file", text("S00600004844521B\nS9030000FC\n")},
      {"an ELF file", text(std::string_view("\x7f"
                                            "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x28\0",
                                            20))},
      {"a UF2 file", text(std::string_view("UF2\n\x57\x51\x5d\x9e\0\0\0\0", 12))},
      {"a text", text("Read me first.\n")},
      {"a program for a shell", text("#!/bin/sh\n")},
  }};
  for (const auto &[name, content] : others) {
    const std::size_t same = std::min<std::size_t>({content.size(), given().sample.size(), 2});
    if (std::equal(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(same),
                   given().sample.begin())) {
      continue;  // a file of its own kind
    }
    EXPECT_EQ(format().recognises("no-such-extension", content), 0) << name;
    EXPECT_LE(format().recognises(given().extension, content), 50) << name;
  }
}

TEST_P(FormatUnderFire, DataMayReachTheEndOfTheAddressSpaceAndNotBeyond) {
  FLASHHOST_PROMISE("types.hpp, MemoryRange: may end at 2^32");
  const auto last_address = [](std::size_t size) {
    return static_cast<std::uint32_t>((std::uint64_t{1} << 32) - size);
  };
  if (given().address) {
    const std::size_t size = bytes_in(given().expected);
    const auto parsed = parse(given().sample, {last_address(size)});
    ASSERT_TRUE(parsed.has_value()) << "it is refused at " << hex(last_address(size));
    EXPECT_EQ(parsed->segments.front().end(), std::uint64_t{1} << 32);
    EXPECT_EQ(parse(given().sample, {last_address(size - 1)}), std::nullopt)
        << "it reaches beyond, and is accepted";
  }
  if (const FormatWriter *writer = format().writer()) {
    const ParsedFile content{{{last_address(7), Bytes(7, 0x5A)}}, std::nullopt};
    ParseOptions with = options();
    if (with.address) with.address = last_address(7);
    EXPECT_EQ(parse(writer->write(content), with), content);
  }
}

TEST_P(FormatUnderFire, AFileOfAnyContentIsReadInBoundedMemory) {
  FLASHHOST_PROMISE("format.hpp, parse: time and memory stay in proportion to its size");
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    Bytes file = given().sample;
    file.resize(file.size() + random() % 64);
    const std::size_t first = random() % (file.size() + 1);
    const std::size_t length = random() % 12;
    for (std::size_t at = first; at < std::min(file.size(), first + length); ++at) {
      file[at] = static_cast<std::uint8_t>(round % 3 == 0   ? 0xFF
                                           : round % 3 == 1 ? 0x7F
                                                            : random());
    }
    static_cast<void>(parse(file));
  }
  for (const std::size_t size : {std::size_t{16}, std::size_t{4096}, std::size_t{20'000}}) {
    for (const std::uint8_t fill : std::to_array<std::uint8_t>({0x00, 0xFF, 0x7F, 0x0A, 0x3A})) {
      static_cast<void>(parse(Bytes(size, fill)));
    }
  }
}

}  // namespace

}  // namespace flashhost::conformance
