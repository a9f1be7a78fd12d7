// The option bytes, and what they decide: banks, protection, where the chip starts.
#include "flash_l4.hpp"
#include "flash_l4_registers.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

namespace flashhost::machine::stm32 {

using namespace l4_flash;

namespace {

// Registers of options, in pairs of start and end or one by one.
constexpr std::uint32_t of_one_bank[] = {0x20, 0x24, 0x28, 0x2C, 0x30};
constexpr std::uint32_t pcrop_pairs[] = {0x34, 0x38};  // G0, C0, WB, WL
constexpr std::uint32_t of_second_bank[] = {0x44, 0x48, 0x4C, 0x50};
constexpr std::uint32_t second_pcrop_pairs[] = {0x54, 0x58};  // G0B

constexpr std::uint32_t pcrop_starts[] = {pcrop1, pcrop_b, pcrop2, pcrop2_b};
constexpr std::uint32_t wrp_areas[] = {wrp1, wrp1 + 4, wrp2, wrp2 + 4};
constexpr std::uint32_t none_protected = 0x1FFFF;  // STRT all ones, END 0

bool contains(std::span<const std::uint32_t> offsets, std::uint32_t offset) {
  return std::ranges::find(offsets, offset) != offsets.end();
}

// Whether the area of a register with its first and last page in two halves has this page.
bool in_area(std::uint32_t area, std::uint32_t width_mask, std::uint32_t page) {
  return page >= (area & width_mask) && page <= (area >> 16 & width_mask);
}

}  // namespace

bool FlashL4::has_option(std::uint32_t offset) const {
  const bool first_pcrop = offset == pcrop1 || offset == pcrop1 + 4;
  if (part_.value_line && (first_pcrop || contains(pcrop_pairs, offset))) return false;
  if (contains(of_one_bank, offset)) return true;
  const bool pairs = series_.config_busy;  // all series but L4, L4+ and G4
  if (pairs && contains(pcrop_pairs, offset)) return true;
  if (part_.two_banks && contains(of_second_bank, offset)) return true;
  if (line_.swaps && part_.two_banks && contains(second_pcrop_pairs, offset)) return true;
  if (series_.second_core()) return offset == sfr;
  if (series_.secure_options == 0 || part_.value_line) return false;
  return offset == series_.secure_options ||
         (series_.secure_options != sfr && part_.two_banks && offset == series_.secure_options + 4);
}

void FlashL4::factory_options() {
  constexpr std::uint32_t of_value_line = 0xDFFFE1AA;
  cells_[optr] = part_.value_line ? of_value_line : series_.options;
  for (const std::uint32_t area : wrp_areas) {
    if (has_option(area)) cells_[area] = page_mask();
  }
  for (const std::uint32_t start : pcrop_starts) {
    if (has_option(start)) cells_[start] = none_protected;
  }
  std::uint32_t &word = cells_[optr];
  if (faults_.hardware_iwdg) word &= ~iwdg_sw;
  if (faults_.single_bank) word &= ~part_.dual_option;
  if (faults_.swapped_banks) word &= ~bfb2_or_nswap;
  if (faults_.boot_bank2) word |= bfb2_or_nswap;
  if (faults_.read_protected || faults_.read_protected_for_ever) {
    word = (word & ~rdp) | (faults_.read_protected_for_ever ? 0xCC : 0xFF);
  }
  if (series_.second_core()) {
    cells_[sfr] = faults_.secure_from ? *faults_.secure_from & 0xFF : security_disabled | 0xFF;
  }
  loaded_ = cells_;                      // so the array is already as the chip shows it
  std::array<std::uint32_t, 2> areas{};  // used, of each bank
  for (const std::uint32_t number : faults_.write_protected_pages) {
    const auto refuse_page = [&](const std::string &why) {
      throw std::invalid_argument("fault 'write_protected': the part has no " + why);
    };
    if (number >= flash_size() / page_size()) refuse_page("page " + std::to_string(number));
    const std::uint32_t pages = bank_size() / page_size();
    const std::uint32_t bank = bank_of(number / pages * bank_distance());
    std::uint32_t &used = areas.at(bank);
    if (used == 2) refuse_page("third area of a bank");
    const std::uint32_t page = number % pages;
    cells_[(bank == 1 ? wrp2 : wrp1) + 4 * used] = page | page << 16;
    ++used;
  }
}

// Parts with less flash have the fields of the largest part of their line.
std::uint32_t FlashL4::page_mask() const {
  std::uint32_t largest = 0;
  for (const PartL4 &part : parts_l4()) {
    if (part.line == &line_) largest = std::max(largest, part.flash_size);
  }
  const std::uint32_t banks = line_.bank_at == 0 ? 1 : 2;
  return std::bit_ceil(largest / line_.page_size / banks) - 1;
}

std::uint32_t FlashL4::pcrop_unit() const {
  if (series_.pcrop_unit == 0) return line_.page_size / 2;
  return line_.pages_double && !dual() ? 16 : series_.pcrop_unit;
}

void FlashL4::load_options() {
  if (options_torn_) {
    // A mismatch: user bits are 1, everything is protected.
    cells_ = {};
    cells_[optr] = 0xFFFFFFFF;
    for (const std::uint32_t start : pcrop_starts) {
      if (has_option(start)) cells_[start + 4] = pcrop_rdp | none_protected;
    }
    for (const std::uint32_t area : wrp_areas) {
      if (has_option(area)) cells_[area] = page_mask();
    }
    if (series_.ones_stay && has_option(series_.secure_options)) {
      cells_[series_.secure_options] = boot_lock;
    }
    status_ |= optverr;
  }
  const bool was_swapped = swapped();
  loaded_ = wanted_ = cells_;
  if (swapped() != was_swapped) {
    std::ranges::rotate(flash_, flash_.begin() + static_cast<std::ptrdiff_t>(bank_size()));
    words_.swap_halves();
    changed(0, flash_size());
  }
  if (level() == Level::readout && board_.debugger_attached) intruded_ = true;
  show_option_bytes();
}

// The value of each option, then its complement.
void FlashL4::show_option_bytes() {
  const auto show = [&](std::uint32_t address, std::uint32_t value) {
    const std::uint32_t words[] = {value, ~value};
    std::memcpy(cell(address), words, sizeof words);
  };
  const bool second_set = !line_.swaps && part_.two_banks;
  for (std::uint32_t offset = optr; offset < pcrop2; offset += 4) {
    if (has_option(offset)) show(option_bytes + 2 * (offset - optr), cells_[offset]);
  }
  for (std::uint32_t offset = pcrop2; second_set && offset < pcrop2_b; offset += 4) {
    show(option_bytes2 + 2 * (offset - pcrop2 + 4), cells_[offset]);
  }
}

bool FlashL4::dual() const {
  return part_.two_banks && (part_.dual_option == 0 || (loaded_[optr] & part_.dual_option) != 0);
}

bool FlashL4::swapped() const {
  return line_.swaps && dual() && (loaded_[optr] & bfb2_or_nswap) == 0 &&
         rules_.on(RuleL4::option_swap);
}

std::uint32_t FlashL4::flash_size() const {
  return part_.own_size();
}

std::uint32_t FlashL4::bank_size() const {
  return dual() ? flash_size() / 2 : flash_size();
}

std::uint32_t FlashL4::bank_distance() const {
  return dual() ? bank_size() + part_.hole : static_cast<std::uint32_t>(flash_.size());
}

std::uint32_t FlashL4::in_bank(std::uint32_t offset) const {
  return offset % bank_distance();
}

std::uint32_t FlashL4::page_size() const {
  const bool twice = line_.pages_double && !dual() && rules_.on(RuleL4::single_bank_pages);
  return twice ? 2 * line_.page_size : line_.page_size;
}

std::uint32_t FlashL4::bank_of(std::uint32_t offset) const {
  const std::uint32_t seen = offset / bank_distance();
  return swapped() ? 1 - seen : seen;
}

std::uint32_t FlashL4::bank_start(std::uint32_t bank) const {
  return (swapped() ? 1 - bank : bank) * bank_distance();
}

FlashL4::Level FlashL4::level() const {
  const std::uint32_t value = loaded_[optr] & rdp;
  if (value == 0xAA || rules_.off(RuleL4::read_protection)) return Level::open;
  return value == 0xCC ? Level::closed : Level::readout;
}

bool FlashL4::opens() const {
  return level() == Level::readout && (wanted_[optr] & rdp) == 0xAA;
}

bool FlashL4::boot_locked() const {
  return series_.secure_options != 0 && has_option(series_.secure_options) &&
         (loaded_[series_.secure_options] & boot_lock) != 0 && rules_.on(RuleL4::boot_lock);
}

bool FlashL4::debug_forbidden() const {
  if (level() == Level::closed && rules_.on(RuleL4::level2_final)) return true;
  if (boot_locked() && level() == Level::readout) return true;
  return debug_switchable() && (access_ & debug_enable) == 0 && rules_.on(RuleL4::debug_switch);
}

bool FlashL4::hardware_watchdog() const {
  return (loaded_[optr] & iwdg_sw) == 0;
}

bool FlashL4::write_protected(std::uint32_t offset) const {
  if (rules_.off(RuleL4::write_protection)) return false;
  const bool over_all = line_.pages_double && !dual();
  const std::uint32_t page = in_bank(offset) / page_size();
  const auto in = [&](std::uint32_t area) {
    return has_option(area) && in_area(loaded_[area], page_mask(), page);
  };
  const bool second = bank_of(offset) == 1;
  return ((!second || over_all) && (in(wrp1) || in(wrp1 + 4))) ||
         ((second || over_all) && (in(wrp2) || in(wrp2 + 4)));
}

// The range is within a page.
bool FlashL4::code_protected(std::uint32_t offset, std::uint32_t length) const {
  if (rules_.off(RuleL4::pcrop)) return false;
  const std::uint32_t first = in_bank(offset) / pcrop_unit();
  const std::uint32_t last = (in_bank(offset) + length - 1) / pcrop_unit();
  const auto in = [&](std::uint32_t start) {
    if (!has_option(start)) return false;
    constexpr std::uint32_t bits = 0x1FFFF;
    const std::uint32_t begin = loaded_[start] & bits, end = loaded_[start + 4] & bits;
    return begin <= end && last >= begin && first <= end;
  };
  return bank_of(offset) == 1 ? in(pcrop2) || in(pcrop2_b) : in(pcrop1) || in(pcrop_b);
}

bool FlashL4::any_protected(std::uint32_t offset, std::uint32_t length) const {
  const std::uint32_t step = std::min(length, page_size());
  for (std::uint32_t at = offset; at < offset + length; at += step) {
    if (write_protected(at) || code_protected(at, step) || secured(at) || of_second_core(at)) {
      return true;
    }
  }
  return false;
}

bool FlashL4::secured(std::uint32_t offset) const {
  if (secured_ == 0 || rules_.off(RuleL4::securable)) return false;
  const std::uint32_t page = in_bank(offset) / page_size();
  const std::uint32_t first = series_.secure_options;
  constexpr std::uint32_t size_mask = 0xFF;
  constexpr unsigned second_size_at = 20;  // SEC_SIZE2 of the G0B1
  if (bank_of(offset) == 0) {
    return (secured_ & sec_prot) != 0 && page < (loaded_[first] & size_mask);
  }
  const std::uint32_t size = line_.swaps ? loaded_[first] >> second_size_at : loaded_[first + 4];
  return (secured_ & sec_prot2) != 0 && page < (size & size_mask);
}

bool FlashL4::of_second_core(std::uint32_t offset) const {
  if (!series_.second_core()) return false;
  const std::uint32_t secure = loaded_[sfr];
  return (secure & security_disabled) == 0 && offset / page_size() >= (secure & 0xFF) &&
         rules_.on(RuleL4::secure_area);
}

void FlashL4::start_options() {
  if (blocked()) return refuse(pgserr);
  if (level() == Level::closed) return refuse(wrperr);
  if ((wanted_[optr] & rdp) == 0xCC) {
    board_.note("RDP level 2 was programmed: the chip is closed for ever");
  }
  begin(Operation::options, 0, 0);
}

void FlashL4::finish_options() {
  if (opens() && rules_.on(RuleL4::unprotect_erases)) erase_by_opening();
  cells_ = wanted_;
  options_torn_ = false;
  show_option_bytes();
  if (rules_.off(RuleL4::option_load)) load_options();
}

// Code protection stays with its pages, or goes with them where PCROP_RDP is set.
void FlashL4::erase_by_opening() {
  const bool all = (loaded_[pcrop1 + 4] & pcrop_rdp) != 0;
  for (std::uint32_t at = 0; at < flash_.size(); at += page_size()) {
    if (all || !code_protected(at, page_size())) erase(at, page_size());
  }
  for (const std::uint32_t start : pcrop_starts) {
    if (!all || !has_option(start)) continue;
    wanted_[start] = none_protected;
    wanted_[start + 4] = 0;
  }
  ++board_.statistics.mass_erases;
}

void FlashL4::look_at_first_word() {
  if (line_.empty == EmptyFlag::none || rules_.off(RuleL4::empty_check)) return;
  const std::ptrdiff_t looked_at = series_.config_busy ? 8 : 4;
  empty_ = std::all_of(flash_.begin(), flash_.begin() + looked_at,
                       [](std::uint8_t byte) { return byte == 0xFF; });
}

// Whether option bits choose the ROM in place of the BOOT0 pin, which is low.
bool FlashL4::rom_selected() const {
  if (rules_.off(RuleL4::boot_selection)) return false;
  const std::uint32_t value = loaded_[optr];
  constexpr std::uint32_t bit24 = 1U << 24, bit26 = 1U << 26, bit27 = 1U << 27;
  if (series_.core == CoreKind::cortex_m0_plus) {  // nBOOT_SEL, nBOOT0
    return (value & bit24) != 0 && (value & bit26) == 0;
  }
  return (value & bit26) == 0 && (value & bit27) == 0;  // nSWBOOT0, nBOOT0
}

// The boot ROM is a loop that waits. With BFB2 it goes on to bank 2, where that has a program: its
// vectors are those of bank 2.
void FlashL4::choose_boot() {
  constexpr std::uint32_t waits = 0xE7FEE7FE;  // b .
  std::uint32_t vectors[] = {0x20000200, (system_memory + 8) | 1U, waits};
  boot_ = (empty_ || rom_selected()) && !boot_locked() ? system_memory : flash_base;
  const bool from_bank2 = !line_.swaps && dual() && (loaded_[optr] & bfb2_or_nswap) != 0 &&
                          rules_.on(RuleL4::boot_bank2);
  if (from_bank2) {
    boot_ = system_memory;
    std::uint32_t found[2] = {};
    std::memcpy(found, &flash_[bank_distance()], sizeof found);
    if (found[0] >> 24 != 0x20) std::memcpy(found, flash_.data(), sizeof found);
    if (found[0] >> 24 == 0x20) std::copy_n(found, 2, vectors);
  }
  std::memcpy(cell(system_memory), vectors, sizeof vectors);
}

}  // namespace flashhost::machine::stm32
