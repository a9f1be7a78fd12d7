#include "flash_l4.hpp"

#include "flash_l4_registers.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace flashhost::machine::stm32 {

using namespace l4_flash;

FlashL4::FlashL4(Board &board, const PartL4 &part, const StmFaults &faults, const RulesL4 &rules,
                 std::span<std::uint8_t> main_flash)
    : board_(board),
      part_(part),
      line_(*part.line),
      series_(part.line->series),
      faults_(faults),
      rules_(rules),
      flash_(main_flash),
      information_(information_end - system_memory, 0xFF),
      cache_(board,
             {.instructions = rules.on(RuleL4::instruction_cache),
              .data = rules.on(RuleL4::data_cache),
              .prefetch = rules.on(RuleL4::instruction_cache),
              .reset_only_when_off = rules.on(RuleL4::cache_reset_when_off)},
             main_flash),
      words_(main_flash),
      otp_words_(std::span(information_).subspan(series_.otp - system_memory, otp_size)),
      boot_(flash_base),
      access_(series_.access_control),
      done_(board.timeline.add([this](Ticks due) { finish(due); })),
      gap_(board.timeline.add([this](Ticks) { gap_too_long(); })) {
  const std::uint16_t size =
      faults.flash_size_register.value_or(static_cast<std::uint16_t>(part.own_size() / 1024));
  *cell(series_.size_register) = static_cast<std::uint8_t>(size);
  *cell(series_.size_register + 1) = static_cast<std::uint8_t>(size >> 8);
  std::generate_n(cell(series_.unique_id), 12,
                  [&] { return static_cast<std::uint8_t>(board.random()); });
  for (const std::uint32_t address : faults.torn_words) {
    tear(address - flash_base, board.random());
  }
  for (const std::uint32_t address : faults.ecc_single) {
    words_.set(address - flash_base, DoubleWords::Mark::single);
  }
  factory_options();
  load_options();
}

std::uint32_t FlashL4::status() const {
  std::uint32_t value = status_;
  if (busy()) {
    const bool both = operation_ == Operation::mass_erase && length_ > bank_size();
    const bool second =
        line_.swaps && rules_.on(RuleL4::second_busy) && bank_of(operation_offset()) == 1;
    value |= both && line_.swaps ? bsy | bsy2 : second ? bsy2 : bsy;
  }
  const bool configured = first_word_ || operation_ == Operation::program;
  if (series_.config_busy && configured && rules_.on(RuleL4::config_busy)) value |= cfgbsy;
  if (line_.empty == EmptyFlag::in_status && empty_) value |= pempty;
  if (board_.timeline.now < suspended_until_) value |= pesd;
  return value;
}

std::uint32_t FlashL4::read(std::uint32_t offset, Master) {
  switch (offset) {
    case 0x00:
      return access_ | (cache_.control() & cache_bits) |
             (line_.empty == EmptyFlag::in_access_control && empty_ ? empty_in_acr : 0);
    case 0x10:
      if (board_.timeline.now < suspended_until_) board_.impure_read = true;
      return status();
    case 0x14: {
      const bool erasing =
          operation_ == Operation::page_erase || operation_ == Operation::mass_erase;
      return control_ | secured_ | (key_ == Key::unlocked ? 0 : lock) |
             (option_key_ == Key::unlocked ? 0 : optlock) | (erasing ? strt : 0) |
             (operation_ == Operation::options ? optstrt : 0);
    }
    case 0x18:
      return ecc_[0];
    case 0x1C:
      return ecc_[1];
    default:
      // Until they are loaded, the old options are read back.
      if (has_option(offset)) {
        return rules_.on(RuleL4::option_load) ? loaded_[offset] : wanted_[offset];
      }
      return 0;
  }
}

