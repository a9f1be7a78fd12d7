#include "odd_chip.hpp"

#include <flashhost/machine/plain_registers.hpp>
#include <flashhost/machine/simple_flash.hpp>
#include <flashhost/machine/simple_model.hpp>

#include <array>
#include <utility>

namespace flashhost::test::odd {
namespace {

using namespace machine;

enum class OddRule : std::uint8_t {
  lock,             // while it is closed, commands are refused
  reset_closes,     // a reset closes it
  error_blocks,     // while an error flag is set, start has no effect
  only_erased,      // a word that is not erased is not programmed
  whole_words,      // the address of a command is that of a word
  one_at_a_time,    // a command while another is under way is refused
  stall_on_busy,    // reads of the flash wait until a command has ended
  only_by_command,  // stores to the flash are bus faults
  own_commands,     // those of the main flash do nothing to the user row, and the other way round
  refuse_gap,       // what lies between them is neither erased nor programmed
  options_erase,    // writing the options erases them first
  options_address,  // they are written at their own address only
  alias_reads_only  // the alias is no address for a command
};
constexpr std::string_view rules[] = {"odd_lock",
                                      "odd_reset_closes",
                                      "odd_error_blocks",
                                      "odd_only_erased",
                                      "odd_whole_words",
                                      "odd_one_at_a_time",
                                      "odd_stall_on_busy",
                                      "odd_only_by_command",
                                      "odd_own_commands",
                                      "odd_refuse_gap",
                                      "odd_options_erase",
                                      "odd_options_address",
                                      "odd_alias_reads_only"};
static_assert(std::size(rules) == static_cast<std::size_t>(OddRule::alias_reads_only) + 1);

constexpr std::uint32_t erased_word = 0xFFFFFFFF;

class OddFlash final : public SimpleFlash {
 public:
  OddFlash(const Wiring &wiring, const FlashFaults &faults)
      : SimpleFlash(wiring, faults),
        rules_(rules, wiring.rules_off),
        has_alias_(wiring.main_flash.size() == whole_size) {}
  bool has_alias() const { return has_alias_; }

  std::uint32_t read(std::uint32_t offset, Master) override {
    if (offset == 0) {
      return (busy() ? flag::busy : 0) | (open_ ? flag::open : 0) | errors_;
    }
    if (const auto word = option_word(offset); word < option_count) return buffer_.at(word);
    const bool kept = offset >= at::command - at::status && offset <= at::data - at::status;
    return kept ? registers_.at(offset / 4) : 0;
  }
  Outcome write(std::uint32_t offset, std::uint32_t value, Master) override {
    switch (at::status + offset) {
      case at::status:
        errors_ &= ~value;
        break;
      case at::key:
        open_ = value == the_key;
        break;
      case at::start:
        if (value == 1) begin();
        break;
      default:
        if (offset <= at::data - at::status) registers_.at(offset / 4) = value;
        if (const auto word = option_word(offset); word < option_count) buffer_.at(word) = value;
    }
    return Outcome::ok;
  }
  void system_reset() override {
    cut_short();
    if (rules_.on(OddRule::reset_closes)) open_ = false;
    errors_ = 0;
    registers_ = {};
    buffer_ = {};
    next_option_ = option_count;
  }

  bool owns(std::uint32_t place) const override { return SimpleFlash::owns(unaliased(place)); }
  std::uint32_t load(std::uint32_t place, unsigned width) const override {
    return SimpleFlash::load(unaliased(place), width);
  }

  Outcome check_read(std::uint32_t place, Master master) override {
    return rules_.off(OddRule::stall_on_busy) ? Outcome::ok
                                              : SimpleFlash::check_read(place, master);
  }
  Ticks busy_until(std::uint32_t place) const override {
    return rules_.off(OddRule::stall_on_busy) ? 0 : SimpleFlash::busy_until(place);
  }
  Outcome store(std::uint32_t place, unsigned width, std::uint32_t value, Master) override {
    if (rules_.on(OddRule::only_by_command)) return Outcome::fault;
    program(unaliased(place), width, value, program_time);
    return Outcome::ok;
  }

 private:
  static constexpr Time program_time{35 * ticks_per_microsecond, 90 * ticks_per_microsecond};
  static constexpr Time small_time{3 * ticks_per_millisecond, 12 * ticks_per_millisecond};
  static constexpr Time large_time{9 * ticks_per_millisecond, 30 * ticks_per_millisecond};

  static std::uint32_t option_word(std::uint32_t offset) {
    return (at::status + offset - at::option_words) / 4;
  }
  bool in_alias(std::uint32_t place) const { return has_alias_ && place - alias < odd::flash_size; }
  std::uint32_t unaliased(std::uint32_t place) const {
    return in_alias(place) ? place - alias : place;
  }

