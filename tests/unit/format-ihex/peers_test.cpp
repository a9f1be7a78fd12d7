// Random images through our parser, GNU objcopy and srec_cat. The tools turn Intel HEX into
// Motorola S-records, which keep gaps, and S-records into Intel HEX. Many images share one file,
// each in a window of addresses of its own, so that thousands of images cost some hundred process
// starts.
#include "emitter.hpp"
#include "ihex.hpp"
#include "temporary_folder.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>

namespace flashhost {
namespace {

namespace fs = std::filesystem;

constexpr unsigned files = 40;
constexpr unsigned images_per_file = 100;
constexpr std::uint32_t window = 0x20000;       // one image
constexpr std::uint32_t segmented_windows = 8;  // below 1 MiB type 02 records reach
constexpr std::uint32_t windows = 0x8000;       // 4 GiB

using ByteMap = std::map<std::uint32_t, std::uint8_t>;

// Whether type 02 records that wrap may be used: srec_cat wraps them as the specification says,
// objcopy does not.
enum class Wrap : std::uint8_t { allowed, avoided };

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(engine_);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  std::mt19937 &engine() { return engine_; }

 private:
  std::mt19937 engine_;
};

struct Chunk {
  std::uint32_t address = 0;
  Bytes data;
};

struct HexFile {
  std::string text;
  ByteMap expected;
};

// Bytes of one image, cut into records of random lengths.
void add_image(std::vector<Chunk> &chunks, ByteMap &bytes, std::uint32_t base, Random &random) {
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

class Emitter {
 public:
  explicit Emitter(Random &random) : random_(random), line_end_(random.one_in(2) ? "\r\n" : "\n") {}

  void chunk(const Chunk &chunk) {
    if (chunk.address < segmented_windows * window && random_.one_in(2)) {
      segmented(chunk);
    } else {
      linear(chunk);
    }
    if (random_.one_in(200)) line(test::record(5, 0, Bytes{8, 0, 0, 0xED}));
    if (random_.one_in(200)) line(test::record(3, 0, Bytes{0, 0, 0x12, 0x34}));
    if (random_.one_in(100))
      line(test::record(0, static_cast<std::uint16_t>(random_.below(0x10000)), {}));
  }

  // A type 02 record whose offset wraps from the end of its 64 KiB to the beginning.
  void wrapping_record(ByteMap &bytes) {
    const std::uint32_t segment = random_.below(0xF000);
    const std::uint32_t head = 1 + random_.below(100);
    const std::uint32_t size = head + 1 + random_.below(100);
    Bytes content;
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint32_t address = (segment << 4) + ((0x10000 - head + i) & 0xFFFF);
      content.push_back(
          bytes.emplace(address, static_cast<std::uint8_t>(random_.below(256))).first->second);
    }
    base(2, static_cast<std::uint16_t>(segment));
    data(0x10000 - head, content);
  }

  std::string finish() {
    line(test::end_of_file);
    return std::move(text_);
  }

 private:
  void line(std::string record) {
    if (random_.one_in(3)) {
      std::transform(record.begin(), record.end(), record.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      });
    }
    text_ += record + line_end_;
  }

  // objcopy adds both bases up: the other one is set to zero first.
  void base(std::uint8_t type, std::uint16_t value) {
    if (type_ == type && value_ == value && !random_.one_in(20)) return;
    if (type_ != type) line(test::word_record(type == 2 ? 4 : 2, 0));
    line(test::word_record(type, value));
    type_ = type;
    value_ = value;
  }

  void data(std::uint32_t offset, std::span<const std::uint8_t> bytes) {
    line(test::record(0, static_cast<std::uint16_t>(offset), bytes));
  }

  void linear(const Chunk &chunk) {
    base(4, static_cast<std::uint16_t>(chunk.address >> 16));
    const std::uint32_t offset = chunk.address & 0xFFFF;
    const std::size_t head = std::min<std::size_t>(chunk.data.size(), 0x10000 - offset);
    data(offset, std::span(chunk.data).first(head));
    if (head == chunk.data.size()) return;
    base(4, static_cast<std::uint16_t>((chunk.address >> 16) + 1));
    data(0, std::span(chunk.data).subspan(head));
  }

  void segmented(const Chunk &chunk) {
    const std::uint32_t back =
        std::min(chunk.address >> 4, random_.below((0x10000 - 256 - 15) >> 4));
    const std::uint32_t segment = (chunk.address >> 4) - back;
    const std::uint32_t offset = chunk.address - (segment << 4);
    base(2, static_cast<std::uint16_t>(segment));
    data(offset, chunk.data);
  }

  Random &random_;
  std::string line_end_;
  std::string text_;
  std::uint8_t type_ = 0;
  std::uint16_t value_ = 0;
};

