// Bus accesses to the array, OTP, option bytes and system memory: who may read, and what a store
// starts.
#include "flash_f4.hpp"
#include "flash_f4_registers.hpp"

#include <algorithm>
#include <cstring>

namespace flashhost::machine::stm32 {

using namespace f4_flash;

bool FlashF4::in_main(std::uint32_t address) const {
  return address >= flash_base && address - flash_base < flash_.size();
}

std::uint8_t *FlashF4::cell(std::uint32_t address) {
  return in_main(address) ? &flash_[address - flash_base]
                          : &information_[address - information_start];
}

std::uint32_t FlashF4::information_base() const {
  return information_start;
}

bool FlashF4::owns(std::uint32_t address) const {
  return in_main(address) || (address >= system_memory && address < system_end) ||
         address - option_bytes < option_size ||
         (part_.two_banks && address - option_bytes2 < option_size);
}

bool FlashF4::shut(Master master) {
  const bool debugged = master == Master::debugger || board_.debugger_attached;
  if (level() != Level::open && debugged) {
    intruded_ = true;
    return true;
  }
  return intruded_ && rules_.on(RuleF4::rdp_power_cycle);
}

void FlashF4::check_wait_states() {
  if (rules_.off(RuleF4::wait_states)) return;
  const int mv = board_.millivolts;
  const std::int64_t per_state = mv >= 2700 ? 30 : mv >= 2400 ? 24 : mv >= 2100 ? 22 : 20;
  const std::int64_t states = std::int64_t{wait_states()} + 1;
  if (board_.clocks.hclk > per_state * 1'000'000 * states) {
    board_.note("the flash is read with too few wait states for clock and supply");
  }
}

Outcome FlashF4::check_read(std::uint32_t address, Master master) {
  if (in_main(address)) {
    if (shut(master)) return Outcome::fault;
    check_wait_states();
  }
  return busy_until(address) > board_.timeline.now ? Outcome::wait : Outcome::ok;
}

Ticks FlashF4::busy_until(std::uint32_t address) const {
  if (!busy()) return 0;
  const Ticks until = board_.timeline.time_of(done_);
  if (!in_main(address)) return until;
  if (rules_.off(RuleF4::stall_while_busy)) return 0;
  const bool one_bank = dual() && rules_.on(RuleF4::read_while_write) &&
                        operation_ != Operation::options && length_ < flash_.size();
  if (!one_bank) return until;
  const std::uint32_t at = operation_ == Operation::program ? first_ - flash_base : first_;
  const std::uint32_t bank_size = static_cast<std::uint32_t>(flash_.size()) / 2;
  return (address - flash_base) / bank_size == at / bank_size ? until : 0;
}

std::uint32_t FlashF4::load(std::uint32_t address, unsigned width) const {
  if (in_main(address)) return cache_.load(address - flash_base, width);
  std::uint32_t value = 0;
  std::memcpy(&value, &information_[address - information_start], width);
  return value;
}

void FlashF4::fetch(std::uint32_t address) {
  if (in_main(address)) cache_.fetch(address - flash_base);
}

bool FlashF4::before_load(std::uint32_t address, unsigned width) {
  return in_main(address) && cache_.before_load(address - flash_base, width);
}

Outcome FlashF4::store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) {
  if (busy()) return Outcome::wait;
  return program(address, width, value, master);
}

const SectorF4 *FlashF4::sector_at(std::uint32_t offset) const {
  const auto found = std::ranges::find_if(
      sectors_, [&](const SectorF4 &sector) { return offset - sector.offset < sector.size; });
  return found == sectors_.end() ? nullptr : &*found;
}

Outcome FlashF4::program(std::uint32_t address, unsigned width, std::uint32_t value,
                         Master master) {
  if (blocked()) return Outcome::ok;
  const auto fail = [&](std::uint32_t error) {
    refuse(error);
    return Outcome::ok;
  };
  // SER or MER left set does no harm: stlink-tools programs like that.
  if ((control_ & pg) == 0 && rules_.on(RuleF4::sequence)) return fail(pgserr);
  if (width != 1U << psize() && rules_.on(RuleF4::psize)) return fail(pgperr);
  constexpr std::uint32_t row = 16;
  if (address % row + width > row && rules_.on(RuleF4::row)) return fail(pgaerr);
  if (in_main(address)) {
    const SectorF4 *const sector = sector_at(address - flash_base);
    if (shut(master) || sector == nullptr || write_protected(*sector)) return fail(wrperr);
  } else {
    const bool in_otp = address >= otp && address < otp_end;
    const std::uint32_t block = address >= otp_locks ? address - otp_locks : (address - otp) / 32;
    if (!in_otp) return fail(wrperr);
    if (*cell(otp_locks + block % 16) == 0 && rules_.on(RuleF4::otp)) return fail(wrperr);
  }
  value_ = value;
  begin(Operation::program, address, width);
  return Outcome::ok;
}

}  // namespace flashhost::machine::stm32
