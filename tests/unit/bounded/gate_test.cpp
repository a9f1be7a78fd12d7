// Gate 2 on files that claim to be huge: what it reads and keeps is bounded.
#include "cost.hpp"

#include <flashhost/plugin.h>

#include <elf.h>
#include <gates/elf_section.hpp>

#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace flashhost {
namespace {

using testing::Cost;
using testing::cost_of;

// An ELF file of 4 GiB, zero but for what was put into it.
class SparseFile {
 public:
  SparseFile(std::uint16_t sections, std::uint64_t names_size, const std::string &names) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_shoff = table_at;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = sections;
    put(0, &header, sizeof header);
    Elf64_Shdr table{};
    table.sh_offset = names_at;
    table.sh_size = names_size;
    put(table_at, &table, sizeof table);
    put(names_at, names.data(), names.size());
  }

  [[nodiscard]] ReadAt reader() {
    return [this](std::uint64_t offset, std::span<std::byte> buffer) {
      bytes_read += buffer.size();
      ++reads;
      if (offset > size || buffer.size() > size - offset) return false;
      std::fill(buffer.begin(), buffer.end(), std::byte{0});
      for (const auto &[start, part] : parts_) {
        for (std::size_t i = 0; i < part.size(); ++i) {
          if (start + i >= offset && start + i - offset < buffer.size()) {
            buffer[start + i - offset] = part[i];
          }
        }
      }
      return true;
    };
  }

  static constexpr std::uint64_t size = std::uint64_t{1} << 32;
  std::uint64_t bytes_read = 0;
  unsigned reads = 0;

 private:
  static constexpr std::uint64_t table_at = 0x1000;
  static constexpr std::uint64_t names_at = 0x80000000;

  void put(std::uint64_t at, const void *data, std::size_t length) {
    const auto *first = static_cast<const std::byte *>(data);
    parts_[at] = {first, first + length};
  }

  std::map<std::uint64_t, std::vector<std::byte>> parts_;
};

constexpr std::uint64_t most_bytes = 320 * 1024 + 65;

Cost cost_of_gate(SparseFile &file, const std::string &reason) {
  const ReadAt read = file.reader();
  const Cost cost =
      cost_of([&] { EXPECT_EQ(lacks_section(read, plugin_section).value_or("a plugin"), reason); });
  EXPECT_LE(file.bytes_read, most_bytes);
  EXPECT_LE(file.reads, 4U);
  EXPECT_LE(cost.peak, most_bytes + 8192);
  return cost;
}

TEST(GateCost, AHugeNameTableIsRefusedUnread) {
  SparseFile file(1, 200'000'000, {});
  cost_of_gate(file, "the names of its sections take 200000000 bytes; more than 65536 are refused");
}

TEST(GateCost, TooManySectionsAreRefusedUnread) {
  SparseFile file(0xFF00, 1, {});
  cost_of_gate(file, "it has 65280 sections; more than 4096 are refused");
}

TEST(GateCost, TheMostSectionsWithOneLongNameCostNoMoreThanTheirNumber) {
  const auto steps = [](std::uint16_t sections) {
    SparseFile file(sections, 65536, std::string(65535, 'x'));
    return cost_of_gate(file,
                        "it is a shared object, but no flashhost plugin: it has no section "
                        "flashhost_v2")
        .steps;
  };
  EXPECT_LT(steps(4096), 5 * steps(1024));
}

TEST(GateCost, TheNameOfAForeignSectionReachesTheMessageAsANumberOrNotAtAll) {
  const auto reason = [](const std::string &name) {
    SparseFile file(1, name.size() + 1, name);
    return lacks_section(file.reader(), plugin_section).value_or("a plugin");
  };
  EXPECT_EQ(reason(FLASHHOST_SECTION), "a plugin");
  EXPECT_EQ(reason("flashhost_v23"), "it speaks plugin interface 23, this flashhost speaks 2");
  const std::string other =
      "it is a shared object, but no flashhost plugin: it has no section flashhost_v2";
  for (const std::string name : {"flashhost_v\x1b[2J", "flashhost_v2 ", "flashhost_v2\x80",
                                 "flashhost_v", "flashhost_v-1", "flashhost_v0x1"}) {
    EXPECT_EQ(reason(name), other) << name;
  }
  EXPECT_EQ(reason("flashhost_v" + std::string(10'000, '1')), other);
}

TEST(GateCost, NamesBeyondTheTableAreRefused) {
  SparseFile empty(1, 0, {});
  const std::string damaged = "it is not a whole ELF shared object of this machine";
  cost_of_gate(empty, damaged);
  SparseFile endless(1, 4, "abcd");
  cost_of_gate(endless, damaged);
  SparseFile none(0, 1, {});
  cost_of_gate(none, damaged);
}

}  // namespace
}  // namespace flashhost
