// A simulated board with a debugger on it: only what a MEM-AP can do, at the pace of SWD.
#pragma once

#include "test_models.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace loader_test {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Time = std::chrono::nanoseconds;

[[nodiscard]] bool all(const Bytes &bytes, std::uint8_t value);

inline constexpr std::uint32_t dhcsr = 0xE000EDF0, dcrsr = 0xE000EDF4, dcrdr = 0xE000EDF8,
                               demcr = 0xE000EDFC, dfsr = 0xE000ED30, icsr = 0xE000ED04,
                               vtor = 0xE000ED08, syst_csr = 0xE000E010, dbgmcu_cr = 0xE0042004,
                               rcc_cr = 0x40021000, rcc_cfgr = 0x40021004, rcc_ahbenr = 0x40021014,
                               rcc_csr = 0x40021024, flash_acr = 0x40022000,
                               flash_keyr = 0x40022004, flash_sr = 0x4002200C,
                               flash_cr = 0x40022010, flash_bank2 = 0x40, iwdg = 0x40003000,
                               flash_start = 0x08000000, sram_start = 0x20000000;
inline constexpr std::uint32_t catch_reset_only = 0x01000001;  // DEMCR: TRCENA, CORERESET
inline constexpr unsigned reg_pc = 15, reg_xpsr = 16, reg_msp = 17, reg_special = 20;

[[nodiscard]] flashhost::machine::Config part(const std::string &name);
[[nodiscard]] flashhost::machine::Config with_fault(std::string name);  // of an STM32F103CB

// Made from nothing it is a board with an STM32F103CB.
struct BoardConfig : flashhost::machine::Config {
  BoardConfig() : Config(flashhost::test::board_config()) {}
  BoardConfig(flashhost::machine::Config config)  // NOLINT(google-explicit-constructor)
      : Config(std::move(config)) {}
};

class Board {
 public:
  // The core is halted at the reset vector, watchdogs stand still while it is.
  explicit Board(BoardConfig config);
  // With this content of the flash; a firmware there runs.
  Board(const BoardConfig &config, std::span<const std::uint8_t> image);

  [[nodiscard]] flashhost::machine::Target &target() { return target_; }
  [[nodiscard]] Bytes &flash() { return flash_; }  // the array itself
  [[nodiscard]] std::uint32_t flash_size() const {
    return static_cast<std::uint32_t>(flash_.size());
  }

  [[nodiscard]] std::uint32_t word(std::uint32_t address);
  void set_word(std::uint32_t address, std::uint32_t value);
  void write(std::uint32_t address, std::span<const std::uint8_t> bytes);  // whole words, ascending
  [[nodiscard]] Bytes read(std::uint32_t address, std::size_t size);

  void halt();
  void run();
  [[nodiscard]] bool halted();
  [[nodiscard]] std::uint32_t core_register(unsigned which);
  void set_core_register(unsigned which, std::uint32_t value);

  void pass(Time time) { target_.advance(time); }
  // Looks every `step`; false when it does not happen in time.
  [[nodiscard]] bool wait_for(const std::function<bool()> &condition, Time limit = 2s,
                              Time step = 20us);

 private:
  std::string part_;
  Bytes flash_;
  flashhost::machine::Target target_;
};

}  // namespace loader_test
