// Bus accesses to the array, OTP, option bytes and system memory: who may read, what reading finds
// wrong, and what a store starts.
#include "flash_l4.hpp"
#include "flash_l4_registers.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace flashhost::machine::stm32 {

using namespace l4_flash;

bool FlashL4::in_main(std::uint32_t address) const {
  return address >= flash_base && address - flash_base < flash_.size() &&
         !in_hole(address - flash_base);
}

bool FlashL4::in_hole(std::uint32_t offset) const {
  return dual() ? in_bank(offset) >= bank_size() : offset >= bank_size();
}

bool FlashL4::in_otp(std::uint32_t address) const {
  return address - series_.otp < otp_size;
}

std::uint8_t *FlashL4::cell(std::uint32_t address) {
  return in_main(address) ? &flash_[address - flash_base] : &information_[address - system_memory];
}

std::uint32_t FlashL4::information_base() const {
  return system_memory;
}

bool FlashL4::owns(std::uint32_t address) const {
  constexpr std::uint32_t option_size = 0x40;
  return in_main(address) || (address >= system_memory && address < system_end) ||
         (part_.two_banks && !line_.swaps && address - option_bytes2 < option_size);
}

// Whether read protection keeps the flash from this master.
bool FlashL4::shut(Master master) const {
  if (level() == Level::open) return false;
  const bool debugged = master == Master::debugger || board_.debugger_attached;
  return debugged || boot_ != flash_base || (intruded_ && rules_.on(RuleL4::rdp_power_cycle));
}

void FlashL4::check_wait_states() {
  if (rules_.off(RuleL4::wait_states)) return;
  const std::int64_t states = std::int64_t{wait_states()} + 1;
  if (board_.clocks.hclk > series_.hertz_per_wait_state * states) {
    board_.note("the flash is used with too few wait states for its clock");
  }
}

Outcome FlashL4::check_read(std::uint32_t address, Master master) {
  if (in_main(address)) abort_row(address - flash_base);
  if (busy_until(address) > board_.timeline.now) return Outcome::wait;
  if (!in_main(address)) return Outcome::ok;
  const std::uint32_t offset = address - flash_base;
  if (shut(master) || secured(offset) || of_second_core(offset)) return Outcome::fault;
  if (master == Master::debugger && code_protected(offset, 1)) {
    status_ |= rderr;
    return Outcome::fault;
  }
  check_wait_states();
  if (!words_.all_sound()) check_line(offset);
  return Outcome::ok;
}

bool FlashL4::wide_lines() const {
  return line_.pages_double && !dual();
}

// With one bank of larger pages two double words are read at once.
void FlashL4::check_line(std::uint32_t offset) {
  const std::uint32_t size = (wide_lines() ? 2 : 1) * DoubleWords::size;
  const std::uint32_t first = offset / size * size;
  for (std::uint32_t at = first; at < first + size; at += DoubleWords::size) check_ecc(at);
}

void FlashL4::check_ecc(std::uint32_t offset) {
  const DoubleWords::Mark mark = words_.mark(offset);
  const bool torn = mark == DoubleWords::Mark::torn && rules_.on(RuleL4::ecc_double);
  const bool single = mark == DoubleWords::Mark::single && rules_.on(RuleL4::ecc_single);
  if (!torn && !single) return;
  const std::uint32_t bank = bank_of(offset);
  std::uint32_t &ecc = ecc_.at(line_.swaps ? bank : 0);
  // In a line of 16 bytes the second half has flags of its own.
  const bool second_half = wide_lines() && offset % 16 >= 8;
  const std::uint32_t double_flag = second_half ? eccd2 : eccd;
  const std::uint32_t flag = torn ? double_flag : second_half ? eccc2 : eccc;
  const bool frozen = (ecc & (eccc | eccd | eccc2 | eccd2)) != 0;
  if (!frozen || rules_.off(RuleL4::ecc_frozen)) {
    const std::uint32_t word = in_bank(offset) / 8 * 8;
    const std::uint32_t place = series_.ecc == EccUnit::byte ? word : word / 8;
    const std::uint32_t mask = (1U << line_.ecc_address_bits) - 1;
    const std::uint32_t bank_bit = line_.ecc_bank_at == 0 ? 0 : 1U << line_.ecc_bank_at;
    ecc = (ecc & ~(mask | bank_bit)) | (place & mask) | (bank == 1 ? bank_bit : 0);
  }
  ecc |= flag;
  if (torn && rules_.on(RuleL4::ecc_nmi)) board_.raise_nmi();
  if (!torn && (ecc & eccie) != 0) board_.raise_irq(flash_interrupt());
}