  void begin() {
    if (errors_ != 0 && rules_.on(OddRule::error_blocks)) return;
    const std::uint32_t which = registers_.at((at::command - at::status) / 4);
    std::uint32_t place = registers_.at((at::address - at::status) / 4);
    if (rules_.off(OddRule::whole_words)) place -= place % 4;
    if (rules_.off(OddRule::alias_reads_only)) place = unaliased(place);
    const bool closed = !open_ && rules_.on(OddRule::lock);
    if (busy()) {
      if (rules_.on(OddRule::one_at_a_time)) errors_ |= flag::refused;
    } else if (closed || place % 4 != 0 || !takes(which, place)) {
      errors_ |= flag::refused;
    } else if (which == write_options) {
      begin_options();
    } else if (which == erase_sector || which == erase_row_sector) {
      const bool large = place >= first_large_sector && place < odd::flash_size;
      const std::uint32_t size = large ? large_sector : small_sector;
      erase(place - place % size, size, large ? large_time : small_time);
    } else if (load(place, 4) != erased_word && rules_.on(OddRule::only_erased)) {
      errors_ |= flag::not_erased;
    } else {
      program(place, 4, registers_.at((at::data - at::status) / 4), program_time);
    }
  }
  bool takes(std::uint32_t which, std::uint32_t place) const {
    if (!owns(place)) return false;
    if (which == write_options) {
      return owns(options) && (place == options || rules_.off(OddRule::options_address));
    }
    const bool of_main = which == erase_sector || which == program_word;
    const bool of_row = which == erase_row_sector || which == program_row_word;
    const bool in_main = place < (rules_.on(OddRule::refuse_gap) ? odd::flash_size : row);
    const bool in_row = place - row < row_size;
    if (rules_.off(OddRule::own_commands)) return (of_main || of_row) && (in_main || in_row);
    return (of_main && in_main) || (of_row && in_row);
  }

  void begin_options() {
    next_option_ = 0;
    if (rules_.on(OddRule::options_erase)) return erase(options, 4 * option_count, small_time);
    operation_done();
  }
  void operation_done() override {
    if (next_option_ == option_count) return;
    program(options + 4 * next_option_, 4, buffer_.at(next_option_), program_time);
    ++next_option_;
  }

  RuleSwitches<OddRule> rules_;
  bool has_alias_;
  std::array<std::uint32_t, 5> registers_{};
  std::array<std::uint32_t, option_count> buffer_{};
  std::uint32_t next_option_ = option_count;  // to be programmed; option_count: none
  std::uint32_t errors_ = 0;
  bool open_ = false;
};

class OddDie final : public Die {
 public:
  OddDie(const Part & /*part*/, const Wiring &wiring, const FlashFaults &faults)
      : flash_(wiring, faults) {
    add(at::status, flash_);
    // The bus takes the alias for flash, so these registers are never asked: they are there because
    // the core reaches only what the machine has mapped.
    if (!flash_.has_alias()) return;
    for (std::uint32_t offset = 0; offset != odd::flash_size; offset += 1024) {
      add(alias + offset, alias_);
    }
  }
  FlashController &flash() override { return flash_; }

 private:
  OddFlash flash_;
  FixedRegisters alias_{{}};
};

Part part(std::string_view name, std::uint32_t size = odd::flash_size,
          std::uint32_t ram_address = ram, std::uint32_t ram_size = 16 * 1024) {
  Part result{name, CoreKind::cortex_m0_plus, 0x0BC11477, {}, size, ram_size};
  result.flash_address = 0;
  result.sram_address = ram_address;
  return result;
}

const Model &simple_model() {
  static const SimpleModel<OddDie, FlashFaults> model(
      {part("ODD64"), part("ODD64P"), part("ODD64S", odd::flash_size, 0x1FFFFC00, 2 * 1024),
       part("ODD80", whole_size), part("ODD80S", whole_size), part("ODD80A", whole_size)},
      {}, {});
  return model;
}

}  // namespace

std::span<const Part> OddModel::parts() const {
  return simple_model().parts();
}
std::vector<std::string_view> OddModel::rule_names() const {
  return {std::begin(rules), std::end(rules)};
}
std::vector<FaultName> OddModel::fault_names() const {
  return simple_model().fault_names();
}
std::unique_ptr<Die> OddModel::make_die(const Part &part, const Wiring &wiring) const {
  return simple_model().make_die(part, wiring);
}

Config board_config(const std::string &part, std::vector<std::string> rules_off) {
  Config config;
  config.model = std::make_shared<OddModel>();
  config.part = part;
  config.rules_off = std::move(rules_off);
  return config;
}

}  // namespace flashhost::test::odd
