// Operations on the array: their duration, their result, and what a reset in the middle leaves.
#include "flash_f1.hpp"
#include "flash_f1_registers.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {
namespace {

using namespace fpec;

constexpr unsigned flash_interrupt = 4;

struct Duration {
  Ticks typical;
  Ticks maximum;
};
constexpr Duration erase_time{20 * ticks_per_millisecond, 40 * ticks_per_millisecond};

}  // namespace

Ticks FlashF1::duration(const Bank &bank) const {
  if (faults_.stuck_busy) return never;
  if (rules_.off(RuleF1::busy_time)) return ticks_per_microsecond;
  const Duration program_time{part_.program_typical, part_.program_maximum};
  const auto scaled = [&](const Duration &time) {
    return faults_.time(time.typical, time.maximum);
  };
  switch (bank.operation) {
    case Operation::program:
      return scaled(program_time);
    case Operation::option_program: {
      return scaled(program_time) + (unprotects(bank) ? scaled(erase_time) : 0);
    }
    default:
      return scaled(erase_time);
  }
}

void FlashF1::begin(Bank &bank, Operation operation, std::uint32_t target, std::uint16_t value,
                    Ticks visible_from) {
  bank.operation = operation;
  bank.target = target;
  bank.value = value;
  bank.visible_from = visible_from;
  bank.started = board_.timeline.now;
  const bool options =
      operation == Operation::option_program || operation == Operation::option_erase;
  if (!options && duration(bank) != never) board_.flash_operation(duration(bank));
  if (common_.clocks.hsi_running || rules_.off(RuleF1::hsi_needed)) {
    schedule(bank, board_.timeline.now);
  }
}

void FlashF1::schedule(Bank &bank, Ticks from) {
  const Ticks time = duration(bank);
  board_.timeline.at(bank.done, time == never ? never : from + time);
}

void FlashF1::hsi_started() {
  for (Bank &bank : banks_) {
    if (busy(bank) && board_.timeline.time_of(bank.done) == never)
      schedule(bank, board_.timeline.now);
  }
}

bool FlashF1::shows_busy(const Bank &bank) const {
  return busy(bank) && board_.timeline.now >= bank.visible_from;
}

void FlashF1::finish(Bank &bank, Ticks due) {
  Statistics &statistics = board_.statistics;
  switch (bank.operation) {
    case Operation::program: {
      std::uint16_t value = bank.value;
      if (faults_.bad_cell && ((*faults_.bad_cell - flash_base) & ~1U) == bank.target) value |= 1;
      flash_[bank.target] = static_cast<std::uint8_t>(value);
      flash_[bank.target + 1] = static_cast<std::uint8_t>(value >> 8);
      changed(bank.target, 2);
      ++statistics.programmed_units;
      break;
    }
    case Operation::page_erase:
      erase(bank.target, part_.page_size);
      ++statistics.page_erases;
      break;
    case Operation::mass_erase:
      erase(bank.offset, bank.size);
      ++statistics.mass_erases;
      break;
    case Operation::option_erase:
      std::ranges::fill(option_bytes(), std::uint8_t{0xFF});
      break;
    case Operation::option_program: {
      const std::uint32_t at = bank.target - option_address;
      option_bytes()[at] = static_cast<std::uint8_t>(bank.value);
      option_bytes()[at + 1] = static_cast<std::uint8_t>(bank.value >> 8);
      if (unprotects(bank)) erase_all();
      break;
    }
    case Operation::none:
      return;
  }
  statistics.busy += to_nanoseconds(due - bank.started);
  bank.operation = Operation::none;
  if (rules_.on(RuleF1::eop)) bank.status |= eop;
  if (rules_.off(RuleF1::errors_sticky)) bank.status &= eop;
  if (rules_.off(RuleF1::option_reload_at_reset)) load_options();
  if ((bank.control & eopie) != 0) board_.raise_irq(flash_interrupt);
}

bool FlashF1::unprotects(const Bank &bank) const {
  return bank.target == option_address && (bank.value & 0xFF) == part_.rdp_off &&
         options_.read_protected && unprotects_by_programming() &&
         rules_.on(RuleF1::unprotect_erases);
}

void FlashF1::erase_all() {
  erase(0, static_cast<std::uint32_t>(flash_.size()));
  ++board_.statistics.mass_erases;
}

void FlashF1::erase(std::uint32_t offset, std::uint32_t length) {
  const std::uint32_t kept = faults_.bad_erase.value_or(0) - flash_base;
  for (std::uint32_t at = offset; at < offset + length; ++at) {
    if (!faults_.bad_erase || at / 4 != kept / 4) flash_[at] = 0xFF;
  }
  changed(offset, length);
}

// An interrupted operation: each bit has its old or its new value, at random.
void FlashF1::scramble(std::span<std::uint8_t> bytes, std::uint16_t towards) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto goal = static_cast<std::uint8_t>(i % 2 == 0 ? towards : towards >> 8);
    const auto arrived = static_cast<std::uint8_t>(board_.random());
    bytes[i] = static_cast<std::uint8_t>((bytes[i] & ~arrived) | (goal & arrived));
  }
}

void FlashF1::abandon(Bank &bank) {
  if (!busy(bank)) return;
  const Operation operation = bank.operation;
  bank.operation = Operation::none;
  board_.timeline.cancel(bank.done);
  if (rules_.off(RuleF1::reset_breaks_operation)) return;
  switch (operation) {
    case Operation::program:
      scramble(flash_.subspan(bank.target, 2), bank.value);
      changed(bank.target, 2);
      break;
    case Operation::page_erase:
      scramble(flash_.subspan(bank.target, part_.page_size), 0xFFFF);
      changed(bank.target, part_.page_size);
      break;
    case Operation::mass_erase:
      scramble(flash_.subspan(bank.offset, bank.size), 0xFFFF);
      changed(bank.offset, bank.size);
      break;
    case Operation::option_program:
      scramble(option_bytes().subspan(bank.target - option_address, 2), bank.value);
      break;
    case Operation::option_erase:
      scramble(option_bytes(), 0xFFFF);
      break;
    case Operation::none:
      break;
  }
}

void FlashF1::power_lost() {
  for (Bank &bank : banks_) abandon(bank);
}

void FlashF1::changed(std::uint32_t offset, std::uint32_t length) {
  board_.memory_changed(flash_base + offset, length);
}

}  // namespace flashhost::machine::stm32
