// Operations on the array: their duration, their result, and what a reset in the middle leaves.
#include "flash_f4.hpp"
#include "flash_f4_registers.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {
namespace {

using namespace f4_flash;

constexpr std::uint32_t kib = 1024;
constexpr unsigned flash_interrupt = 4;

struct Duration {
  Ticks typical;
  Ticks maximum;
};
constexpr Duration program_time{16 * ticks_per_microsecond, 100 * ticks_per_microsecond};

constexpr Duration milliseconds(Ticks typical) {
  return {typical * ticks_per_millisecond, 2 * typical * ticks_per_millisecond};
}

// By PSIZE. DS8626, flash memory characteristics; x64 needs an external VPP, as in a factory.
constexpr Duration small_erase[] = {milliseconds(400), milliseconds(300), milliseconds(250),
                                    milliseconds(230)};
constexpr Duration middle_erase[] = {milliseconds(1200), milliseconds(700), milliseconds(550),
                                     milliseconds(490)};
constexpr Duration large_erase[] = {milliseconds(2000), milliseconds(1300), milliseconds(1000),
                                    milliseconds(875)};
constexpr Ticks mass_erase_ms_per_mib[] = {16'000, 11'000, 8'000, 6'900};

}  // namespace

std::uint32_t FlashF4::psize() const {
  return control_ >> psize_at & 3;
}

bool FlashF4::supply_allows(std::uint32_t size) {
  if (rules_.off(RuleF4::voltage)) return true;
  const int mv = board_.millivolts;
  const std::uint32_t widest = mv >= 2700 ? 2 : mv >= 2100 ? 1 : 0;
  if (size <= widest) return true;
  board_.note("FLASH_CR.PSIZE is wider than the supply allows");
  return false;
}

Ticks FlashF4::duration() const {
  if (faults_.stuck_busy) return never;
  if (rules_.off(RuleF4::busy_time)) return ticks_per_microsecond;
  const auto scaled = [&](const Duration &time) {
    return faults_.time(time.typical, time.maximum);
  };
  const auto mass = [&](std::uint32_t bytes) {
    return scaled(milliseconds(mass_erase_ms_per_mib[psize()] * (bytes / kib) / 1024));
  };
  switch (operation_) {
    case Operation::program:
      return scaled(program_time);
    case Operation::sector_erase:
      return scaled(length_ == 16 * kib   ? small_erase[psize()]
                    : length_ == 64 * kib ? middle_erase[psize()]
                                          : large_erase[psize()]);
    case Operation::mass_erase:
      return mass(length_);
    default: {
      const bool opens = level() == Level::readout && (wanted_.first >> rdp_at & 0xFF) == 0xAA;
      return scaled(small_erase[psize()]) +
             (opens ? mass(static_cast<std::uint32_t>(flash_.size())) : 0);
    }
  }
}

void FlashF4::begin(Operation operation, std::uint32_t first, std::uint32_t length) {
  operation_ = operation;
  first_ = first;
  length_ = length;
  started_ = board_.timeline.now;
  weak_ = operation != Operation::options && !supply_allows(psize());
  const Ticks time = duration();
  board_.timeline.at(done_, time == never ? never : started_ + time);
  if (operation != Operation::options && time != never) board_.flash_operation(time);
}

void FlashF4::finish_program() {
  std::uint8_t *const at = cell(first_);
  const bool erased = std::all_of(at, at + length_, [](std::uint8_t byte) { return byte == 0xFF; });
  if (faults_.erased_only && !erased) {
    status_ |= pgserr;
    return;
  }
  for (std::uint32_t i = 0; i < length_; ++i) {
    auto value = static_cast<std::uint8_t>(value_ >> (8 * i));
    if (faults_.bad_cell && *faults_.bad_cell == first_ + i) value |= 1;
    if (weak_ && board_.random() % 8 == 0) value |= static_cast<std::uint8_t>(board_.random());
    const bool and_only = rules_.on(RuleF4::bits_only_fall);
    at[i] = and_only ? static_cast<std::uint8_t>(at[i] & value) : value;
  }
  if (in_main(first_)) cache_.changed_with_data(first_ - flash_base, length_);
}

void FlashF4::finish_options() {
  const bool opens = level() == Level::readout && (wanted_.first >> rdp_at & 0xFF) == 0xAA;
  if (opens && rules_.on(RuleF4::unprotect_erases)) {
    erase(0, static_cast<std::uint32_t>(flash_.size()));
    ++board_.statistics.mass_erases;
  }
  cells_ = wanted_;
  // Protection changes at once; the map of sectors and the start-up options only at reset.
  constexpr std::uint32_t at_reset = db1m | bfb2 | wdg_sw;
  options_.first = (options_.first & at_reset) | (cells_.first & ~at_reset);
  options_.second = cells_.second;
  show_option_bytes();
}

void FlashF4::finish(Ticks due) {
  Statistics &statistics = board_.statistics;
  switch (operation_) {
    case Operation::program:
      finish_program();
      ++statistics.programmed_units;
      break;
    case Operation::sector_erase:
      erase(first_, length_);
      ++statistics.page_erases;
      break;
    case Operation::mass_erase:
      erase(first_, length_);
      ++statistics.mass_erases;
      break;
    case Operation::options:
      finish_options();
      break;
    case Operation::none:
      return;
  }
  statistics.busy += to_nanoseconds(due - started_);
  operation_ = Operation::none;
  if ((control_ & eopie) != 0 || rules_.off(RuleF4::eop_gated)) {
    status_ |= eop;
    if ((control_ & eopie) != 0) board_.raise_irq(flash_interrupt);
  }
}

void FlashF4::erase(std::uint32_t offset, std::uint32_t length) {
  const std::uint32_t kept = faults_.bad_erase.value_or(0) - flash_base;
  for (std::uint32_t at = offset; at < offset + length; ++at) {
    if (faults_.bad_erase && at / 4 == kept / 4) continue;
    const bool stays = weak_ && board_.random() % 64 == 0;
    if (!stays) flash_[at] = 0xFF;
  }
  cache_.changed(offset, length);
}

// An interrupted operation: each bit has its old or its new value, at random.
void FlashF4::scramble(std::uint32_t offset, std::uint32_t length, std::uint32_t towards) {
  for (std::uint32_t i = 0; i < length; ++i) {
    const auto goal = static_cast<std::uint8_t>(towards >> (8 * (i % 4)));
    const auto arrived = static_cast<std::uint8_t>(board_.random());
    std::uint8_t &byte = flash_[offset + i];
    byte = static_cast<std::uint8_t>((byte & ~arrived) | (goal & arrived));
  }
  cache_.changed_with_data(offset, length);
}

void FlashF4::abandon() {
  if (!busy()) return;
  const Operation operation = operation_;
  operation_ = Operation::none;
  board_.timeline.cancel(done_);
  if (rules_.off(RuleF4::reset_breaks_operation)) return;
  if (operation == Operation::sector_erase || operation == Operation::mass_erase) {
    scramble(first_, length_, 0xFFFFFFFF);
  } else if (operation == Operation::program && in_main(first_)) {
    std::uint32_t goal = value_;
    for (std::uint32_t i = 0; i < length_; ++i) {
      goal &= std::uint32_t{*cell(first_ + i)} << (8 * i) | ~(0xFFU << (8 * i));
    }
    scramble(first_ - flash_base, length_, goal);
  }
}

void FlashF4::power_lost() {
  abandon();
}

}  // namespace flashhost::machine::stm32
