// A simulated board on the bench, with a debugger's basic moves.
#pragma once

#include "test_models.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim_test {

using namespace std::chrono_literals;
using flashhost::machine::Ack;
using flashhost::machine::Config;
using flashhost::machine::Nanoseconds;
using flashhost::test::parts_of;

namespace address {
inline constexpr std::uint32_t flash = 0x08000000;
inline constexpr std::uint32_t sram = 0x20000000;
inline constexpr std::uint32_t flash_acr = 0x40022000;
inline constexpr std::uint32_t flash_keyr = 0x40022004;
inline constexpr std::uint32_t flash_optkeyr = 0x40022008;
inline constexpr std::uint32_t flash_sr = 0x4002200C;
inline constexpr std::uint32_t flash_cr = 0x40022010;
inline constexpr std::uint32_t flash_ar = 0x40022014;
inline constexpr std::uint32_t flash_obr = 0x4002201C;
inline constexpr std::uint32_t flash_wrpr = 0x40022020;
inline constexpr std::uint32_t option_bytes = 0x1FFFF800;
inline constexpr std::uint32_t rcc = 0x40021000;
inline constexpr std::uint32_t iwdg = 0x40003000;
inline constexpr std::uint32_t wwdg = 0x40002C00;
inline constexpr std::uint32_t crc = 0x40023000;
inline constexpr std::uint32_t dma1 = 0x40020000;
inline constexpr std::uint32_t idcode = 0xE0042000;
inline constexpr std::uint32_t dbgmcu = 0xE0042004;
inline constexpr std::uint32_t systick = 0xE000E010;
inline constexpr std::uint32_t icsr = 0xE000ED04;
inline constexpr std::uint32_t vtor = 0xE000ED08;
inline constexpr std::uint32_t aircr = 0xE000ED0C;
inline constexpr std::uint32_t shcsr = 0xE000ED24;
inline constexpr std::uint32_t cfsr = 0xE000ED28;
inline constexpr std::uint32_t hfsr = 0xE000ED2C;
inline constexpr std::uint32_t dfsr = 0xE000ED30;
inline constexpr std::uint32_t bfar = 0xE000ED38;
inline constexpr std::uint32_t dhcsr = 0xE000EDF0;
inline constexpr std::uint32_t dcrsr = 0xE000EDF4;
inline constexpr std::uint32_t dcrdr = 0xE000EDF8;
inline constexpr std::uint32_t demcr = 0xE000EDFC;
}  // namespace address

namespace sr {
inline constexpr std::uint32_t bsy = 1;
inline constexpr std::uint32_t pgerr = 4;
inline constexpr std::uint32_t wrprterr = 16;
inline constexpr std::uint32_t eop = 32;
}  // namespace sr

namespace cr {
inline constexpr std::uint32_t pg = 1;
inline constexpr std::uint32_t per = 2;
inline constexpr std::uint32_t mer = 4;
inline constexpr std::uint32_t optpg = 16;
inline constexpr std::uint32_t opter = 32;
inline constexpr std::uint32_t strt = 64;
inline constexpr std::uint32_t lock = 128;
inline constexpr std::uint32_t optwre = 512;
}  // namespace cr

namespace core {
inline constexpr unsigned sp = 13;
inline constexpr unsigned lr = 14;
inline constexpr unsigned pc = 15;
inline constexpr unsigned xpsr = 16;
inline constexpr unsigned control = 20;
inline constexpr std::uint32_t s_halt = 1U << 17;
inline constexpr std::uint32_t s_lockup = 1U << 19;
inline constexpr std::uint32_t s_reset_st = 1U << 25;
}  // namespace core

// The configuration that every test of the model starts from: rules named in the environment
// variable FLASHHOST_SIM_RULES_OFF (separated by commas) are broken, so that a script can show that
// tests notice.
[[nodiscard]] Config config(const std::string &part = "STM32F103CB",
                            std::vector<std::string> faults = {});

struct Placed {
  std::uint32_t offset;  // in flash
  std::span<const std::uint16_t> code;
};

class Bench {
 public:
  explicit Bench(const Config &config = sim_test::config(),
                 std::initializer_list<Placed> firmware = {},
                 std::uint32_t entry = 0);  // entry != 0: vectors are made

  [[nodiscard]] std::uint32_t read(std::uint32_t address);
  [[nodiscard]] std::uint32_t read16(std::uint32_t address);
  void write(std::uint32_t address, std::uint32_t value);
  void write16(std::uint32_t address, std::uint32_t value);
  [[nodiscard]] Ack try_read(std::uint32_t address, unsigned width = 4);
  [[nodiscard]] Ack try_write(std::uint32_t address, std::uint32_t value, unsigned width = 4);

  void halt();
  void resume();
  [[nodiscard]] bool halted();
  [[nodiscard]] bool run_to_halt(Nanoseconds limit = std::chrono::milliseconds(100));
  [[nodiscard]] std::uint32_t reg(unsigned number);
  void set_reg(unsigned number, std::uint32_t value);
  void load(std::span<const std::uint16_t> code, std::uint32_t at = address::sram);
  // Halted core: sets up PC, SP, xPSR and runs until it halts again.
  [[nodiscard]] bool execute(std::span<const std::uint16_t> code, std::uint32_t at = address::sram);
  void prepare(std::uint32_t pc);  // registers for code at pc

  void unlock();
  void wait_ready();  // polls BSY every microsecond
  [[nodiscard]] Nanoseconds busy_time();
  void program(std::uint32_t address, std::uint16_t value);
  void erase_page(std::uint32_t address);
  void clear_errors() { write(address::flash_sr, sr::pgerr | sr::wrprterr | sr::eop); }
  void system_reset();  // by AIRCR, until it is over
  void unlock_options();
  void write_option(std::uint32_t offset, std::uint8_t value);

  std::vector<std::uint8_t> flash;
  std::optional<flashhost::machine::Target> storage;
  flashhost::machine::Target &target;

 private:
  [[nodiscard]] flashhost::machine::Target &make(const Config &config,
                                                 std::initializer_list<Placed> firmware,
                                                 std::uint32_t entry);
};

}  // namespace sim_test