Outcome FlashL4::write(std::uint32_t offset, std::uint32_t value, Master master) {
  switch (offset) {
    case 0x00:
      write_access(value);
      return Outcome::ok;
    case 0x08:
      return write_key(key_, value, key1, key2);
    case 0x0C:
      if (key_ != Key::unlocked && rules_.on(RuleL4::option_key)) {
        option_key_ = Key::until_reset;
        return Outcome::fault;
      }
      return write_key(option_key_, value, option_key1, option_key2);
    case 0x10:
      status_ &= ~(value & (eop | operr | errors));
      if ((value & pempty) != 0 && line_.empty == EmptyFlag::in_status) {
        empty_ = rules_.on(RuleL4::empty_toggles) ? !empty_ : false;
      }
      return Outcome::ok;
    case 0x14:
      return write_control(value, master);
    case 0x18:
      write_ecc(ecc_[0], value);
      return Outcome::ok;
    case 0x1C:
      if (line_.swaps) write_ecc(ecc_[1], value);
      return Outcome::ok;
    default:
      write_option(offset, value);
      return Outcome::ok;
  }
}

void FlashL4::write_option(std::uint32_t offset, std::uint32_t value) {
  const bool of_other_core = series_.second_core() && offset == sfr;
  if (of_other_core || !has_option(offset) || option_key_ != Key::unlocked) return;
  wanted_[offset] = value;
  if (rules_.off(RuleL4::option_start)) cells_ = wanted_;
}

bool FlashL4::debug_switchable() const {
  return (series_.access_bits & debug_enable) != 0 && !part_.value_line;
}

void FlashL4::write_access(std::uint32_t value) {
  const std::uint32_t present = series_.access_bits & ~(debug_switchable() ? 0 : debug_enable);
  access_ = value & present & ~cache_bits;
  cache_.set_control((value & present & cache_bits) | (value & (icrst | dcrst)));
  if (line_.empty == EmptyFlag::in_access_control) empty_ = (value & empty_in_acr) != 0;
}

void FlashL4::write_ecc(std::uint32_t &ecc, std::uint32_t value) {
  ecc = (ecc & ~eccie & ~(value & (eccc | eccd | eccc2 | eccd2))) | (value & eccie);
  const bool pending = ((ecc_[0] | ecc_[1]) & (eccd | eccd2)) != 0;
  if (!pending) board_.release_nmi();
}

Outcome FlashL4::write_key(Key &state, std::uint32_t value, std::uint32_t first,
                           std::uint32_t second) const {
  if (state == Key::locked && value == first) {
    state = Key::first_good;
    return Outcome::ok;
  }
  if (state == Key::first_good && value == second) {
    state = Key::unlocked;
    return Outcome::ok;
  }
  if (rules_.off(RuleL4::key_fsm)) {
    state = value == second ? Key::unlocked : Key::locked;
    return Outcome::ok;
  }
  state = Key::until_reset;
  return Outcome::fault;
}

std::uint32_t FlashL4::control_bits() const {
  const std::uint32_t number = ((1U << line_.page_bits) - 1) << pnb_at;
  const std::uint32_t banks = line_.bank_at == 0 ? 0 : 1U << line_.bank_at | mer2;
  return pg | per | mer1 | fstpg | eopie | errie | rderrie | number | banks;
}

Outcome FlashL4::write_control(std::uint32_t value, Master master) {
  if (busy() && rules_.on(RuleL4::cr_stalls)) return Outcome::wait;
  if (series_.config_busy && first_word_ && rules_.on(RuleL4::config_busy_blocks)) {
    return Outcome::fault;
  }
  if (key_ != Key::unlocked && rules_.on(RuleL4::lock)) return Outcome::ok;
  control_ = value & control_bits();
  if ((control_ & fstpg) == 0) end_row();
  if (series_.secure_options != 0) secured_ |= value & (sec_prot | sec_prot2);
  const bool options_open = option_key_ == Key::unlocked || rules_.off(RuleL4::option_key);
  if (option_key_ == Key::unlocked &&
      ((value & optlock) != 0 || ((value & lock) != 0 && rules_.on(RuleL4::locks_options)))) {
    option_key_ = Key::locked;
  }
  if ((value & lock) != 0) {
    key_ = Key::locked;
  } else if ((value & obl_launch) != 0 && options_open) {
    load_wanted_ = true;
    if (rules_.on(RuleL4::load_resets)) board_.request_reset(ResetCause::software);
    if (faults_.launch_unanswered) return Outcome::fault;
  } else if ((value & optstrt) != 0 && options_open) {
    start_options();
  } else if ((value & strt) != 0 && !busy()) {
    start_erase(master);
  }
  return Outcome::ok;
}

