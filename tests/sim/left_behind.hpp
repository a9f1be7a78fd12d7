// Boards of both series on which a fault switch has left something behind.
#pragma once

#include "bench.hpp"
#include "f4_bench.hpp"
#include "snippets.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sim_test {

inline constexpr std::uint32_t entry = address::flash + 0x40;
inline constexpr std::uint32_t scs = 0xE000E000;

// One of each series.
class LeftBehind : public testing::TestWithParam<const char *> {
 protected:
  [[nodiscard]] static bool f4() { return std::string_view(GetParam()).starts_with("STM32F4"); }
  // The firmware counts in r0, for ever.
  [[nodiscard]] static Bench running(const std::string &fault) {
    Config chosen = config(GetParam(), {fault});
    chosen.firmware_runs = true;
    return Bench(chosen, {{0x40, snippet::count_up}}, entry);
  }
  [[nodiscard]] static Bench waiting(const std::string &fault) {
    return Bench(config(GetParam(), {fault}));
  }
  static void pulse_reset_pin(Bench &board) {
    board.target.set_nrst(0);
    board.target.advance(1ms);
    board.target.set_nrst(1);
    board.target.advance(1ms);
  }
};

}  // namespace sim_test
