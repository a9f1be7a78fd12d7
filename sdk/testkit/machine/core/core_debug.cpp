// What a debugger and the reset line do to the core.
#include "core/core.hpp"

#include <algorithm>

namespace flashhost::machine {

Core::Core(Board &board, Bus &bus, FlashController &flash, SystemControl &control,
           bool skip_polling)
    : board_(board),
      bus_(bus),
      flash_(flash),
      control_(control),
      engine_(*this, control.facts.kind),
      skipper_(skip_polling),
      kinds_(narrow_kinds(control.facts.architecture)) {
  control.debug.connect(*this);
  engine_.map_registers(peripheral_base, peripheral_size);
  engine_.map_registers(private_base, private_size);
  if (control.facts.v6m()) return;
  constexpr std::uint32_t bit_band = 0x02000000;
  engine_.map_registers(sram_region + bit_band, bit_band);
  engine_.map_registers(peripheral_base + bit_band, bit_band);
}

void Core::map(std::span<std::uint8_t> sram, std::span<std::uint8_t> ccm) {
  const std::uint32_t flash_address = bus_.flash_address;
  const std::span<std::uint8_t> information = flash_.information();
  const std::span<std::uint8_t> flash = flash_.fetched();
  const std::span<std::uint8_t> alias = flash_address == 0 ? std::span<std::uint8_t>() : flash;
  flash_bytes_ = flash;
  alias_of_ = flash_address;
  if (!alias.empty()) engine_.map_memory(0, alias);
  engine_.map_memory(flash_address, flash);
  if (!information.empty()) engine_.map_memory(flash_.information_base(), information);
  engine_.map_memory(bus_.sram_address, sram);
  engine_.watch_flash(0, ccm_base - 1);
  engine_.watch_flash(ccm_base + static_cast<std::uint32_t>(ccm.size()), bus_.sram_address - 1);
  if (!ccm.empty()) engine_.map_data(ccm_base, ccm);
  map_peripherals_elsewhere();
  decoded_sram_.assign(sram.size() / 2, {});
  code_ = {{{bus_.sram_address, sram},
            {flash_address, flash},
            {0, alias},
            {flash_.information_base(), information}}};
}

void Core::map_peripherals_elsewhere() {
  constexpr std::uint32_t smallest = 4096;  // smallest unit that the engine can map
  std::vector<std::uint32_t> mapped;
  for (const Bus::Window &window : bus_.elsewhere()) {
    const std::uint32_t page = window.address & ~(smallest - 1);
    const bool known = std::ranges::find(mapped, page) != mapped.end();
    if (known || page - private_base < private_size) continue;
    engine_.map_registers(page, smallest);
    mapped.push_back(page);
  }
}

// Option bytes may make the alias at 0 show another bank, or the system memory.
void Core::remap_alias() {
  const std::uint32_t wanted = flash_.boot_address();
  if (bus_.flash_address == 0 || wanted == alias_of_) return;
  engine_.unmap(0, static_cast<std::uint32_t>(code_[2].bytes.size()));
  const bool of_flash = wanted - bus_.flash_address < flash_bytes_.size();
  const auto shown = of_flash ? flash_bytes_.subspan(wanted - bus_.flash_address)
                              : flash_.information().subspan(wanted - flash_.information_base());
  engine_.map_memory(0, shown);
  code_[2].bytes = shown;
  alias_of_ = wanted;
}

void Core::mark_executed(std::uint32_t address) {
  executed_page_ = (address + 2) >> 10;
  for (const std::uint32_t page :
       {address >> 10, executed_page_}) {  // an instruction may cross the border
    if (std::ranges::find(executed_, page) == executed_.end()) executed_.push_back(page);
  }
}

void Core::forget_code(std::uint32_t address, std::uint32_t length) {
  const auto forget = [&](std::uint32_t from) {
    const std::uint32_t first = from >> 10;
    const std::uint32_t last = (from + length - 1) >> 10;
    for (const std::uint32_t page : executed_) {
      if (page < first || page > last) continue;
      const std::uint32_t begin = std::max(from, page << 10);
      const std::uint32_t end = std::min(from + length, (page + 1) << 10);
      engine_.forget_code(begin, end - begin);
      board_.timeline.attention();  // the engine forgets only when it does not run
    }
  };
  if (executed_.empty()) return;
  forget_decoded(address, length);
  forget(address);
  const std::uint32_t offset = address - alias_of_;
  if (offset < code_[2].bytes.size()) forget(offset);
}

void Core::forget_decoded(std::uint32_t address, std::uint32_t length) {
  constexpr std::uint32_t longest_block = 18;  // bytes: an IT with its instructions
  if (address - bus_.sram_address >= sram_size()) return;
  const std::uint32_t first = address - bus_.sram_address;
  const std::uint32_t end = std::min(first + length, sram_size());
  const std::uint32_t from = first - std::min(first, longest_block);
  std::fill(decoded_sram_.begin() + from / 2, decoded_sram_.begin() + (end + 1) / 2, Decoded{});
}

void Core::hold_in_reset() {
  in_reset_ = true;
  set_halted(false);
  locked_up_ = halt_wanted_ = stepping_ = parked_ = event_ = false;
  stalled_on_.reset();
  wake();
}

void Core::reset(bool runs) {
  hold_in_reset();
  in_reset_ = false;
  remap_alias();
  masks_ = {};
  unprivileged_ = false;
  set_mode(0, false);
  it_ = 0;
  std::uint32_t stack = 0;
  std::uint32_t entry = 0;
  const bool good = bus_.read(0, 4, Master::core, stack) == Outcome::ok &&
                    bus_.read(4, 4, Master::core, entry) == Outcome::ok;
  engine_.set_reg(13, stack & ~3U);
  engine_.set_reg(14, 0xFFFFFFFF);
  engine_.set_flags(0);
  pc_ = entry & ~1U;
  thumb_ = (entry & 1U) != 0;
  parked_ = !runs;
  if (!good) {
    control_.hard_fault_status |= hfsr::vecttbl;
    lock_up();
  }
  if (control_.debug.catches(demcr::vc_corereset)) {
    enter_debug(dfsr::vcatch);
  } else if (control_.debug.enabled() && control_.debug.halt_wanted() &&
             board_.rules.off(Rule::cm_reset_clears_halt)) {
    enter_debug(dfsr::halted);
  }
}

void Core::set_halted(bool halted) {
  if (halted == halted_) return;
  halted_ = halted;
  board_.repace([&] { board_.core_halted = halted; });
}

void Core::enter_debug(std::uint32_t dfsr_bit) {
  halt_wanted_ = stepping_ = locked_up_ = parked_ = false;
  wake();
  control_.debug.halted_by(dfsr_bit);
  set_halted(true);
}

void Core::request_halt() {
  if (halted_ || in_reset_) return;
  halt_wanted_ = stalled_on_.has_value() && !can_run();  // the access on the bus must end first
  if (!halt_wanted_) enter_debug(dfsr::halted);
}

void Core::resume() {
  if (in_reset_) return;
  halt_wanted_ = false;
  set_halted(false);
  board_.timeline.attention();
}

void Core::step() {
  stepping_ = true;
  resume();
}

void Core::clear_active() {
  control_.nvic.clear_active();
  set_mode(0, process_stack_);
}

std::uint32_t Core::program_status() const {
  return engine_.flags() | (thumb_ ? 1U << 24 : 0U) | (it_ & 3U) << 25 | (it_ >> 2) << 10 | ipsr_;
}

void Core::set_program_status(std::uint32_t value) {
  engine_.set_flags(value & 0xF8000000);
  thumb_ = (value >> 24 & 1U) != 0;
  const bool v6m = control_.facts.v6m();
  it_ = v6m ? 0 : (value >> 25 & 3U) | (value >> 10 & 0x3F) << 2;
  set_mode(value & (v6m ? 0x3F : 0x1FF), process_stack_);
}

std::uint32_t Core::core_register(std::uint32_t selector) const {
  if (selector < 15) return engine_.reg(selector);
  switch (selector) {
    case 15:
      return pc_;
    case 16:
      return program_status();
    case 17:
      return stack_pointer(Bank::main);
    case 18:
      return stack_pointer(Bank::process);
    case 20:
      return ((unprivileged_ ? 1U : 0U) | (process_stack_ ? 2U : 0U)) << 24 |
             (masks_.faultmask ? 1U : 0U) << 16 | std::uint32_t{masks_.basepri} << 8 |
             (masks_.primask ? 1U : 0U);
    default:
      return 0;
  }
}

void Core::set_core_register(std::uint32_t selector, std::uint32_t value) {
  if (selector < 15) {
    engine_.set_reg(selector, selector == 13 ? value & ~3U : value);
    return;
  }
  switch (selector) {
    case 15:
      pc_ = value & ~1U;
      break;
    case 16:
      set_program_status(value);
      break;
    case 17:
      set_stack_pointer(Bank::main, value);
      break;
    case 18:
      set_stack_pointer(Bank::process, value);
      break;
    case 20:
      unprivileged_ = (value >> 24 & 1U) != 0;
      set_mode(ipsr_, (value >> 25 & 1U) != 0);
      masks_.faultmask = (value >> 16 & 1U) != 0;
      masks_.basepri = static_cast<std::uint8_t>(value >> 8 & 0xF0);
      masks_.primask = (value & 1U) != 0;
      limit_masks();
      break;
    default:
      break;
  }
}

}  // namespace flashhost::machine
