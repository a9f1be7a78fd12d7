// Random UF2 files through our parser and through a reader of a few lines of Python; and what we
// write through that reader.
#include "random.hpp"
#include "temporary_folder.hpp"
#include "uf2.hpp"
#include "uf2_maker.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>

namespace flashhost {
namespace {

using test::Random;
using test::Uf2Block;

// Bytes that depend on nothing but their address, so that overlapping blocks agree.
Bytes content(std::uint32_t address, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>((address + i) * 2654435761U >> 13);
  }
  return bytes;
}

// Blocks of one family, or of none, numbered by themselves.
std::vector<Uf2Block> random_blocks(Random &random, std::uint32_t family, bool has_family) {
  std::vector<Uf2Block> blocks;
  std::uint32_t address = random.one_in(4) ? 0xFFFF0000 : 0x08000000 + random.below(0x10000);
  const std::uint32_t count = 1 + random.below(40);
  for (std::uint32_t number = 0; number < count; ++number) {
    const std::uint32_t size = random.one_in(2) ? 256 : 1 + random.below(476);
    Uf2Block block{address, content(address, size), number, count};
    if (has_family) {
      block.flags |= 0x2000;
      block.family = family;
    }
    if (random.one_in(4)) block.flags |= 0xC000;
    if (random.one_in(10)) block.flags |= 1;
    blocks.push_back(block);
    address += size;
    if (random.one_in(5)) address += random.below(600);
    if (random.one_in(8)) address -= random.below(size + 1);  // overlaps
  }
  const std::size_t again = random.below(4);
  for (std::size_t i = 0; i < again; ++i) blocks.push_back(blocks[random.below(count)]);
  if (random.one_in(2)) std::shuffle(blocks.begin(), blocks.end(), random.engine());
  return blocks;
}

std::string show(const ParsedFile &file) {
  std::string text;
  for (const Segment &segment : file.segments) {
    text += fmt::format(" {}:{}", hex(segment.address), hex_bytes(segment.data));
  }
  return text;
}

class Uf2Peers : public testing::Test {
 protected:
  void write(const std::string &name, const Bytes &file) {
    std::ofstream(folder_.path() / name, std::ios::binary) << std::string(file.begin(), file.end());
    names_ += " " + name;
  }

  // By the name of the file and the family, what the reader has found in it.
  [[nodiscard]] std::map<std::string, std::string> read() const {
    const std::string command = fmt::format("cd '{}' && {} '{}'{} >out 2>log",
                                            folder_.path().string(), PYTHON, READER, names_);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::map<std::string, std::string> found;
    std::ifstream stream(folder_.path() / "out");
    for (std::string line; std::getline(stream, line);) {
      std::istringstream words(line);
      std::string name;
      std::string family;
      words >> name >> family;
      std::string rest;
      std::getline(words, rest);
      found[name + " " + family] = rest;
    }
    return found;
  }

 private:
  const bench::QuickFolder folder_;
  std::string names_;
};

TEST_F(Uf2Peers, the_reader_and_we_read_the_same_from_600_random_files) {
  std::map<std::string, std::string> ours;
  for (unsigned seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    const std::string name = fmt::format("{}.uf2", seed);
    const bool has_family = !random.one_in(3);
    const std::uint32_t family = random.below(0x10000);
    std::vector<Uf2Block> blocks = random_blocks(random, family, has_family);
    const bool two = has_family && random.one_in(3);
    if (two) {
      const std::vector<Uf2Block> others = random_blocks(random, family + 1, true);
      blocks.insert(blocks.end(), others.begin(), others.end());
      if (random.one_in(2)) std::shuffle(blocks.begin(), blocks.end(), random.engine());
    }
    const Bytes file = test::uf2_file(blocks);
    write(name, file);
    const auto take = [&](std::optional<std::uint32_t> which) {
      if (std::none_of(blocks.begin(), blocks.end(), [&](const Uf2Block &block) {
            return (block.flags & 1) == 0 && (!which || block.family == *which);
          })) {
        return;  // only comments
      }
      const std::string key = name + " " + (which ? hex(*which) : "-");
      ours[key] = show(uf2::parse(file, two ? which : std::nullopt));
    };
    take(has_family ? std::optional(family) : std::nullopt);
    if (two) take(family + 1);
  }
  EXPECT_EQ(read(), ours);
}

TEST_F(Uf2Peers, the_reader_reads_what_we_write) {
  std::map<std::string, std::string> ours;
  for (unsigned seed = 1000; seed < 1200; ++seed) {
    Random random(seed);
    const ParsedFile file = uf2::parse(test::uf2_file(random_blocks(random, 0, false)));
    if (file.segments.empty()) continue;
    const std::string name = fmt::format("{}.uf2", seed);
    write(name, uf2::write(file));
    ours[name + " -"] = show(file);
  }
  EXPECT_EQ(read(), ours);
}

}  // namespace
}  // namespace flashhost
