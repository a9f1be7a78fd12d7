// Fast programming: a whole row, one double word right after the other.
#include "flash_l4.hpp"
#include "flash_l4_registers.hpp"

namespace flashhost::machine::stm32 {

using namespace l4_flash;

namespace {

constexpr Ticks longest_gap = 20 * ticks_per_microsecond;
constexpr std::uint32_t double_words = 32;  // in a row
constexpr std::int64_t least_hertz = 8'000'000;

}  // namespace

std::uint32_t FlashL4::row_size() const {
  return (wide_lines() ? 2 : 1) * double_words * DoubleWords::size;
}

Ticks FlashL4::row_time() const {
  constexpr std::int64_t typical_us = 1700;
  return faults_.time(typical_us * ticks_per_microsecond / double_words,
                      series_.row_max_us * ticks_per_microsecond / double_words);
}

// The error that this first word of a double word is; 0: none.
std::uint32_t FlashL4::row_error(std::uint32_t address) {
  if (!fast_ready_ && rules_.on(RuleL4::fast_needs_erase)) return pgserr;
  const bool fits = row_ ? address == row_->next : address % row_size() == 0;
  if (!fits && rules_.on(RuleL4::fast_row)) return pgaerr;
  if (!row_) {
    if (board_.clocks.hclk < least_hertz) board_.note("fast programming with HCLK below 8 MHz");
    row_ = Row{.next = address, .left = row_size() / DoubleWords::size, .aborted = false};
  }
  row_->next = address + DoubleWords::size;
  --row_->left;
  return 0;
}

void FlashL4::end_row() {
  row_.reset();
  board_.timeline.cancel(gap_);
}

void FlashL4::row_goes_on(Ticks from) {
  if (!row_) return;
  if (row_->left == 0) return end_row();
  if (rules_.on(RuleL4::fast_gap)) board_.timeline.at(gap_, from + longest_gap);
}

void FlashL4::gap_too_long() {
  first_word_.reset();
  end_row();
  refuse(miserr);
}

// Reading the bank ends the row without a flag: what is still to come of it is lost.
void FlashL4::abort_row(std::uint32_t offset) {
  if (!row_ || rules_.off(RuleL4::fast_abort)) return;
  if (bank_of(offset) == bank_of(row_->next - DoubleWords::size - flash_base)) {
    row_->aborted = true;
    board_.timeline.cancel(gap_);
  }
}

}  // namespace flashhost::machine::stm32
