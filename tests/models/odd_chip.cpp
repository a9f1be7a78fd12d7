#include "odd_chip.hpp"

#include <flashhost/machine/simple_flash.hpp>
#include <flashhost/machine/simple_model.hpp>

#include <array>
#include <utility>

namespace flashhost::test::odd {
namespace {

using namespace machine;

enum class OddRule : std::uint8_t {
  lock,            // while it is closed, commands are refused
  reset_closes,    // a reset closes it
  error_blocks,    // while an error flag is set, start has no effect
  only_erased,     // a word that is not erased is not programmed
  whole_words,     // the address of a command is that of a word
  one_at_a_time,   // a command while another is under way is refused
  stall_on_busy,   // reads of the flash wait until a command has ended
  only_by_command  // stores to the flash are bus faults
};
constexpr std::string_view rules[] = {
    "odd_lock",        "odd_reset_closes",  "odd_error_blocks",  "odd_only_erased",
    "odd_whole_words", "odd_one_at_a_time", "odd_stall_on_busy", "odd_only_by_command"};
static_assert(std::size(rules) == static_cast<std::size_t>(OddRule::only_by_command) + 1);

constexpr std::uint32_t erased_word = 0xFFFFFFFF;

class OddFlash final : public SimpleFlash {
 public:
  OddFlash(const Wiring &wiring, const FlashFaults &faults)
      : SimpleFlash(wiring, faults), rules_(rules, wiring.rules_off) {}

  std::uint32_t read(std::uint32_t offset, Master) override {
    if (offset == 0) {
      return (busy() ? flag::busy : 0) | (open_ ? flag::open : 0) | errors_;
    }
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
    }
    return Outcome::ok;
  }
  void system_reset() override {
    cut_short();
    if (rules_.on(OddRule::reset_closes)) open_ = false;
    errors_ = 0;
    registers_ = {};
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
    program(place, width, value, program_time);
    return Outcome::ok;
  }

 private:
  static constexpr Time program_time{35 * ticks_per_microsecond, 90 * ticks_per_microsecond};
  static constexpr Time small_time{3 * ticks_per_millisecond, 12 * ticks_per_millisecond};
  static constexpr Time large_time{9 * ticks_per_millisecond, 30 * ticks_per_millisecond};

  void begin() {
    if (errors_ != 0 && rules_.on(OddRule::error_blocks)) return;
    const std::uint32_t which = registers_.at((at::command - at::status) / 4);
    std::uint32_t place = registers_.at((at::address - at::status) / 4);
    const bool closed = !open_ && rules_.on(OddRule::lock);
    const bool crooked = place % 4 != 0 && rules_.on(OddRule::whole_words);
    if (busy()) {
      if (rules_.on(OddRule::one_at_a_time)) errors_ |= flag::refused;
    } else if (closed || crooked || !owns(place) ||
               (which != erase_sector && which != program_word)) {
      errors_ |= flag::refused;
    } else if (place -= place % 4; which == erase_sector) {
      const bool large = place >= first_large_sector;
      const std::uint32_t size = large ? large_sector : small_sector;
      erase(place - place % size, size, large ? large_time : small_time);
    } else if (load(place, 4) != erased_word && rules_.on(OddRule::only_erased)) {
      errors_ |= flag::not_erased;
    } else {
      program(place, 4, registers_.at((at::data - at::status) / 4), program_time);
    }
  }
  void operation_done() override {}

  RuleSwitches<OddRule> rules_;
  std::array<std::uint32_t, 5> registers_{};
  std::uint32_t errors_ = 0;
  bool open_ = false;
};

class OddDie final : public Die {
 public:
  OddDie(const Part & /*part*/, const Wiring &wiring, const FlashFaults &faults)
      : flash_(wiring, faults) {
    add(at::status, flash_);
  }
  FlashController &flash() override { return flash_; }

 private:
  OddFlash flash_;
};

Part part(std::string_view name, std::uint32_t ram_address, std::uint32_t ram_size) {
  Part result{name, CoreKind::cortex_m0_plus, 0x0BC11477, {}, odd::flash_size, ram_size};
  result.flash_address = 0;
  result.sram_address = ram_address;
  return result;
}

const Model &simple_model() {
  static const SimpleModel<OddDie, FlashFaults> model(
      {part("ODD64", ram, 16 * 1024), part("ODD64S", 0x1FFFFC00, 2 * 1024)}, {}, {});
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
