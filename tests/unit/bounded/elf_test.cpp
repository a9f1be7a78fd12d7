// ELF files made to cost time or memory: both stay in proportion to the file. libelf's
// steps are not counted: it is asked for the two header tables, whose sizes are checked before, and
// for names in messages. What it allocates is.
#include "cost.hpp"

#include <flashhost/error.hpp>

#include <elf.hpp>
#include <format-elf/elf_maker.hpp>
#include <malloc.h>

namespace flashhost {
namespace {

using test::ElfMaker;
using testing::cost_of;
using testing::expect_near_linear;
using testing::expect_to_stop_soon;

using Maker = Bytes (*)(std::size_t count);

void parse(const Bytes &file, const std::stop_token &stop = {}) {
  try {
    static_cast<void>(elf::parse(file, stop));
  } catch (const Error &error) {
    if (error.code() == Errc::interrupted) throw;
  }
}

// count one-byte sections; address says where the i-th goes. All but the last segment are in vain.
Bytes sections(std::size_t count, std::size_t segments,
               const std::function<std::uint32_t(std::uint32_t)> &address) {
  ElfMaker maker;
  maker.content_at = static_cast<std::uint32_t>(64 + segments * sizeof(Elf32_Phdr));
  const std::uint32_t offset = maker.add(Bytes(count, 7));
  for (std::size_t i = 1; i < segments; ++i) maker.segment(0, 1, 1, 1);
  maker.segment(offset, static_cast<std::uint32_t>(count), 0x40000000, 0x40000000);
  for (std::uint32_t i = 0; i < count; ++i) maker.section("s", offset + i, 1, address(i));
  maker.header.e_shstrndx = 1;
  return maker.make();
}

Bytes ascending(std::size_t count) {
  return sections(count, 1, [](std::uint32_t i) { return 2 * i; });
}
Bytes descending(std::size_t count) {
  return sections(count, 1, [&](std::uint32_t i) { return 0x10000000 - 2 * i; });
}
Bytes scattered(std::size_t count) {
  return sections(count, 1, [](std::uint32_t i) { return i * 2'654'435'769U; });
}
Bytes at_one_address(std::size_t count) {
  return sections(count, 1, [](std::uint32_t /*i*/) { return 0U; });
}
Bytes in_the_last_of_many_segments(std::size_t count) {
  return sections(count, elf::max_segments, [](std::uint32_t i) { return 0x40000000 + i; });
}

Bytes a_contradiction_at_the_end(std::size_t count) {
  Bytes file = at_one_address(count);
  file[64 + sizeof(Elf32_Phdr) + count - 1] ^= 1;
  return file;
}

// Each names all of the content.
Bytes shared_content(std::size_t count) {
  ElfMaker maker;
  const std::uint32_t offset = maker.add(Bytes(count));
  maker.segment(offset, 1, 0, 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    maker.section("s", offset, static_cast<std::uint32_t>(count), i << 16);
  }
  return maker.make();
}

struct Hostile {
  const char *name;
  Maker make;
};

class ElfCost : public ::testing::TestWithParam<Hostile> {};

TEST_P(ElfCost, TimeIsNearLinear) {
  expect_near_linear(
      [](std::size_t count) {
        const Bytes file = GetParam().make(count);
        return cost_of([&] { parse(file); });
      },
      4'000);
}

TEST_P(ElfCost, MemoryIsAtMostThreeTimesTheFile) {
  const Bytes file = GetParam().make(16'000);
  EXPECT_LT(cost_of([&] { parse(file); }).peak, 3 * file.size() + 65536 + 8192);
}

TEST_P(ElfCost, AStopIsNoticedAtOnce) {
  const Bytes file = GetParam().make(16'000);
  expect_to_stop_soon([&](const std::stop_token &stop) { parse(file, stop); });
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, ElfCost,
    ::testing::Values(Hostile{"Ascending", ascending}, Hostile{"Descending", descending},
                      Hostile{"Scattered", scattered}, Hostile{"AtOneAddress", at_one_address},
                      Hostile{"InTheLastOfManySegments", in_the_last_of_many_segments},
                      Hostile{"AContradictionAtTheEnd", a_contradiction_at_the_end},
                      Hostile{"SharedContent", shared_content}),
    [](const auto &test) { return std::string(test.param.name); });

TEST(ElfMemory, LibelfTakesAtMostSixTimesTheSectionHeaders) {
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const Bytes bytes = ascending(16'000);
  const std::size_t before = in_use();
  const elf::File file(bytes);
  EXPECT_EQ(file.section_name(1), "");
  EXPECT_LT(in_use() - before, 6 * file.section_count() * sizeof(Elf32_Shdr));
}

TEST(ElfMemory, OneLargeSectionTakesThreeTimesItsSizeAtMost) {
  ElfMaker maker;
  maker.part(".text", Bytes(1'000'000, 1), 0x08000000, 0x08000000);
  const Bytes file = maker.make();
  EXPECT_LT(cost_of([&] { parse(file); }).peak, 3 * file.size());
}

}  // namespace
}  // namespace flashhost
