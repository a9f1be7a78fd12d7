// Random images for tests that compare us with other tools that read and write records: GNU objcopy
// and srec_cat. Many images share one file, each in a window of addresses of its own, so that
// thousands of images cost some hundred process starts.
#pragma once

#include "random.hpp"
#include "temporary_folder.hpp"

#include <flashhost/format.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace flashhost::test {

namespace fs = std::filesystem;

inline constexpr unsigned files = 40;
inline constexpr unsigned images_per_file = 100;
inline constexpr std::uint32_t window = 0x20000;       // one image
inline constexpr std::uint32_t segmented_windows = 8;  // below 1 MiB type 02 records reach
inline constexpr std::uint32_t windows = 0x8000;       // 4 GiB

using ByteMap = std::map<std::uint32_t, std::uint8_t>;

struct Chunk {
  std::uint32_t address = 0;
  Bytes data;
};

// Bytes of one image, cut into records of random lengths.
inline void add_image(std::vector<Chunk> &chunks, ByteMap &bytes, std::uint32_t base,
                      Random &random) {
  const std::uint32_t fragments = 1 + random.below(4);
  for (std::uint32_t f = 0; f < fragments; ++f) {
    std::uint32_t address = base + random.below(window - 700);
    if (random.one_in(4)) address = base + 0x10000 - random.below(300);  // across 64 KiB
    const std::uint32_t longest = random.one_in(3) ? 255 : 1 + random.below(40);
    std::uint32_t left = 1 + random.below(random.one_in(3) ? 600 : 60);
    while (left > 0) {
      const std::uint32_t size = std::min(left, 1 + random.below(longest));
      Chunk chunk{address, {}};
      for (std::uint32_t i = 0; i < size; ++i) {
        const auto value = static_cast<std::uint8_t>(random.one_in(4) ? 0xFF : random.below(256));
        chunk.data.push_back(bytes.emplace(address + i, value).first->second);
      }
      chunks.push_back(chunk);
      if (random.one_in(20)) chunks.push_back(chunk);  // given twice
      address += size;
      left -= size;
    }
  }
}

inline std::vector<Chunk> random_images(Random &random, ByteMap &bytes) {
  std::set<std::uint32_t> used;
  std::vector<Chunk> chunks;
  while (used.size() < images_per_file) {
    const std::uint32_t index =
        random.one_in(10) ? random.below(segmented_windows - 1) : random.below(windows);
    if (used.insert(index).second || index < segmented_windows)
      add_image(chunks, bytes, index * window, random);
  }
  return chunks;
}

// A record of this type, with an address of address_size bytes.
inline std::string s_record(char type, std::uint32_t address, std::size_t address_size,
                            std::span<const std::uint8_t> data) {
  Bytes bytes{static_cast<std::uint8_t>(address_size + data.size() + 1)};
  for (std::size_t i = address_size; i-- > 0;) {
    bytes.push_back(static_cast<std::uint8_t>(address >> (8 * i)));
  }
  bytes.insert(bytes.end(), data.begin(), data.end());
  std::uint8_t sum = 0;
  std::string text{'S', type};
  for (const std::uint8_t byte : bytes) {
    sum = static_cast<std::uint8_t>(sum + byte);
    fmt::format_to(std::back_inserter(text), "{:02X}", byte);
  }
  return text + fmt::format("{:02X}", static_cast<std::uint8_t>(~sum));
}

// Data records S1, S2, S3; the tool's output is trusted.
inline ByteMap read_srecords(const std::string &text) {
  ByteMap bytes;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.size() < 4 || line[0] != 'S' || line[1] < '1' || line[1] > '3') continue;
    const auto byte_at = [&](std::size_t i) {
      return static_cast<std::uint8_t>(std::stoul(line.substr(2 + 2 * i, 2), nullptr, 16));
    };
    const auto address_size = static_cast<std::size_t>(line[1] - '0') + 1;
    std::uint32_t address = 0;
    for (std::size_t i = 0; i < address_size; ++i) address = address << 8 | byte_at(1 + i);
    for (std::size_t i = 1 + address_size; i < byte_at(0); ++i) bytes[address++] = byte_at(i);
  }
  return bytes;
}

inline ByteMap bytes_of(const ParsedFile &file) {
  ByteMap bytes;
  for (const Segment &segment : file.segments) {
    for (std::size_t i = 0; i < segment.data.size(); ++i) {
      bytes.emplace(static_cast<std::uint32_t>(segment.address + i), segment.data[i]);
    }
  }
  return bytes;
}

inline ParsedFile content_of(const ByteMap &bytes) {
  ParsedFile content;
  for (const auto &[address, byte] : bytes) {
    if (content.segments.empty() || content.segments.back().end() != address) {
      content.segments.push_back({address, {}});
    }
    content.segments.back().data.push_back(byte);
  }
  return content;
}

inline std::span<const std::uint8_t> bytes_of(const std::string &text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

inline std::string difference(const ByteMap &ours, const ByteMap &theirs) {
  for (const auto &[address, value] : ours) {
    const auto other = theirs.find(address);
    if (other == theirs.end()) return "only ours has " + hex(address);
    if (other->second != value) return "different byte at " + hex(address);
  }
  for (const auto &[address, value] : theirs) {
    if (!ours.contains(address)) return "only theirs has " + hex(address);
  }
  return {};
}

class RecordPeers : public ::testing::Test {
 protected:
  std::string convert(const std::string &input, const std::string &command) const {
    std::ofstream(folder_ / "in", std::ios::binary) << input;
    const int status =
        std::system(fmt::format("cd '{}' && {} 2>log", folder_.string(), command).c_str());
    EXPECT_EQ(status, 0) << command << "\n" << read("log");
    return read("out");
  }

 private:
  [[nodiscard]] std::string read(const std::string &name) const {
    std::ifstream stream(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const bench::QuickFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

}  // namespace flashhost::test
