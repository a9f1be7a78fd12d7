#include "flash_f1.hpp"

#include <algorithm>
#include <cstring>

namespace target_model {
namespace {

constexpr std::uint32_t option_address = 0x1FFFF800;
constexpr std::uint32_t option_size = 16;
constexpr std::uint32_t information_end = 0x1FFFFC00;  // of the pages mapped
constexpr std::uint32_t size_register = 0x1FFFF7E0;
constexpr std::uint32_t unique_id = 0x1FFFF7E8;

// CR
constexpr std::uint32_t pg = 1U << 0;
constexpr std::uint32_t per = 1U << 1;
constexpr std::uint32_t mer = 1U << 2;
constexpr std::uint32_t optpg = 1U << 4;
constexpr std::uint32_t opter = 1U << 5;
constexpr std::uint32_t strt = 1U << 6;
constexpr std::uint32_t lock = 1U << 7;
constexpr std::uint32_t optwre = 1U << 9;
constexpr std::uint32_t errie = 1U << 10;
constexpr std::uint32_t eopie = 1U << 12;
constexpr std::uint32_t control_bits = pg | per | mer | optpg | opter | errie | eopie;

// SR
constexpr std::uint32_t bsy = 1U << 0;
constexpr std::uint32_t pgerr = 1U << 2;
constexpr std::uint32_t wrprterr = 1U << 4;
constexpr std::uint32_t eop = 1U << 5;

constexpr std::uint32_t key1 = 0x45670123;
constexpr std::uint32_t key2 = 0xCDEF89AB;

}  // namespace

FlashF1::FlashF1(Board &board, const Part &part, const Faults &faults,
                 std::span<std::uint8_t> main_flash)
    : board_(board),
      part_(part),
      faults_(faults),
      flash_(main_flash),
      information_(information_end - part.system_memory, 0xFF),
      bank_count_(part.two_banks ? 2 : 1) {
  constexpr std::uint32_t bank1_size = 512 * 1024;
  banks_[0].size = part.two_banks ? bank1_size : part.flash_size();
  banks_[1].offset = banks_[0].size;
  banks_[1].size = part.flash_size() - banks_[0].size;
  for (Bank &bank : banks_) {
    bank.done = board.timeline.add([this, &bank](Ticks due) { finish(bank, due); });
  }

  // A bootloader that waits for ever: initial SP, entry, "b .".
  const std::uint32_t vectors[] = {0x20000200, (part.system_memory + 8) | 1U, 0xE7FEE7FE};
  std::memcpy(information_.data(), vectors, sizeof vectors);
  const auto at = [&](std::uint32_t address) {
    return information_.begin() + (address - part.system_memory);
  };
  const std::uint16_t size =
      faults.flash_size_register.value_or(static_cast<std::uint16_t>(part.flash_kib));
  *at(size_register) = static_cast<std::uint8_t>(size);
  *at(size_register + 1) = static_cast<std::uint8_t>(size >> 8);
  std::generate_n(at(unique_id), 12, [&] { return static_cast<std::uint8_t>(board.random()); });
  std::ranges::copy(factory_options(part, faults), at(option_address));
  options_ = load_options(option_bytes());
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
      return option_register(options_);
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
  if (board_.rules.off(Rule::f1_key_fsm)) {
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
  if (bank.key != Key::unlocked && board_.rules.on(Rule::f1_lock)) return;
  if (busy(bank) && board_.rules.on(Rule::f1_cr_frozen_while_busy)) {
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

void FlashF1::start_erase(Bank &bank) {
  // BSY shows one cycle later than the fastest read after the store would see it.
  const Ticks late = board_.rules.on(Rule::f1_busy_late) ? 3 * board_.clocks.cycle : 0;
  const Ticks visible_from = board_.timeline.now + late;
  const bool opened = option_key_ == Key::unlocked || board_.rules.off(Rule::f1_option_key);
  if ((bank.control & mer) != 0) {
    bool refused = false;
    for (std::uint32_t at = bank.offset; at < bank.offset + bank.size; at += part_.page_size) {
      refused = refused || write_protected(options_, part_, at / part_.page_size);
    }
    if (refused && board_.rules.on(Rule::f1_write_protection)) {
      bank.status |= wrprterr;
    } else {
      begin(bank, Operation::mass_erase, bank.offset, 0, visible_from);
    }
  } else if ((bank.control & per) != 0) {
    const std::uint32_t offset = bank.address - flash_base;
    if (offset < bank.offset || offset >= bank.offset + bank.size) {
      bank.status |= wrprterr;
      board_.note("page erase with FLASH_AR outside the bank");
    } else if (protected_from(offset, Master::debugger)) {
      bank.status |= wrprterr;
    } else {
      begin(bank, Operation::page_erase, offset - offset % part_.page_size, 0, visible_from);
    }
  } else if ((bank.control & opter) != 0 && opened) {
    begin(bank, Operation::option_erase, 0, 0, visible_from);
  }
}

bool FlashF1::shut(Master master) const {
  return options_.read_protected && board_.rules.on(Rule::f1_read_protection) &&
         (master == Master::debugger || board_.debugger_attached);
}

bool FlashF1::protected_from(std::uint32_t offset, Master master) const {
  const std::uint32_t page = offset / part_.page_size;
  if (board_.rules.on(Rule::f1_write_protection) && write_protected(options_, part_, page))
    return true;
  const bool read_protected = options_.read_protected && board_.rules.on(Rule::f1_read_protection);
  return shut(master) || (read_protected && page < part_.auto_protected_pages);
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
  if (board_.rules.off(Rule::f1_stall_while_busy)) return 0;
  const auto until = [&](const Bank &bank) {
    return busy(bank) ? board_.timeline.time_of(bank.done) : 0;
  };
  if (board_.rules.off(Rule::f1_read_while_write))
    return std::max(until(banks_[0]), until(banks_[1]));
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
  if (width != 2 && board_.rules.on(Rule::f1_halfword_only)) return Outcome::fault;
  const auto half = static_cast<std::uint16_t>(value);
  if (address >= option_address) return program_option(address, half);
  if (address >= part_.system_memory) return Outcome::fault;
  return program(address - flash_base, half, master);
}

Outcome FlashF1::program(std::uint32_t offset, std::uint16_t value, Master master) {
  Bank &bank = bank_of(offset);
  if (busy_until(flash_base + offset) > board_.timeline.now) return Outcome::wait;
  if (busy(bank)) return Outcome::ok;  // only with the stall rule broken: the store is lost
  const bool unlocked = bank.key == Key::unlocked || board_.rules.off(Rule::f1_lock);
  if (!unlocked || (bank.control & pg) == 0) return Outcome::fault;
  if (protected_from(offset, master)) {
    bank.status |= wrprterr;
    return Outcome::ok;
  }
  const std::uint32_t old = load(flash_base + offset, 2);
  const bool zero = value == 0 && board_.rules.on(Rule::f1_program_zero);
  if (old != 0xFFFF && !zero && board_.rules.on(Rule::f1_write_check)) {
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
  const bool opened = option_key_ == Key::unlocked || board_.rules.off(Rule::f1_option_key);
  if (!opened || (bank.control & optpg) == 0) return Outcome::fault;
  if (load(address, 2) != 0xFFFF) {
    bank.status |= pgerr;
    return Outcome::ok;
  }
  const auto low = static_cast<std::uint8_t>(value);
  const auto stored = static_cast<std::uint16_t>(low | (static_cast<std::uint8_t>(~low) << 8));
  begin(bank, Operation::option_program, address, stored, board_.timeline.now);
  return Outcome::ok;
}

void FlashF1::apply_faults() {
  if (faults_.stale_control_bits) {
    banks_[0].key = Key::unlocked;
    banks_[0].control = pg | per;
  }
  if (faults_.stale_errors) banks_[0].status = pgerr | wrprterr | eop;
  if (faults_.fpec_locked_until_reset) banks_[0].key = Key::until_reset;
}

void FlashF1::system_reset() {
  for (Bank &bank : banks_) {
    abandon(bank);
    if (board_.rules.on(Rule::f1_reset_clears_fpec)) {
      bank.key = Key::locked;
      bank.control = 0;
      bank.status = 0;
      bank.address = 0;
    }
  }
  option_key_ = Key::locked;
  access_control_ = 0x30;
  options_ = load_options(option_bytes());
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

}  // namespace target_model
