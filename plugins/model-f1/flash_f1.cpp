#include "flash_f1.hpp"

#include "flash_f1_registers.hpp"

#include <algorithm>
#include <cstring>

namespace flashhost::machine::stm32 {

using namespace fpec;

FlashF1::FlashF1(const Common &common, const PartF1 &part, const StmFaults &faults,
                 const RulesF1 &rules, std::span<std::uint8_t> main_flash)
    : board_(common.board),
      part_(part),
      rules_(rules),
      common_(common),
      faults_(faults),
      flash_(main_flash),
      information_(information_end - part.system_memory, 0xFF),
      bank_count_(part.two_banks ? 2 : 1) {
  constexpr std::uint32_t bank1_size = 512 * 1024;
  banks_[0].size = part.two_banks ? bank1_size : part.flash_size;
  banks_[1].offset = banks_[0].size;
  banks_[1].size = part.flash_size - banks_[0].size;
  for (Bank &bank : banks_) {
    bank.done = board_.timeline.add([this, &bank](Ticks due) { finish(bank, due); });
  }

  // A bootloader that only waits: initial SP, entry, "b .".
  const std::uint32_t vectors[] = {0x20000200, (part.system_memory + 8) | 1U, 0xE7FEE7FE};
  std::memcpy(information_.data(), vectors, sizeof vectors);
  const auto at = [&](std::uint32_t address) {
    return information_.begin() + (address - part.system_memory);
  };
  const std::uint16_t size = faults.flash_size_register.value_or(part.flash_kib());
  *at(part.size_register) = static_cast<std::uint8_t>(size);
  *at(part.size_register + 1) = static_cast<std::uint8_t>(size >> 8);
  std::generate_n(at(part.unique_id), 12,
                  [&] { return static_cast<std::uint8_t>(board_.random()); });
  std::ranges::copy(factory_options(part, faults), at(option_address));
}

void FlashF1::load_options() {
  options_ = loaded_options(option_bytes(), part_, Complement::compared);
}

std::uint32_t FlashF1::option_register() const {
  return stm32::option_register(options_);
}

std::uint32_t FlashF1::closed_error() const {
  return wrprterr;
}

std::uint32_t FlashF1::not_erased_error() const {
  return pgerr;
}

std::span<std::uint8_t> FlashF1::option_bytes() {
  return std::span(information_).subspan(option_address - part_.system_memory, option_size);
}

std::uint32_t FlashF1::read(std::uint32_t offset, Master) {
  const std::uint32_t bank_offset = offset & ~0x40U;
  Bank &bank = banks_[bank_count_ == 2 && offset >= 0x40 ? 1 : 0];
  switch (offset) {
    case 0x00:
      return access_control_;
    case 0x1C:
      return option_register();
    case 0x20:
      return options_.unprotected_units;
    default:
      break;
  }
  if (offset >= 0x40 && bank_count_ != 2) return 0;
  if (bank_offset == 0x0C) {
    if (busy(bank) && !shows_busy(bank)) board_.impure_read = true;
    return bank.status | (shows_busy(bank) ? bsy : 0);
  }
  if (bank_offset == 0x10) {
    const bool unlocked = bank.key == Key::unlocked;
    const bool erasing = busy(bank) && bank.operation != Operation::program &&
                         bank.operation != Operation::option_program;
    return bank.control | (unlocked ? 0 : lock) | (erasing ? strt : 0) |
           (option_key_ == Key::unlocked && &bank == banks_.data() ? optwre : 0);
  }
  return 0;
}

Outcome FlashF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (offset == 0x00) {
    access_control_ = (access_control_ & 0x20) | (value & 0x1F);
    if ((value & 0x10) != 0) access_control_ |= 0x20;
    if ((value & 0x10) == 0) access_control_ &= ~0x20U;
    return Outcome::ok;
  }
  if (offset == 0x08) return write_option_key(value);
  if (offset >= 0x40 && bank_count_ != 2) return Outcome::ok;
  Bank &bank = banks_[offset >= 0x40 ? 1 : 0];
  switch (offset & ~0x40U) {
    case 0x04:
      return write_key(bank, value);
    case 0x0C:
      bank.status &= ~(value & (pgerr | wrprterr | eop));
      break;
    case 0x10:
      write_control(bank, value);
      break;
    case 0x14:
      if (!busy(bank)) bank.address = value;
      break;
    default:
      break;
  }
  return Outcome::ok;
}

