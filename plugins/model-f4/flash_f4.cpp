#include "flash_f4.hpp"

#include "flash_f4_registers.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace flashhost::machine::stm32 {

using namespace f4_flash;

namespace {

constexpr std::uint32_t factory_options = 0x0FFFAAEC;
constexpr std::uint32_t factory_options_f413 = 0x7FFFAAEC;
constexpr std::uint32_t factory_options2 = 0x0FFF0000;
constexpr std::uint16_t f413 = 0x463;

}  // namespace

FlashF4::FlashF4(Board &board, const StmPart &part, const StmFaults &faults, const RulesF4 &rules,
                 std::span<std::uint8_t> main_flash)
    : board_(board),
      part_(part),
      faults_(faults),
      rules_(rules),
      flash_(main_flash),
      information_(information_end - information_start, 0xFF),
      cache_(board,
             {.instructions = rules.on(RuleF4::instruction_cache),
              .data = rules.on(RuleF4::data_cache),
              .prefetch = rules.on(RuleF4::prefetch),
              .reset_only_when_off = rules.on(RuleF4::cache_reset_when_off)},
             main_flash),
      done_(board.timeline.add([this](Ticks due) { finish(due); })) {
  // A bootloader that only waits: initial SP, entry, "b .".
  const std::uint32_t vectors[] = {0x20000200, (system_memory + 8) | 1U, 0xE7FEE7FE};
  std::memcpy(cell(system_memory), vectors, sizeof vectors);
  const std::uint16_t size = faults.flash_size_register.value_or(part.flash_kib());
  *cell(size_register) = static_cast<std::uint8_t>(size);
  *cell(size_register + 1) = static_cast<std::uint8_t>(size >> 8);
  std::generate_n(cell(unique_id), 12, [&] { return static_cast<std::uint8_t>(board.random()); });

  cells_.first = part.device_id == f413 ? factory_options_f413 : factory_options;
  cells_.second = part.two_banks ? factory_options2 : 0;
  if (faults.hardware_iwdg) cells_.first &= ~wdg_sw;
  if (faults.dual_bank) cells_.first |= db1m;
  if (faults.boot_bank2) cells_.first |= bfb2;
  if (faults.read_protected || faults.read_protected_for_ever) {
    const std::uint32_t rdp = faults.read_protected_for_ever ? 0xCC : 0xFF;
    cells_.first = (cells_.first & ~(0xFFU << rdp_at)) | rdp << rdp_at;
  }
  load_options();
  for (const std::uint32_t number : faults.write_protected_pages) {
    if (number >= sectors_.size()) {
      throw std::invalid_argument("fault 'write_protected': the part has no sector " +
                                  std::to_string(number));
    }
    const std::uint32_t bit = sectors_[number].wrp;
    std::uint32_t &word = bit < 16 ? cells_.first : cells_.second;
    word &= ~(1U << (nwrp_at + bit % 16));
  }
  load_options();
}

void FlashF4::load_options() {
  options_ = wanted_ = cells_;
  sectors_ = sectors_f4(part_, dual() && rules_.on(RuleF4::dual_map));
  show_option_bytes();
}

void FlashF4::show_option_bytes() {
  const auto show = [&](std::uint32_t address, std::uint32_t value) {
    const std::uint32_t word = (value & 0xFFFF) | (~value & 0xFFFF) << 16;
    std::memcpy(cell(address), &word, sizeof word);
  };
  show(option_bytes, cells_.first & 0xFFEC);
  show(option_bytes + 8, cells_.first >> nwrp_at);
  if (part_.two_banks) show(option_bytes2 + 8, cells_.second >> nwrp_at);
}

bool FlashF4::dual() const {
  constexpr std::uint32_t always_dual = 2048;
  return part_.two_banks && (part_.flash_kib() == always_dual || (options_.first & db1m) != 0);
}

