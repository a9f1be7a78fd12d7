#include "random_faults.hpp"

#include "test_models.hpp"

#include <flashhost/machine/target.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace flashhost::testing {

namespace {

using Text = std::string;

constexpr std::uint32_t flash_base = 0x08000000, sram_base = 0x20000000;

Text nothing(Dice & /*dice*/, const FaultContext & /*context*/) {
  return {};
}

std::uint32_t place_in_image(Dice &dice, const FaultContext &context) {
  const MemoryRange &range = context.image[dice.below(context.image.size())];
  return range.address + dice.below(range.size);
}

Text image_address(Dice &dice, const FaultContext &context) {
  return fmt::format("{:x}", place_in_image(dice, context));
}

// Of the image, or of what is around it.
Text flash_address(Dice &dice, const FaultContext &context) {
  if (dice.percent(40)) return image_address(dice, context);
  return fmt::format("{:x}", flash_base + dice.below(context.area));
}

// A small number is a page that holds the image on most parts, and a sector on the others.
Text page(Dice &dice, const FaultContext &context) {
  constexpr std::uint32_t page_size = 1024;
  return std::to_string(
      dice.percent(50) ? dice.below(8) : (place_in_image(dice, context) - flash_base) / page_size);
}

Text sram_address(Dice &dice, const FaultContext & /*context*/) {
  constexpr std::uint32_t where_the_loader_is = 6 * 1024;
  return fmt::format("{:x}", sram_base + dice.below(where_the_loader_is));
}

Text small_number(Dice &dice, const FaultContext & /*context*/) {
  return std::to_string(dice.between(1, 120));
}

constexpr FaultSwitch switches[] = {
    {"flash_size_register", 3,
     [](Dice &dice, const FaultContext &) {
       return dice.one_of<Text>({"0", "ffff", "2d28", "1", "8", "10", "400", "7fff"});
     }},
    {"hsi_off", 3, nothing},
    {"iwdg", 3,
     [](Dice &dice, const FaultContext &) {
       return dice.one_of<Text>({"0.1", "0.4", "1", "5", "30", "400", "32800"});
     }},
    {"hardware_iwdg", 2, nothing},
    {"write_protected", 3, page},
    {"read_protected", 2, nothing},
    {"stale_control_bits", 3, nothing},
    {"stale_errors", 3, nothing},
    {"fpec_locked_until_reset", 3, nothing},
    {"nrst_not_wired", 3, nothing},
    {"dpidr", 1, [](Dice &, const FaultContext &) { return Text("2BA01477"); }},
    {"dma_writes", 4, nothing},
    {"flash_time", 2,
     [](Dice &dice, const FaultContext &) { return dice.one_of<Text>({"0.5x", "maximum", "4x"}); }},
    {"stuck_busy", 1, nothing},
    {"bad_cell", 3, image_address},
    {"bad_erase", 3, image_address},
    {"bad_sram", 3, sram_address},
    {"voltage", 2,
     [](Dice &dice, const FaultContext &) {
       return dice.one_of<Text>({"1800", "2000", "2100", "2400", "2700", "3000", "3600"});
     }},
    {"vapp_not_wired", 2, nothing},
    {"wrong_id", 3, nothing},
    {"dual_bank", 3, nothing},
    {"boot_bank2", 3, nothing},
    {"read_protected_for_ever", 1, nothing},
    {"erased_only", 3, nothing},

    // Of weight 0: a probe's trouble, which FaultyProbe makes, and what would need two boards.
    {"systick", 2,
     [](Dice &dice, const FaultContext &) { return dice.one_of<Text>({"10", "100", "1000"}); }},
    {"interrupt", 2,
     [](Dice &dice, const FaultContext &) { return std::to_string(dice.below(40)); }},
    {"left_halted", 3,
     [](Dice &dice, const FaultContext &) {
       return dice.one_of<Text>({"handler", "it_block", "multi_load", "thumb_clear", "unprivileged",
                                 "primask", "faultmask", "basepri"});
     }},
    {"wwdg", 2,
     [](Dice &dice, const FaultContext &) { return dice.one_of<Text>({"1", "10", "40"}); }},
    {"revision", 1,
     [](Dice &dice, const FaultContext &) { return dice.one_of<Text>({"0", "2003", "1234"}); }},
    {"swd_wait_at", 0, small_number},
    {"swd_parity_at", 0, small_number},
    {"usb_unplug_at", 0, small_number},
    {"usb_stall_at", 0, small_number},
    {"usb_short_reply_at", 0, small_number},
    {"usb_garbage_reply_at", 0, small_number},
    {"usb_no_reply_at", 0, small_number},
    {"usb_late_reply_at", 0,
     [](Dice &dice, const FaultContext &context) { return small_number(dice, context) + ":100"; }},
    {"asleep", 1,
     [](Dice &dice, const FaultContext &) {
       return dice.one_of<Text>({"wfi", "stop", "standby"});
     }},
    {"swd_pins_off", 1, nothing},
    {"lockup", 2, nothing},
    {"reset_loop", 1,
     [](Dice &dice, const FaultContext &) { return dice.one_of<Text>({"100", "5000"}); }},
    {"mpu", 2, nothing},
    {"caches_on", 2, nothing},
    {"crc_unit_dead", 2, nothing},
    {"power_loss_at", 4,
     [](Dice &dice, const FaultContext &) {
       return std::to_string(dice.between(1, 400)) + dice.one_of<Text>({"", ":1", ":20"});
     }},
    {"busy", 0, nothing},
    {"read_protected_by_damage", 1, nothing},
    {"torn_word", 6, flash_address},
    {"ecc_single", 2, flash_address},
    {"optverr", 2, nothing},
    {"stale_pgserr", 3, nothing},
    {"single_bank", 3, nothing},
    {"swapped_banks", 4, nothing},
    {"launch_unanswered", 2, nothing},
    {"secure_from", 3,
     [](Dice &dice, const FaultContext &) { return std::to_string(dice.between(1, 60)); }},
    {"suspended", 3, small_number},
    {"no_permission", 0, nothing},
};

bool fits(const FaultContext &context, const std::string &fault) {
  std::vector<std::string> faults = context.faults;
  faults.push_back(fault);
  const machine::Config config = test::board_config(context.part, std::move(faults));
  std::vector<std::uint8_t> flash(test::flash_size(context.part), 0xFF);
  try {
    const machine::Target trial(config, flash);
    return true;
  } catch (const std::invalid_argument &) {
    return false;
  }
}

}  // namespace

std::span<const FaultSwitch> fault_switches() {
  return switches;
}

std::string draw_fault(Dice &dice, const FaultContext &context) {
  constexpr int most_draws = 5;
  unsigned all = 0;
  for (const FaultSwitch &entry : switches) all += entry.weight;
  for (int i = 0; i < most_draws; ++i) {
    unsigned at = dice.below(all);
    const auto *drawn = std::ranges::find_if(switches, [&](const FaultSwitch &entry) {
      const bool here = at < entry.weight;
      if (!here) at -= entry.weight;
      return here;
    });
    const std::string value = drawn->value(dice, context);
    std::string fault = std::string(drawn->name) + (value.empty() ? "" : "=" + value);
    if (fits(context, fault)) return fault;
  }
  return {};
}

}  // namespace flashhost::testing
