#include "double_words.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {
namespace {

bool sound(DoubleWords::Mark mark) {
  return mark < DoubleWords::Mark::single;
}

}  // namespace

bool DoubleWords::virgin(std::uint32_t offset) const {
  const auto bytes = bytes_.subspan(offset - offset % size, size);
  return mark(offset) == Mark::none &&
         std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

void DoubleWords::set(std::uint32_t offset, Mark mark) {
  Mark &place = marks_[offset / size];
  unsound_ += sound(place) ? 0 : std::size_t{0} - 1;
  unsound_ += sound(mark) ? 0 : 1;
  place = mark;
}

void DoubleWords::erased(std::uint32_t offset, std::uint32_t length) {
  for (std::uint32_t at = offset; at < offset + length; at += size) set(at, Mark::none);
}

void DoubleWords::swap_halves() {
  std::ranges::rotate(marks_, marks_.begin() + static_cast<std::ptrdiff_t>(marks_.size() / 2));
}

}  // namespace flashhost::machine::stm32
