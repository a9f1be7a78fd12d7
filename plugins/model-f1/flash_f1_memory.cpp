// Bus accesses to the array, option bytes and system memory: who may read, and what a store starts.
#include "flash_f1.hpp"
#include "flash_f1_registers.hpp"

#include <algorithm>
#include <cstring>

namespace flashhost::machine::stm32 {

using namespace fpec;

bool FlashF1::shut(Master master) const {
  return options_.read_protected && rules_.on(RuleF1::read_protection) &&
         (master == Master::debugger || board_.debugger_attached);
}

std::uint32_t FlashF1::refusal(std::uint32_t offset, Master master) const {
  const std::uint32_t page = offset / part_.page_size;
  if (rules_.on(RuleF1::write_protection) && write_protected(options_, part_, page)) {
    return wrprterr;
  }
  const bool read_protected = options_.read_protected && rules_.on(RuleF1::read_protection);
  const bool closed = shut(master) || (read_protected && page < part_.auto_protected_pages);
  return closed ? closed_error() : 0;
}

bool FlashF1::owns(std::uint32_t address) const {
  return (address >= flash_base && address - flash_base < flash_.size()) ||
         (address >= part_.system_memory && address < option_address + option_size);
}

Outcome FlashF1::check_read(std::uint32_t address, Master master) {
  const bool information = address >= part_.system_memory;  // stays readable
  if (!information && shut(master)) return Outcome::fault;
  return busy_until(address) > board_.timeline.now ? Outcome::wait : Outcome::ok;
}

Ticks FlashF1::busy_until(std::uint32_t address) const {
  if (rules_.off(RuleF1::stall_while_busy)) return 0;
  const auto until = [&](const Bank &bank) {
    return busy(bank) ? board_.timeline.time_of(bank.done) : 0;
  };
  if (rules_.off(RuleF1::read_while_write)) return std::max(until(banks_[0]), until(banks_[1]));
  return until(bank_of(address - flash_base));
}

std::uint32_t FlashF1::load(std::uint32_t address, unsigned width) const {
  const std::uint8_t *from = address >= part_.system_memory
                                 ? &information_[address - part_.system_memory]
                                 : &flash_[address - flash_base];
  std::uint32_t value = 0;
  std::memcpy(&value, from, width);
  return value;
}

Outcome FlashF1::store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) {
  if (width != 2 && rules_.on(RuleF1::halfword_only)) return Outcome::fault;
  const auto half = static_cast<std::uint16_t>(value);
  if (address >= option_address) return program_option(address, half);
  if (address >= part_.system_memory) return Outcome::fault;
  return program(address - flash_base, half, master);
}

Outcome FlashF1::program(std::uint32_t offset, std::uint16_t value, Master master) {
  Bank &bank = bank_of(offset);
  if (busy_until(flash_base + offset) > board_.timeline.now) return Outcome::wait;
  if (busy(bank)) return Outcome::ok;  // only with the stall rule off: the store is lost
  const bool unlocked = bank.key == Key::unlocked || rules_.off(RuleF1::lock);
  if (!unlocked || (bank.control & pg) == 0) return Outcome::fault;
  if (const std::uint32_t error = refusal(offset, master); error != 0) {
    bank.status |= error;
    return Outcome::ok;
  }
  const std::uint32_t old = load(flash_base + offset, 2);
  const bool zero = value == 0 && rules_.on(RuleF1::program_zero);
  if (old != 0xFFFF && !zero && rules_.on(RuleF1::write_check)) {
    bank.status |= pgerr;
    return Outcome::ok;
  }
  begin(bank, Operation::program, offset, static_cast<std::uint16_t>(value & old),
        board_.timeline.now);
  return Outcome::ok;
}

Outcome FlashF1::program_option(std::uint32_t address, std::uint16_t value) {
  Bank &bank = banks_[0];
  if (busy(bank)) return Outcome::wait;
  const bool opened = option_key_ == Key::unlocked || rules_.off(RuleF1::option_key);
  if (!opened || (bank.control & optpg) == 0) return Outcome::fault;
  if (load(address, 2) != 0xFFFF) {
    bank.status |= not_erased_error();
    return Outcome::ok;
  }
  const auto low = static_cast<std::uint8_t>(value);
  const auto stored = static_cast<std::uint16_t>(low | (static_cast<std::uint8_t>(~low) << 8));
  begin(bank, Operation::option_program, address, stored, board_.timeline.now);
  return Outcome::ok;
}

unsigned FlashF1::wait_states() const {
  return access_control_ & 7U;
}

std::uint32_t FlashF1::boot_address() const {
  const bool second_bank = part_.two_banks && (options_.user & 8U) == 0;
  return flash_base + (second_bank ? banks_[1].offset : 0);
}

FlashF1::Bank &FlashF1::bank_of(std::uint32_t offset) {
  return banks_[bank_count_ == 2 && offset < flash_.size() && offset >= banks_[1].offset ? 1 : 0];
}

const FlashF1::Bank &FlashF1::bank_of(std::uint32_t offset) const {
  return banks_[bank_count_ == 2 && offset < flash_.size() && offset >= banks_[1].offset ? 1 : 0];
}

}  // namespace flashhost::machine::stm32