Outcome FlashF1::write_key(Bank &bank, std::uint32_t value) {
  if (bank.key == Key::locked && value == key1) {
    bank.key = Key::first_good;
    return Outcome::ok;
  }
  if (bank.key == Key::first_good && value == key2) {
    bank.key = Key::unlocked;
    return Outcome::ok;
  }
  if (rules_.off(RuleF1::key_fsm)) {
    bank.key = value == key2 ? Key::unlocked : Key::locked;
    return Outcome::ok;
  }
  bank.key = Key::until_reset;
  return Outcome::fault;
}

Outcome FlashF1::write_option_key(std::uint32_t value) {
  if (banks_[0].key == Key::unlocked && option_key_ == Key::locked && value == key1) {
    option_key_ = Key::first_good;
    return Outcome::ok;
  }
  if (option_key_ == Key::first_good && value == key2) {
    option_key_ = Key::unlocked;
    return Outcome::ok;
  }
  option_key_ = Key::until_reset;
  return Outcome::fault;
}

void FlashF1::write_control(Bank &bank, std::uint32_t value) {
  if (bank.key != Key::unlocked && rules_.on(RuleF1::lock)) return;
  if (busy(bank) && rules_.on(RuleF1::cr_frozen_while_busy)) {
    board_.note("FLASH_CR written while BSY: the write is lost");
    return;
  }
  const bool first = &bank == banks_.data();
  bank.control = value & (first ? control_bits : control_bits & ~(optpg | opter));
  if (first && (value & optwre) == 0 && option_key_ == Key::unlocked) option_key_ = Key::locked;
  if ((value & lock) != 0) {
    bank.key = Key::locked;
    if (first) option_key_ = option_key_ == Key::until_reset ? option_key_ : Key::locked;
    return;
  }
  if ((value & strt) != 0 && !busy(bank)) start_erase(bank);
}

std::uint32_t FlashF1::mass_erase_refusal(const Bank &bank) const {
  if (rules_.off(RuleF1::write_protection)) return 0;
  for (std::uint32_t at = bank.offset; at < bank.offset + bank.size; at += part_.page_size) {
    if (write_protected(options_, part_, at / part_.page_size)) return wrprterr;
  }
  return 0;
}

void FlashF1::start_erase(Bank &bank) {
  // BSY appears later than the fastest read after the store can see it.
  const Ticks late = rules_.on(RuleF1::busy_late) ? 3 * board_.clocks.cycle : 0;
  const Ticks visible_from = board_.timeline.now + late;
  const bool opened = option_key_ == Key::unlocked || rules_.off(RuleF1::option_key);
  if ((bank.control & mer) != 0) {
    if (const std::uint32_t error = mass_erase_refusal(bank); error != 0) {
      bank.status |= error;
    } else {
      begin(bank, Operation::mass_erase, bank.offset, 0, visible_from);
    }
  } else if ((bank.control & per) != 0) {
    const std::uint32_t offset = bank.address - flash_base;
    if (offset < bank.offset || offset >= bank.offset + bank.size) {
      bank.status |= wrprterr;
      board_.note("page erase with FLASH_AR outside the bank");
    } else if (const std::uint32_t error = refusal(offset, Master::debugger); error != 0) {
      bank.status |= error;
    } else {
      begin(bank, Operation::page_erase, offset - offset % part_.page_size, 0, visible_from);
    }
  } else if ((bank.control & opter) != 0 && opened) {
    begin(bank, Operation::option_erase, 0, 0, visible_from);
  }
}

void FlashF1::apply_faults() {
  if (faults_.stale_control_bits) {
    banks_[0].key = Key::unlocked;
    banks_[0].control = pg | per | mer;
  }
  if (faults_.stale_errors) banks_[0].status = pgerr | wrprterr | eop;
  if (faults_.fpec_locked_until_reset) banks_[0].key = Key::until_reset;
}

void FlashF1::system_reset() {
  for (Bank &bank : banks_) {
    abandon(bank);
    if (rules_.on(RuleF1::reset_clears_fpec)) {
      bank.key = Key::locked;
      bank.control = 0;
      bank.status = 0;
      bank.address = 0;
    }
  }
  option_key_ = Key::locked;
  access_control_ = 0x30;
  load_options();
}

}  // namespace flashhost::machine::stm32