void FlashL4::refuse(std::uint32_t bits) {
  status_ |= bits;
  if ((control_ & errie) != 0 || rules_.off(RuleL4::operr_gated)) status_ |= operr;
  if ((control_ & errie) != 0) board_.raise_irq(flash_interrupt());
}

bool FlashL4::blocked() const {
  return (status_ & errors) != 0 && rules_.on(RuleL4::errors_block);
}

void FlashL4::start_erase(Master master) {
  const bool mixed = (control_ & (pg | fstpg)) != 0 && rules_.on(RuleL4::sequence);
  if (blocked() || mixed) return refuse(pgserr);
  if (shut(master)) return refuse(wrperr);
  if ((control_ & (mer1 | mer2)) != 0) {
    if ((control_ & per) != 0) board_.note("FLASH_CR: PER and MER together");
    start_mass_erase();
  } else if ((control_ & per) != 0) {
    start_page_erase();
  } else {
    board_.note("FLASH_CR: STRT with neither PER nor MER");
  }
}

void FlashL4::start_mass_erase() {
  const bool both = (control_ & mer1) != 0 && (control_ & mer2) != 0;
  std::uint32_t first = 0;
  auto length = static_cast<std::uint32_t>(flash_.size());
  if (dual()) {
    if (!both && rules_.on(RuleL4::mass_erase_banks)) {
      first = bank_start((control_ & mer1) != 0 ? 0 : 1);
      length = bank_size();
    }
  } else if (line_.pages_double) {
    if (!both && rules_.on(RuleL4::mass_erase_both)) return refuse(pgserr);
  }
  if (any_protected(first, length)) return refuse(wrperr);
  begin(Operation::mass_erase, flash_base + first, length);
}

void FlashL4::start_page_erase() {
  std::uint32_t number = control_ >> pnb_at & ((1U << line_.page_bits) - 1);
  std::uint32_t bank = line_.bank_at == 0 ? 0 : control_ >> line_.bank_at & 1;
  if (rules_.off(RuleL4::bank_select)) {
    constexpr unsigned usual_bit = 11;
    bank |= control_ >> usual_bit & 1;
  }
  const std::uint32_t pages = bank_size() / page_size();
  if (number >= pages) {
    if (rules_.off(RuleL4::page_number)) return;
    board_.note("page erase with a number that no page of the bank has");
    number %= std::bit_ceil(pages);  // another page goes, without an error
    if (number >= pages) return;
  }
  const std::uint32_t offset = (dual() ? bank_start(bank) : 0) + number * page_size();
  if (any_protected(offset, page_size())) return refuse(wrperr);
  begin(Operation::page_erase, flash_base + offset, page_size());
}

void FlashL4::apply_faults() {
  if (faults_.stale_control_bits) {
    key_ = Key::unlocked;
    control_ = (pg | per | mer1 | 5U << pnb_at) & control_bits();
  }
  if (faults_.stale_errors) status_ = errors | operr | eop;
  if (faults_.stale_sequence_error) status_ |= pgserr;
  if (faults_.fpec_locked_until_reset) key_ = Key::until_reset;
  if (faults_.caches_on) cache_.fill_up();
  if (faults_.suspended) suspended_until_ = board_.timeline.now + *faults_.suspended;
}

void FlashL4::power_on() {
  intruded_ = false;
  load_wanted_ = true;
  cache_.power_on();
}

void FlashL4::system_reset() {
  abandon();
  first_word_.reset();
  end_row();
  fast_ready_ = false;
  if (rules_.on(RuleL4::reset_clears_registers)) {
    key_ = option_key_ = Key::locked;
    control_ = status_ = secured_ = 0;
    ecc_ = {};
    suspended_until_ = 0;
    cache_.set_control(0);
    cache_.set_control(icrst | dcrst);
    write_access(series_.access_control | (empty_ ? empty_in_acr : 0));
  }
  if (faults_.option_error) status_ |= optverr;
  if (std::exchange(load_wanted_, false)) {
    load_options();
    look_at_first_word();
  }
  if (rules_.off(RuleL4::empty_kept)) look_at_first_word();
  wanted_ = cells_;
  choose_boot();
}

}  // namespace flashhost::machine::stm32