std::vector<Chunk> random_images(Random &random, ByteMap &bytes) {
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

HexFile random_hex(unsigned seed, Wrap wrap) {
  Random random(seed);
  HexFile file;
  std::vector<Chunk> chunks = random_images(random, file.expected);
  if (!random.one_in(4)) std::shuffle(chunks.begin(), chunks.end(), random.engine());
  Emitter emitter(random);
  for (const Chunk &chunk : chunks) {
    emitter.chunk(chunk);
    if (wrap == Wrap::allowed && random.one_in(20)) emitter.wrapping_record(file.expected);
  }
  file.text = emitter.finish();
  return file;
}

std::string s_record(const Chunk &chunk) {
  Bytes bytes{static_cast<std::uint8_t>(chunk.data.size() + 5)};
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(chunk.address >> shift));
  bytes.insert(bytes.end(), chunk.data.begin(), chunk.data.end());
  std::uint8_t sum = 0;
  std::string text = "S3";
  for (const std::uint8_t byte : bytes) {
    sum = static_cast<std::uint8_t>(sum + byte);
    fmt::format_to(std::back_inserter(text), "{:02X}", byte);
  }
  return text + fmt::format("{:02X}\n", static_cast<std::uint8_t>(~sum));
}

// Data records S1, S2, S3; the tool's output is trusted.
ByteMap read_srecords(const std::string &text) {
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

ByteMap bytes_of(const ParsedFile &file) {
  ByteMap bytes;
  for (const Segment &segment : file.segments) {
    for (std::size_t i = 0; i < segment.data.size(); ++i) {
      bytes.emplace(static_cast<std::uint32_t>(segment.address + i), segment.data[i]);
    }
  }
  return bytes;
}

ByteMap parse(const std::string &text) {
  return bytes_of(ihex::parse({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()}));
}

std::string difference(const ByteMap &ours, const ByteMap &theirs) {
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

class IhexPeers : public testing::Test {
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

const std::string objcopy_reads = OBJCOPY " -I ihex -O srec in out";
const std::string objcopy_writes = OBJCOPY " -I srec -O ihex in out";
const std::string srec_cat_reads = SREC_CAT " in -intel -o out -motorola";
const std::string srec_cat_writes = SREC_CAT " in -motorola -o out -intel";

TEST_F(IhexPeers, objcopy_and_we_read_the_same_from_4000_random_images) {
  for (unsigned seed = 0; seed < files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const HexFile file = random_hex(seed, Wrap::avoided);
    const ByteMap ours = parse(file.text);
    ASSERT_EQ(difference(ours, file.expected), "");
    ASSERT_EQ(difference(ours, read_srecords(convert(file.text, objcopy_reads))), "");
  }
}

TEST_F(IhexPeers, srec_cat_and_we_read_the_same_from_4000_random_images) {
  for (unsigned seed = 1000; seed < 1000 + files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const HexFile file = random_hex(seed, Wrap::allowed);
    const ByteMap ours = parse(file.text);
    ASSERT_EQ(difference(ours, file.expected), "");
    ASSERT_EQ(difference(ours, read_srecords(convert(file.text, srec_cat_reads))), "");
  }
}

TEST_F(IhexPeers, we_read_what_objcopy_and_srec_cat_write) {
  for (unsigned seed = 2000; seed < 2000 + files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    ByteMap expected;
    std::string text;
    for (Chunk &chunk : random_images(random, expected)) {
      chunk.data.resize(
          std::min<std::size_t>(chunk.data.size(), 250));  // what fits into an S-record
      text += s_record(chunk);
    }
    text += "S70500000000FA\n";
    expected = read_srecords(text);
    ASSERT_EQ(difference(parse(convert(text, objcopy_writes)), expected), "");
    ASSERT_EQ(difference(parse(convert(text, srec_cat_writes)), expected), "");
  }
}

TEST_F(IhexPeers, objcopy_and_srec_cat_read_what_we_write) {
  for (unsigned seed = 3000; seed < 3000 + files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    ByteMap expected;
    static_cast<void>(random_images(random, expected));
    ParsedFile content;
    for (const auto &[address, byte] : expected) {
      if (content.segments.empty() || content.segments.back().end() != address) {
        content.segments.push_back({address, {}});
      }
      content.segments.back().data.push_back(byte);
    }
    const Bytes file = ihex::write(content);
    const std::string text(file.begin(), file.end());
    ASSERT_EQ(difference(parse(text), expected), "");
    ASSERT_EQ(difference(read_srecords(convert(text, objcopy_reads)), expected), "");
    ASSERT_EQ(difference(read_srecords(convert(text, srec_cat_reads)), expected), "");
  }
}

}  // namespace
}  // namespace flashhost