std::uint32_t FlashF4::read(std::uint32_t offset, Master) {
  switch (offset) {
    case 0x00:
      return cache_.control();
    case 0x0C:
      return status_ | (busy() ? bsy : 0);
    case 0x10: {
      const bool erasing =
          operation_ == Operation::sector_erase || operation_ == Operation::mass_erase;
      return control_ | (key_ == Key::unlocked ? 0 : lock) | (erasing ? strt : 0);
    }
    case 0x14:
      return wanted_.first | (option_key_ == Key::unlocked ? 0 : optlock) |
             (operation_ == Operation::options ? optstrt : 0);
    case 0x18:
      return part_.two_banks ? wanted_.second : 0;
    default:
      return 0;
  }
}

Outcome FlashF4::write(std::uint32_t offset, std::uint32_t value, Master) {
  switch (offset) {
    case 0x00:
      cache_.set_control(value);
      return Outcome::ok;
    case 0x04:
      return write_key(key_, value, key1, key2);
    case 0x08:
      return write_key(option_key_, value, option_key1, option_key2);
    case 0x0C:
      status_ &= ~(value & (eop | operr | errors));
      return Outcome::ok;
    case 0x10:
      return write_control(value);
    case 0x14:
      return write_options(value);
    case 0x18:
      if (part_.two_banks && option_key_ == Key::unlocked) wanted_.second = value & 0x0FFF0000;
      return Outcome::ok;
    default:
      return Outcome::ok;
  }
}

Outcome FlashF4::write_key(Key &state, std::uint32_t value, std::uint32_t first,
                           std::uint32_t second) const {
  if (state == Key::until_reset) return Outcome::ok;
  if (state == Key::locked && value == first) {
    state = Key::first_good;
    return Outcome::ok;
  }
  if (state == Key::first_good && value == second) {
    state = Key::unlocked;
    return Outcome::ok;
  }
  if (rules_.off(RuleF4::key_fsm)) {
    state = value == second ? Key::unlocked : Key::locked;
    return Outcome::ok;
  }
  state = Key::until_reset;
  return Outcome::fault;
}

Outcome FlashF4::write_control(std::uint32_t value) {
  if (key_ != Key::unlocked && rules_.on(RuleF4::lock)) return Outcome::ok;
  if (busy() && rules_.on(RuleF4::cr_stalls)) return Outcome::wait;
  const std::uint32_t number_mask = part_.two_banks ? 0x1F : 0xF;
  control_ = value & (pg | ser | mer | number_mask << snb_at | 3U << psize_at | eopie | errie |
                      (part_.two_banks ? mer2 : 0));
  if ((value & lock) != 0) {
    key_ = Key::locked;
    return Outcome::ok;
  }
  if ((value & strt) != 0 && !busy()) start_erase();
  return Outcome::ok;
}

void FlashF4::refuse(std::uint32_t bits) {
  status_ |= bits;
  if ((control_ & errie) != 0 || rules_.off(RuleF4::operr_gated)) {
    status_ |= operr;
    board_.raise_irq(4);
  }
}

bool FlashF4::blocked() const {
  return (status_ & errors) != 0 && rules_.on(RuleF4::errors_block);
}

void FlashF4::start_erase() {
  if (blocked()) return;
  const bool mass = (control_ & (mer | mer2)) != 0;
  const bool forbidden = shut(Master::debugger);
  if (mass) {
    if ((control_ & ser) != 0) board_.note("FLASH_CR: SER and MER together");
    const bool second = dual() && (control_ & mer2) != 0;
    const bool first = (control_ & mer) != 0 || !dual();
    const bool refused = std::ranges::any_of(sectors_, [&](const SectorF4 &sector) {
      return (sector.bank == 0 ? first : second) && write_protected(sector);
    });
    if (refused || forbidden) return refuse(wrperr);
    const auto size = static_cast<std::uint32_t>(flash_.size());
    const std::uint32_t bank = dual() ? size / 2 : size;
    begin(Operation::mass_erase, first ? 0 : bank, first && second ? size : bank);
  } else if ((control_ & ser) != 0) {
    const std::uint32_t number = control_ >> snb_at & (part_.two_banks ? 0x1F : 0xF);
    const auto found = std::ranges::find(sectors_, number, &SectorF4::snb);
    if (found == sectors_.end()) {
      if (rules_.off(RuleF4::snb)) return;
      board_.note("sector erase with a number that no sector has");
      return refuse(wrperr);
    }
    if (write_protected(*found) || forbidden) return refuse(wrperr);
    begin(Operation::sector_erase, found->offset, found->size);
  } else {
    board_.note("FLASH_CR: STRT with neither SER nor MER");
  }
}

