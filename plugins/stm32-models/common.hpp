// What the peripherals of an STM32 share besides the board: the bus clocks, which peripherals are
// clocked, and the rules of all series.
#pragma once

#include <flashhost/machine/board.hpp>

#include <span>
#include <string_view>

namespace flashhost::machine::stm32 {

// Kept by RCC.
struct BusClocks {
  std::int64_t pclk1 = 8'000'000;  // Hz
  bool hsi_running = true;
  bool dma1 = false;
  bool dma2 = false;
  bool crc = false;
  bool wwdg = false;
  bool debug = true;       // DBGMCU, for the core
  std::uint32_t gpio = 0;  // bit n: port n
  bool afio = false;
};

enum class CommonRule : std::uint8_t {
  dbgmcu_survives_reset,
  freeze_only_halted,
  freeze_needs_bit,
  hardware_watchdog,
  window_watchdog,
  reset_causes,
  clock_gating,
};
inline constexpr std::string_view common_rule_names[] = {
    "st_dbgmcu_survives_reset", "st_freeze_only_halted", "st_freeze_needs_bit",
    "st_hardware_watchdog",     "st_window_watchdog",    "st_reset_causes",
    "st_clock_gating"};

struct Common {
  Common(Board &the_board, const std::vector<std::string> &rules_off)
      : board(the_board), rules(common_rule_names, rules_off) {}

  Board &board;
  RuleSwitches<CommonRule> rules;
  BusClocks clocks;
};

}  // namespace flashhost::machine::stm32