Ticks FlashL4::busy_until(std::uint32_t address) const {
  if (!busy()) return 0;
  const Ticks until = board_.timeline.time_of(done_);
  if (!in_main(address)) return until;
  if (rules_.off(RuleL4::stall_while_busy)) return 0;
  const bool one_bank = dual() && rules_.on(RuleL4::read_while_write) &&
                        operation_ != Operation::options && length_ <= bank_size();
  if (!one_bank) return until;
  const std::uint32_t offset = address - flash_base;
  return bank_of(offset) == bank_of(operation_offset()) ? until : 0;
}

std::uint32_t FlashL4::load(std::uint32_t address, unsigned width) const {
  if (in_main(address)) return cache_.load(address - flash_base, width);
  std::uint32_t value = 0;
  std::memcpy(&value, &information_[address - system_memory], width);
  return value;
}

bool FlashL4::before_load(std::uint32_t address, unsigned width) {
  return in_main(address) && cache_.before_load(address - flash_base, width);
}

void FlashL4::fetch(std::uint32_t address) {
  if (!in_main(address)) return;
  cache_.fetch(address - flash_base);
  if (!line_.swaps || !dual()) return;
  const std::uint32_t bank = bank_of(address - flash_base);
  const bool crossed = std::exchange(fetched_bank_, bank) != bank;
  if (crossed && (cache_.control() & prften) != 0 && rules_.on(RuleL4::prefetch_across_banks)) {
    board_.note("code goes from bank to bank with FLASH_ACR.PRFTEN set (ES0548, 2.2.10)");
  }
}

Outcome FlashL4::store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) {
  if (busy()) return Outcome::wait;
  const auto fail = [&](std::uint32_t error) {
    first_word_.reset();
    end_row();
    refuse(error);
    return Outcome::ok;
  };
  const bool open = key_ == Key::unlocked || rules_.off(RuleL4::lock);
  const std::uint32_t mode = control_ & (pg | fstpg | per | mer1 | mer2);
  const bool programs = open && (mode == pg || mode == fstpg);
  const std::uint32_t sequence = programs || rules_.off(RuleL4::sequence) ? 0 : pgserr;
  const std::uint32_t older = blocked() ? pgserr : 0;
  if (width != 4) {
    if (rules_.on(RuleL4::width)) return fail(sizerr | pgaerr | sequence | older);
    const std::uint32_t shift = 8 * (address % 4);
    const std::uint32_t mask = ((1U << 8 * width) - 1) << shift;
    value = (value << shift & mask) | ~mask;
    address &= ~3U;
  }
  if (sequence != 0) return fail(sequence);
  if (older != 0) return fail(older);
  if (shut(master) && series_.bus_error_at_level1) return Outcome::fault;
  constexpr std::uint32_t erased = 0xFFFFFFFF;
  if (rules_.off(RuleL4::pairs)) {
    const bool upper = address % 8 != 0;
    const std::uint64_t both =
        upper ? std::uint64_t{value} << 32 | erased : std::uint64_t{erased} << 32 | value;
    return program(address & ~7U, both, master);
  }
  if (!first_word_) {
    const std::uint32_t error = mode == fstpg ? row_error(address) : 0;
    if (error != 0) return fail(error);
    first_word_ = Word{address, value};
    return Outcome::ok;
  }
  const Word first = *first_word_;
  first_word_.reset();
  const bool partners = first.address % 8 == 0 && address == first.address + 4;
  if (!partners && rules_.on(RuleL4::row_of_two)) return fail(pgaerr);
  if (row_) {
    board_.timeline.cancel(gap_);
    if (row_->aborted) {
      if (row_->left == 0) end_row();
      return Outcome::ok;
    }
  }
  return program(first.address & ~7U, std::uint64_t{value} << 32 | first.value, master);
}

Outcome FlashL4::program(std::uint32_t address, std::uint64_t value, Master master) {
  const auto fail = [&](std::uint32_t error) {
    refuse(error);
    return Outcome::ok;
  };
  if (in_main(address)) {
    const std::uint32_t offset = address - flash_base;
    if (shut(master) || any_protected(offset, DoubleWords::size)) return fail(wrperr);
    const bool ones_stay = words_.mark(offset) == DoubleWords::Mark::ones && series_.ones_stay &&
                           rules_.on(RuleL4::ones_stay);
    const bool zero = value == 0 && !ones_stay && rules_.on(RuleL4::program_zero);
    if (!words_.virgin(offset) && !zero && rules_.on(RuleL4::write_check)) return fail(progerr);
  } else {
    if (!in_otp(address)) return fail(wrperr);
    if (!otp_words_.virgin(address - series_.otp) && rules_.on(RuleL4::otp)) return fail(progerr);
  }
  value_ = value;
  begin(Operation::program, address, DoubleWords::size);
  return Outcome::ok;
}

}  // namespace flashhost::machine::stm32