Outcome FlashF4::write_options(std::uint32_t value) {
  const bool opened = option_key_ == Key::unlocked || rules_.off(RuleF4::option_key);
  if (!opened) return Outcome::ok;
  if (busy()) return Outcome::wait;
  if (level() == Level::closed) return Outcome::ok;
  const std::uint32_t bits = part_.two_banks           ? 0x4FFFFFFC
                             : part_.device_id == f413 ? 0x7FFFFFEC
                                                       : 0x0FFFFFEC;
  wanted_.first = value & bits;
  if ((value & optlock) != 0) {
    option_key_ = Key::locked;
  } else if ((value & optstrt) != 0 || rules_.off(RuleF4::option_start)) {
    if (!blocked()) start_options();
  }
  return Outcome::ok;
}

void FlashF4::start_options() {
  if ((wanted_.first >> rdp_at & 0xFF) == 0xCC) {
    board_.note("RDP level 2 was programmed: the chip is closed for ever");
  }
  begin(Operation::options, 0, 0);
}

bool FlashF4::write_protected(const SectorF4 &sector) const {
  if (rules_.off(RuleF4::write_protection)) return false;
  const std::uint32_t word = sector.wrp < 16 ? options_.first : options_.second;
  return (word >> (nwrp_at + sector.wrp % 16) & 1U) == 0;
}

FlashF4::Level FlashF4::level() const {
  const std::uint32_t rdp = options_.first >> rdp_at & 0xFF;
  if (rdp == 0xAA || rules_.off(RuleF4::read_protection)) return Level::open;
  return rdp == 0xCC ? Level::closed : Level::readout;
}

bool FlashF4::debug_forbidden() const {
  return level() == Level::closed && rules_.on(RuleF4::level2_final);
}

bool FlashF4::hardware_watchdog() const {
  return (options_.first & wdg_sw) == 0;
}

std::uint32_t FlashF4::boot_address() const {
  if (!dual() || (options_.first & bfb2) == 0) return flash_base;
  const std::uint32_t bank2 = static_cast<std::uint32_t>(flash_.size()) / 2;
  std::uint32_t stack = 0;
  std::memcpy(&stack, &flash_[bank2], sizeof stack);
  return flash_base + (stack >> 24 == 0x20 ? bank2 : 0);  // as the bootloader decides
}

void FlashF4::apply_faults() {
  if (faults_.stale_control_bits) {
    key_ = Key::unlocked;
    constexpr std::uint32_t x64 = 3;
    control_ = pg | ser | mer | 5U << snb_at | x64 << psize_at;
  }
  if (faults_.stale_errors) status_ = errors | operr | eop;
  if (faults_.fpec_locked_until_reset) key_ = Key::until_reset;
  if (faults_.caches_on) cache_.fill_up();
}

void FlashF4::power_on() {
  intruded_ = false;
  cache_.power_on();
}

void FlashF4::system_reset() {
  abandon();
  if (rules_.on(RuleF4::reset_clears_registers)) {
    key_ = option_key_ = Key::locked;
    control_ = status_ = 0;
    cache_.set_control(0);
  }
  if (rules_.on(RuleF4::option_reload)) load_options();
}

}  // namespace flashhost::machine::stm32
