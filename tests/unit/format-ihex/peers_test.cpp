// Random images through our parser, GNU objcopy and srec_cat. The tools turn Intel HEX into
// Motorola S-records, which keep gaps, and S-records into Intel HEX.
#include "emitter.hpp"
#include "ihex.hpp"
#include "record_peers.hpp"

namespace flashhost {
namespace {

using namespace test;
using IhexPeers = RecordPeers;

// Whether type 02 records that wrap may be used: srec_cat wraps them as the specification says,
// objcopy does not.
enum class Wrap : std::uint8_t { allowed, avoided };

struct HexFile {
  std::string text;
  ByteMap expected;
};

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

ByteMap parse(const std::string &text) {
  return bytes_of(ihex::parse(bytes_of(text)));
}

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
      text += s_record('3', chunk.address, 4, chunk.data) + "\n";
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
    const Bytes file = ihex::write(content_of(expected));
    const std::string text(file.begin(), file.end());
    ASSERT_EQ(difference(parse(text), expected), "");
    ASSERT_EQ(difference(read_srecords(convert(text, objcopy_reads)), expected), "");
    ASSERT_EQ(difference(read_srecords(convert(text, srec_cat_reads)), expected), "");
  }
}

}  // namespace
}  // namespace flashhost
