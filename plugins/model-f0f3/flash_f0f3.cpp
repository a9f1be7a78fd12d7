#include "flash_f0f3.hpp"

#include "flash_f1_registers.hpp"

namespace flashhost::machine::stm32 {

using namespace fpec;

namespace {

constexpr std::uint32_t control_register = 0x10, obl_launch = 1U << 13;
constexpr std::uint8_t level0 = 0xAA, level2 = 0xCC;
constexpr std::uint32_t erased_word = 0xFFFFFFFF;
// USER
constexpr std::uint32_t nboot0 = 1U << 3, nboot1 = 1U << 4, boot_sel = 1U << 7;

}  // namespace

FlashF0F3::FlashF0F3(const Common &common, const PartF0F3 &part, const StmFaults &faults,
                     const RulesF1 &rules, const RulesF0F3 &own_rules,
                     std::span<std::uint8_t> main_flash)
    : FlashF1(common, part, faults, rules, main_flash), own_part_(part), own_rules_(own_rules) {}

Outcome FlashF0F3::write(std::uint32_t offset, std::uint32_t value, Master master) {
  const bool launches = offset == control_register && (value & obl_launch) != 0;
  const bool may = own_rules_.on(RuleF0F3::launch_while_locked) || !locked();
  if (launches && may && own_rules_.on(RuleF0F3::launch)) {
    loads_next_ = true;
    board_.request_reset(ResetCause::software);
  }
  return FlashF1::write(offset, value, master);
}

void FlashF0F3::system_reset() {
  loads_next_ = loads_next_ || !own_part_.is_f0 || own_rules_.off(RuleF0F3::load_by_launch_only);
  FlashF1::system_reset();
}

void FlashF0F3::load_options() {
  if (!loads_next_) return;
  loads_next_ = false;
  const bool was_closed = loaded_ && options_.read_protected;
  loaded_ = true;
  options_ = loaded_options(
      option_bytes(), part_,
      own_rules_.on(RuleF0F3::option_complement) ? Complement::compared : Complement::ignored);
  if (was_closed && !options_.read_protected && own_rules_.on(RuleF0F3::erase_at_load)) {
    erase_all();
  }
  empty_ = own_part_.empty_check && own_rules_.on(RuleF0F3::empty_check) &&
           FlashF1::load(flash_base, 4) == erased_word;
  boot_address_ = boots_system_memory() ? part_.system_memory : flash_base;
}

// The pin BOOT0 is low. Booting from the RAM is not modelled.
bool FlashF0F3::boots_system_memory() const {
  const bool by_options = own_part_.empty_check && (options_.user & boot_sel) == 0;
  const bool not_flash = by_options && (options_.user & nboot0) == 0;
  return empty_ || (not_flash && (options_.user & nboot1) != 0);
}

std::uint32_t FlashF0F3::option_register() const {
  const std::uint32_t level = options_.rdp == level0 ? 0U : options_.rdp == level2 ? 3U : 1U;
  return (options_.error ? 1U : 0U) | level << 1 | std::uint32_t{options_.user} << 8 |
         std::uint32_t{options_.data0} << 16 | std::uint32_t{options_.data1} << 24;
}

std::uint32_t FlashF0F3::closed_error() const {
  return own_rules_.on(RuleF0F3::closed_error) ? pgerr : wrprterr;
}

std::uint32_t FlashF0F3::not_erased_error() const {
  return own_rules_.on(RuleF0F3::option_not_erased) ? wrprterr : pgerr;
}

bool FlashF0F3::debug_forbidden() const {
  return options_.rdp == level2 && own_rules_.on(RuleF0F3::level2);
}

bool FlashF0F3::is_hole(std::uint32_t address) const {
  constexpr std::uint32_t code_end = 0x20000000;
  return own_part_.clone && own_rules_.on(RuleF0F3::clone_holes) && address >= flash_base &&
         address < code_end && !FlashF1::owns(address);
}

bool FlashF0F3::owns(std::uint32_t address) const {
  return FlashF1::owns(address) || is_hole(address);
}

Outcome FlashF0F3::check_read(std::uint32_t address, Master master) {
  return is_hole(address) ? Outcome::ok : FlashF1::check_read(address, master);
}

std::uint32_t FlashF0F3::load(std::uint32_t address, unsigned width) const {
  return is_hole(address) ? 0 : FlashF1::load(address, width);
}

Outcome FlashF0F3::store(std::uint32_t address, unsigned width, std::uint32_t value,
                         Master master) {
  return is_hole(address) ? Outcome::ok : FlashF1::store(address, width, value, master);
}

}  // namespace flashhost::machine::stm32
