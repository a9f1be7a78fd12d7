// Random images through our parser, GNU objcopy and srec_cat, and what we write through theirs.
#include "ihex.hpp"
#include "record_peers.hpp"
#include "srec.hpp"

#include <iostream>

namespace flashhost {
namespace {

using namespace test;
using SrecPeers = RecordPeers;

ByteMap parse(const std::string &text) {
  return bytes_of(srec::parse(bytes_of(text)));
}

// Where an S6 record may be: objcopy takes data before and behind it for one piece, and then fails
// to read it.
enum class LongCount : std::uint8_t { anywhere, at_the_end };

// Records of any type that the address fits into, titles and counts between them.
class SrecEmitter {
 public:
  SrecEmitter(Random &random, LongCount long_count)
      : random_(random), long_count_(long_count), line_end_(random.one_in(2) ? "\r\n" : "\n") {}

  void chunk(const Chunk &chunk) {
    for (std::size_t at = 0; at < chunk.data.size();) {
      const std::size_t size = std::min<std::size_t>(chunk.data.size() - at, 250);
      data(static_cast<std::uint32_t>(chunk.address + at), std::span(chunk.data).subspan(at, size));
      at += size;
    }
    if (random_.one_in(100)) line(s_record('0', 0, 2, Bytes{'H', 'i'}));
    if (random_.one_in(100)) data(random_.below(0x10000), {});
    if (random_.one_in(100)) line(long_count_ == LongCount::anywhere ? count() : short_count());
  }

  std::string finish() {
    if (random_.one_in(2)) line(count());
    const auto type = static_cast<char>('7' + random_.below(3));
    const std::size_t size = type == '7' ? 4 : type == '8' ? 3 : 2;
    line(s_record(type, random_.below(0x10000), size, {}));
    return std::move(text_);
  }

 private:
  void line(std::string record) {
    if (random_.one_in(3)) {
      std::transform(record.begin() + 2, record.end(), record.begin() + 2, [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      });
    }
    text_ += record + line_end_;
  }

  void data(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    std::size_t size = 4;
    if (address <= 0xFFFFFF && random_.one_in(2)) size = 3;
    if (address <= 0xFFFF && random_.one_in(2)) size = 2;
    line(s_record(static_cast<char>('0' + size - 1), address, size, bytes));
    ++records_;
  }

  [[nodiscard]] std::string short_count() const { return s_record('5', records_, 2, {}); }
  std::string count() { return random_.one_in(2) ? short_count() : s_record('6', records_, 3, {}); }

  Random &random_;
  LongCount long_count_;
  std::string line_end_;
  std::string text_;
  std::uint32_t records_ = 0;
};

struct SrecFile {
  std::string text;
  ByteMap expected;
};

SrecFile random_srec(unsigned seed, LongCount long_count) {
  Random random(seed);
  SrecFile file;
  std::vector<Chunk> chunks = random_images(random, file.expected);
  if (!random.one_in(4)) std::shuffle(chunks.begin(), chunks.end(), random.engine());
  SrecEmitter emitter(random, long_count);
  for (const Chunk &chunk : chunks) emitter.chunk(chunk);
  file.text = emitter.finish();
  return file;
}

// Random content, all of it moved to addresses of this size.
ByteMap random_bytes(unsigned seed, std::size_t address_size) {
  Random random(seed);
  ByteMap anywhere;
  static_cast<void>(random_images(random, anywhere));
  ByteMap bytes;
  for (const auto &[address, byte] : anywhere) {
    bytes.emplace(address & (0xFFFFFFFFU >> (32 - 8 * address_size)), byte);
  }
  return bytes;
}

const std::string objcopy_reads = OBJCOPY " -I srec -O srec in out";
const std::string objcopy_writes = OBJCOPY " -I ihex -O srec in out";
const std::string srec_cat_reads = SREC_CAT " in -motorola -o out -motorola";
const std::string srec_cat_writes = SREC_CAT " in -intel -o out -motorola";

// How many images the test compared, for the records of whoever runs it.
void say(std::size_t images) {
  std::cout << images << " images compared\n";
}

TEST_F(SrecPeers, objcopy_and_we_read_the_same_from_4000_random_images) {
  for (unsigned seed = 0; seed < files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const SrecFile file = random_srec(seed, LongCount::at_the_end);
    ASSERT_EQ(difference(parse(file.text), file.expected), "");
    ASSERT_EQ(difference(read_srecords(convert(file.text, objcopy_reads)), file.expected), "");
  }
  say(std::size_t{files} * images_per_file);
}

TEST_F(SrecPeers, srec_cat_and_we_read_the_same_from_4000_random_images) {
  for (unsigned seed = 1000; seed < 1000 + files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const SrecFile file = random_srec(seed, LongCount::anywhere);
    ASSERT_EQ(difference(parse(file.text), file.expected), "");
    ASSERT_EQ(difference(read_srecords(convert(file.text, srec_cat_reads)), file.expected), "");
  }
  say(std::size_t{files} * images_per_file);
}

TEST_F(SrecPeers, we_read_what_objcopy_and_srec_cat_write) {
  for (unsigned seed = 2000; seed < 2000 + files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const std::size_t address_size = 2 + seed % 3;
    const ByteMap expected = random_bytes(seed, address_size);
    const Bytes file = ihex::write(content_of(expected));
    const std::string text(file.begin(), file.end());
    const std::string type = fmt::format("\nS{}", address_size - 1);
    const std::string objcopy =
        fmt::format("{}{} --srec-len={}", objcopy_writes,
                    address_size == 4 ? " --srec-forceS3" : "", 1 + seed % 200);
    ASSERT_EQ(difference(parse(convert(text, objcopy)), expected), "");
    const std::string theirs =
        convert(text, srec_cat_writes + fmt::format(" --address-length={}", address_size));
    ASSERT_NE(theirs.find(type), std::string::npos);
    ASSERT_EQ(difference(parse(theirs), expected), "");
  }
  say(2 * std::size_t{files} * images_per_file);
}

TEST_F(SrecPeers, objcopy_and_srec_cat_read_what_we_write) {
  for (unsigned seed = 3000; seed < 3000 + files; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const ByteMap expected = random_bytes(seed, 2 + seed % 3);
    const Bytes file = srec::write(content_of(expected));
    const std::string text(file.begin(), file.end());
    ASSERT_EQ(difference(parse(text), expected), "");
    ASSERT_EQ(difference(read_srecords(convert(text, objcopy_reads)), expected), "");
    ASSERT_EQ(difference(read_srecords(convert(text, srec_cat_reads)), expected), "");
  }
  say(2 * std::size_t{files} * images_per_file);
}

}  // namespace
}  // namespace flashhost
