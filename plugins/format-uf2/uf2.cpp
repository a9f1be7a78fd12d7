#include "uf2.hpp"

#include "block.hpp"
#include "families.hpp"

#include <flashhost/assembler.hpp>
#include <flashhost/error.hpp>
#include <flashhost/stop_watch.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace flashhost::uf2 {

namespace {

constexpr std::uint64_t address_space = std::uint64_t{1} << 32;
constexpr const char *damaged = "The file is cut off or damaged: build or copy it again.";

// An id; empty: the block is for any chip.
using FamilyId = std::optional<std::uint32_t>;

struct Block {
  std::size_t offset = 0;  // into the file
  std::uint32_t number = 0;
  std::uint32_t total = 0;
  std::uint32_t address = 0;
  std::span<const std::uint8_t> payload;
  FamilyId family;
  bool main_flash = true;
};

[[noreturn]] void fail(const std::string &reason, std::string hint = damaged) {
  throw Error(Errc::image, reason, std::move(hint));
}
[[noreturn]] void fail_at(std::size_t offset, const std::string &reason,
                          std::string hint = damaged) {
  fail(fmt::format("block at offset {}: {}", offset, reason), std::move(hint));
}

std::uint32_t word(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// STM32F4 (0x57755a57).
std::string show(const FamilyId &family) {
  if (!family) return "any chip";
  const std::string_view name = family_name(*family);
  return name.empty() ? fmt::format("family {}", hex(*family))
                      : fmt::format("{} ({})", name, hex(*family));
}

// MD5 sums (flag 0x4000) say which regions a boot loader need not write, and extension tags
// (0x8000) name versions and devices: both stand behind the payload and say nothing of it.
Block block_of(std::span<const std::uint8_t> bytes, std::size_t offset) {
  if (!starts_with_block(bytes)) {
    fail_at(offset, "it does not begin with UF2's magic numbers");
  }
  if (word(bytes, last_magic_at) != last_magic) {
    fail_at(offset, fmt::format("it does not end with UF2's magic number {}", hex(last_magic)));
  }
  const std::uint32_t flags = word(bytes, flags_at);
  if ((flags & file_container) != 0) {
    fail_at(offset, "it holds a part of a file for the device's file system",
            "Such a UF2 file is copied onto the device's drive; there is nothing in it for the "
            "flash itself.");
  }
  Block block;
  block.offset = offset;
  block.number = word(bytes, number_at);
  block.total = word(bytes, total_at);
  block.address = word(bytes, address_at);
  if ((flags & has_family) != 0) block.family = word(bytes, family_at);
  block.main_flash = (flags & not_main_flash) == 0;
  if (block.number >= block.total) {
    fail_at(offset, fmt::format("its number is {}, but there are {} blocks, counted from 0",
                                block.number, block.total));
  }
  if (!block.main_flash) return block;
  const std::uint32_t size = word(bytes, size_at);
  if (size == 0 || size > most_payload) {
    fail_at(offset, fmt::format("it says that it holds {} bytes; that must be 1 to {}", size,
                                most_payload));
  }
  if (std::uint64_t{block.address} + size > address_space) {
    fail_at(offset, fmt::format("{} bytes at {} reach beyond the 32-bit address space", size,
                                hex(block.address)));
  }
  block.payload = bytes.subspan(payload_at, size);
  return block;
}

std::vector<Block> blocks_of(std::span<const std::uint8_t> file, StopWatch &watch) {
  if (!starts_with_block(file)) {
    fail("it does not begin as a UF2 file does",
         "Is this a UF2 file? If not, name its format: --format, or image.format in the board "
         "file.");
  }
  std::vector<Block> blocks;
  blocks.reserve(file.size() / block_size);
  std::size_t at = 0;
  for (; file.size() - at >= block_size; at += block_size) {
    watch.step();
    blocks.push_back(block_of(file.subspan(at, block_size), at));
  }
  if (at < file.size()) {
    fail(fmt::format("the file ends inside a block: it has {} bytes, not a multiple of {}",
                     file.size(), block_size));
  }
  return blocks;
}

using FamilyIds = std::set<FamilyId>;  // "any chip" first

// For messages: not all of very many.
std::string list(const FamilyIds &families) {
  constexpr std::size_t most = 8;
  std::string text;
  std::size_t count = 0;
  for (const FamilyId &family : families) {
    if (count == most) return fmt::format("{} and {} more", text, families.size() - most);
    text += (count == 0 ? "" : ", ") + show(family);
    ++count;
  }
  return text;
}

FamilyId choose_family(const std::vector<Block> &blocks, const FamilyId &wanted, StopWatch &watch) {
  FamilyIds families;
  for (const Block &block : blocks) {
    watch.step();
    if (block.main_flash) families.insert(block.family);
  }
  if (wanted && families.contains(wanted)) return wanted;
  if (!wanted && families.size() < 2) return families.empty() ? FamilyId() : *families.begin();
  if (families.empty()) fail(fmt::format("none of its blocks is for {}", show(wanted)));
  if (wanted) {
    fail(fmt::format("none of its blocks is for {}; they are for {}", show(wanted), list(families)),
         "Correct family in [image.settings], or leave it out.");
  }
  const std::uint32_t example = families.lower_bound(FamilyId(0U))->value_or(0);
  fail(fmt::format("its blocks are for different chips: {}", list(families)),
       fmt::format("Say which are wanted: [image.settings] family = \"{}\".", hex(example)));
}

// The blocks that count as one file: those of the family, and what is not for the flash and may
// stand between them. In the order of their numbers, each once.
class Sequence {
 public:
  Sequence(const std::vector<Block> &blocks, const FamilyId &family, StopWatch &watch) {
    for (const Block &block : blocks) {
      watch.step();
      if (block.family == family || (!block.main_flash && !block.family)) take(block);
    }
    const auto before = [&](const Block *a, const Block *b) {
      watch.step();
      return std::tie(a->number, a->offset) < std::tie(b->number, b->offset);
    };
    if (!std::is_sorted(blocks_.begin(), blocks_.end(), before)) {
      std::sort(blocks_.begin(), blocks_.end(), before);
    }
    check(watch);
  }

  using Take = std::function<void(const Block &)>;
  void for_each(StopWatch &watch, const Take &take) const {
    for (const Block *block : blocks_) {
      watch.step();
      if (block->main_flash) take(*block);
    }
  }

 private:
  void take(const Block &block) {
    if (!blocks_.empty() && block.total != blocks_.front()->total) {
      fail_at(block.offset,
              fmt::format("it says that there are {} blocks, the one at offset {} "
                          "says {}",
                          block.total, blocks_.front()->offset, blocks_.front()->total),
              "Two files were joined: give them as two [[image]] entries.");
    }
    blocks_.push_back(&block);
  }

  void check(StopWatch &watch) const {
    std::uint32_t next = 0;
    const Block *last = nullptr;
    for (const Block *block : blocks_) {
      watch.step();
      if (last != nullptr && block->number == last->number) {
        if (block->address == last->address && equal(block->payload, last->payload)) continue;
        fail(fmt::format("block {} is there twice, at offsets {} and {}, and not the same",
                         block->number, last->offset, block->offset),
             "Two files were joined: give them as two [[image]] entries.");
      }
      if (block->number != next) fail_missing(next, block->number);
      next = block->number + 1;
      last = block;
    }
    if (last != nullptr && next != last->total) fail_missing(next, last->total);
  }

  [[noreturn]] void fail_missing(std::uint32_t first, std::uint32_t end) const {
    const std::uint32_t total = blocks_.front()->total;
    if (end - first == 1) fail(fmt::format("block {} of 0 to {} is missing", first, total - 1));
    fail(fmt::format("blocks {} to {} of 0 to {} are missing", first, end - 1, total - 1));
  }

  std::vector<const Block *> blocks_;
};

}  // namespace

ParsedFile parse(std::span<const std::uint8_t> file, std::optional<std::uint32_t> family,
                 const std::stop_token &stop) {
  StopWatch watch(stop);
  const std::vector<Block> blocks = blocks_of(file, watch);
  const FamilyId chosen = choose_family(blocks, family, watch);
  const Sequence sequence(blocks, chosen, watch);
  Assembler assembler(Overlap::refuse, watch, file.size());
  sequence.for_each(watch,
                    [&](const Block &block) { assembler.add(block.address, block.payload); });
  Assembler::Result result = assembler.finish({});
  if (result.contradiction) {
    ContradictionFinder finder(*result.contradiction);
    sequence.for_each(watch, [&](const Block &block) {
      const auto found = finder.look(block.address, block.payload, block.number);
      if (!found) return;
      fail(contradiction_error(*found, "block").what(),
           "Two parts of the firmware overlap: check what was converted, and to which address.");
    });
    throw std::logic_error("the contradiction is gone");
  }
  return {std::move(result.segments), {}, std::string(chosen ? family_name(*chosen) : "")};
}

bool starts_with_block(std::span<const std::uint8_t> head) {
  return head.size() >= flags_at && word(head, first_magic_at) == first_magic &&
         word(head, second_magic_at) == second_magic;
}

}  // namespace flashhost::uf2
