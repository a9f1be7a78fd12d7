// Operations on the array: their duration, their result, and what a reset in the middle leaves.
#include "flash_l4.hpp"
#include "flash_l4_registers.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace flashhost::machine::stm32 {

using namespace l4_flash;

namespace {

constexpr Ticks program_typical = 82 * ticks_per_microsecond;
constexpr Ticks erase_typical = 22 * ticks_per_millisecond;

}  // namespace

unsigned FlashL4::flash_interrupt() const {
  return series_.core == CoreKind::cortex_m4 ? 4 : 3;
}

std::uint32_t FlashL4::operation_offset() const {
  return in_main(first_) ? first_ - flash_base : 0;
}

Ticks FlashL4::duration() const {
  if (faults_.stuck_busy) return never;
  if (rules_.off(RuleL4::busy_time)) return ticks_per_microsecond;
  const Ticks program =
      faults_.time(program_typical, series_.program_max_us * ticks_per_microsecond);
  const Ticks erase = faults_.time(erase_typical, series_.erase_max_us * ticks_per_microsecond);
  if (operation_ == Operation::program) return row_ ? row_time() : program;
  return operation_ == Operation::options && opens() ? 2 * erase : erase;
}

void FlashL4::begin(Operation operation, std::uint32_t first, std::uint32_t length) {
  operation_ = operation;
  first_ = first;
  length_ = length;
  started_ = board_.timeline.now;
  check_wait_states();
  const Ticks time = duration();
  const bool held = started_ < suspended_until_ && rules_.on(RuleL4::suspended);
  const Ticks from = held ? suspended_until_ : started_;
  board_.timeline.at(done_, time == never ? never : from + time);
  if (operation != Operation::options && time != never) board_.flash_operation(time);
}

void FlashL4::finish_program() {
  std::uint8_t *const at = cell(first_);
  const bool fits = !in_main(first_) || words_.virgin(first_ - flash_base) || value_ == 0;
  for (std::uint32_t i = 0; i < length_; ++i) {
    auto value = static_cast<std::uint8_t>(value_ >> (8 * i));
    if (faults_.bad_cell && *faults_.bad_cell == first_ + i) value |= 1;
    at[i] = static_cast<std::uint8_t>(at[i] & value);
  }
  const bool ones = value_ == ~std::uint64_t{0} && rules_.on(RuleL4::all_ones_programmed);
  using Mark = DoubleWords::Mark;
  const Mark mark = !fits ? Mark::torn : ones ? Mark::ones : Mark::none;
  if (in_main(first_)) {
    words_.set(first_ - flash_base, mark);
    changed(first_ - flash_base, length_);
  } else {
    otp_words_.set(first_ - series_.otp, ones ? Mark::ones : Mark::none);
  }
}

void FlashL4::finish(Ticks due) {
  Statistics &statistics = board_.statistics;
  switch (operation_) {
    case Operation::program:
      finish_program();
      ++statistics.programmed_units;
      break;
    case Operation::page_erase:
      erase(operation_offset(), length_);
      ++statistics.page_erases;
      fast_ready_ = fast_ready_ || series_.ecc == EccUnit::none;  // a C0
      break;
    case Operation::mass_erase:
      erase(operation_offset(), length_);
      ++statistics.mass_erases;
      fast_ready_ = true;
      break;
    case Operation::options:
      finish_options();
      break;
    case Operation::none:
      return;
  }
  statistics.busy += to_nanoseconds(due - started_);
  operation_ = Operation::none;
  row_goes_on(due);
  if (row_) return;
  if ((control_ & eopie) != 0 || rules_.off(RuleL4::eop_gated)) {
    status_ |= eop;
    if ((control_ & eopie) != 0) board_.raise_irq(flash_interrupt());
  }
}

void FlashL4::erase(std::uint32_t offset, std::uint32_t length) {
  const std::uint32_t kept = faults_.bad_erase.value_or(0) - flash_base;
  for (std::uint32_t at = offset; at < offset + length; ++at) {
    if (!in_hole(at) && (!faults_.bad_erase || at / 4 != kept / 4)) flash_[at] = 0xFF;
  }
  words_.erased(offset, length);
  changed(offset, length);
}

// Each bit has its old or its new value, at random, and the ECC fits neither.
void FlashL4::tear(std::uint32_t offset, std::uint64_t towards) {
  const std::uint32_t first = offset / DoubleWords::size * DoubleWords::size;
  std::uint64_t value = 0;
  std::memcpy(&value, &flash_[first], sizeof value);
  const std::uint64_t arrived = board_.random();
  value = (value & ~arrived) | (towards & arrived);
  std::memcpy(&flash_[first], &value, sizeof value);
  if (series_.ecc != EccUnit::none) words_.set(first, DoubleWords::Mark::torn);
}

// A page that was being erased: double words that are as they were, erased, or neither.
void FlashL4::tear_erase() {
  const std::uint32_t start = operation_offset();
  for (std::uint32_t at = start; at < start + length_; at += DoubleWords::size) {
    if (in_hole(at)) continue;
    switch (board_.random() % 3) {
      case 0:
        tear(at, ~std::uint64_t{0});
        break;
      case 1:
        std::fill_n(&flash_[at], DoubleWords::size, std::uint8_t{0xFF});
        words_.set(at, DoubleWords::Mark::none);
        break;
      default:
        break;
    }
  }
  changed(start, length_);
}

void FlashL4::abandon() {
  if (!busy()) return;
  const Operation operation = std::exchange(operation_, Operation::none);
  board_.timeline.cancel(done_);
  if (operation == Operation::options) {
    options_torn_ = rules_.on(RuleL4::options_torn);
  } else if (rules_.off(RuleL4::reset_breaks_operation)) {
    return;
  } else if (operation == Operation::program && in_main(first_)) {
    tear(operation_offset(), value_);
    changed(operation_offset(), length_);
  } else if (operation != Operation::program) {
    tear_erase();
  }
}

void FlashL4::power_lost() {
  abandon();
}

void FlashL4::changed(std::uint32_t offset, std::uint32_t length) {
  cache_.changed(offset, length);
}

}  // namespace flashhost::machine::stm32
