// Room for large files is made of large pages.
#include <flashhost/room.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>

namespace flashhost {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// The kernel's flags of the memory that an address is in, as "rd wr mr hg".
std::string flags_of_memory_at(const void *address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    const char *const end = line.data() + line.size();
    std::uintptr_t first = 0, behind = 0;
    const char *const dash = std::from_chars(line.data(), end, first, 16).ptr;
    if (dash != end && *dash == '-' && std::from_chars(dash + 1, end, behind, 16).ptr != end) {
      here = first <= wanted && wanted < behind;
    } else if (here && line.starts_with("VmFlags:")) {
      return line;
    }
  }
  return "none found";
}

bool system_has_large_pages() {
  void *const some =
      mmap(nullptr, 4 * mebibyte, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool has = some != MAP_FAILED && madvise(some, 4 * mebibyte, MADV_HUGEPAGE) == 0;
  if (some != MAP_FAILED) munmap(some, 4 * mebibyte);
  return has;
}

TEST(MakeRoom, LargeOnesHaveLargePagesWhereTheSystemHasThem) {
  Bytes bytes;
  make_room(bytes, 16 * mebibyte);
  EXPECT_GE(bytes.capacity(), 16 * mebibyte);
  EXPECT_TRUE(bytes.empty());
  const std::string flags = flags_of_memory_at(bytes.data() + bytes.capacity() / 2);
  EXPECT_EQ(flags.find(" hg") != std::string::npos, system_has_large_pages()) << flags;
}

TEST(MakeRoom, WhatIsThereStays) {
  Bytes bytes{1, 2, 3};
  make_room(bytes, 8 * mebibyte);
  EXPECT_EQ(bytes, (Bytes{1, 2, 3}));
  make_room(bytes, 1);
  EXPECT_EQ(bytes, (Bytes{1, 2, 3}));
  EXPECT_GE(bytes.capacity(), 8 * mebibyte);
}

}  // namespace
}  // namespace flashhost
