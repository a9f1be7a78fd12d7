#include "vectors.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

constexpr std::uint32_t thumb_bit = 1;
constexpr std::uint32_t system_vectors = 16 * 4;  // bytes; those of interrupts come behind them

std::uint32_t word_at(const Segment &segment, std::uint32_t offset) {
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < 4; ++i) value |= std::uint32_t{segment.data[offset + i]} << (8 * i);
  return value;
}

std::uint32_t erased_word(const Chip &chip) {
  return chip.erased_value * std::uint32_t{0x01010101};
}

std::vector<MemoryRange> stack_ram(const Chip &chip) {
  return chip.stack_ram.empty() ? std::vector{chip.ram} : chip.stack_ram;
}

// A stack begins at the end of what it may use.
bool is_stack(std::uint32_t address, const Chip &chip) {
  return address % 4 == 0 && std::ranges::any_of(stack_ram(chip), [&](const MemoryRange &ram) {
           return address > ram.address && address <= ram.end();
         });
}

// Code may also be linked for the alias at 0 through which a chip reads the memory that it boots
// from.
bool starts_in(const Image &image, std::uint32_t entry, const Chip &chip) {
  const std::uint32_t address = entry & ~thumb_bit;
  constexpr std::uint32_t instruction = 2;
  return image.covers({address, instruction}) ||
         (address < chip.flash.size && image.covers({chip.flash.address + address, instruction}));
}

std::string image_ranges(const Image &image) {
  const std::string first =
      format_range({image.segments.front().address,
                    static_cast<std::uint32_t>(image.segments.front().data.size())});
  return image.segments.size() == 1
             ? first
             : fmt::format("{} and {} more", first, image.segments.size() - 1);
}

void doubt_stack(std::uint32_t stack, const Chip &chip, std::vector<std::string> &doubts) {
  if (is_stack(stack, chip)) return;
  std::string ram;
  for (const MemoryRange &range : stack_ram(chip)) {
    ram += (ram.empty() ? "" : ", ") + format_range(range);
  }
  doubts.push_back(
      fmt::format("the image puts its stack at {}, which is not in the internal RAM of {} ({}); "
                  "most likely it was built for another chip",
                  hex(stack), chip.name, ram));
}

void doubt_entry(std::uint32_t entry, const Image &image, const Chip &chip,
                 std::vector<std::string> &doubts) {
  if ((entry & thumb_bit) == 0) {
    doubts.push_back(
        fmt::format("the image's reset vector, {}, is even, but a Cortex-M runs Thumb "
                    "code only; most likely this is no Cortex-M firmware",
                    hex(entry)));
  } else if (!starts_in(image, entry, chip)) {
    doubts.push_back(
        fmt::format("the image's reset vector, {}, points outside the image ({}); "
                    "most likely the image is linked for another address, or a part "
                    "of the firmware is missing",
                    hex(entry), image_ranges(image)));
  }
}

}  // namespace

std::optional<Vectors> vectors_at(const Image &image, std::uint32_t address) {
  const std::vector<Segment> parts = image.in({address, Vectors::size});
  if (parts.size() != 1 || parts.front().data.size() != Vectors::size) return {};
  return Vectors{word_at(parts.front(), 0), word_at(parts.front(), 4)};
}

bool is_plausible(const std::optional<Vectors> &vectors, const Chip &chip) {
  return vectors && is_stack(vectors->stack, chip) && (vectors->entry & thumb_bit) != 0 &&
         chip.flash.contains(vectors->entry & ~thumb_bit);
}

std::vector<std::string> doubts_about(const Image &image, const Chip &chip) {
  std::vector<std::string> doubts;
  if (image.segments.empty()) return doubts;
  if (const auto vectors = vectors_at(image, chip.boot_address)) {
    if (vectors->stack == erased_word(chip) && vectors->entry == erased_word(chip)) {
      doubts.push_back(
          fmt::format("the image is blank at {}, where the chip reads its vector table "
                      "after a reset: nothing would start",
                      hex(chip.boot_address)));
      return doubts;
    }
    doubt_stack(vectors->stack, chip, doubts);
    doubt_entry(vectors->entry, image, chip, doubts);
    return doubts;
  }
  if (image.touches({chip.boot_address, system_vectors})) {
    doubts.push_back(
        fmt::format("the image begins at {}, in the middle of the vector table that "
                    "the chip reads at {} after a reset; most likely its beginning "
                    "was cut off, or its address is wrong",
                    hex(image.segments.front().address), hex(chip.boot_address)));
    return doubts;
  }
  // Firmware behind a boot loader: only what looks like vectors is taken for them.
  const auto vectors = vectors_at(image, image.segments.front().address);
  if (vectors && is_plausible(vectors, chip)) doubt_entry(vectors->entry, image, chip, doubts);
  return doubts;
}

}  // namespace flashhost
