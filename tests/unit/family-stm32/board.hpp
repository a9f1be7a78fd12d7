// What the scripted boards of the STM32 families have in common: registers that remember, clocks
// that start and switch, the status and the keys of a flash controller.
#pragma once

#include "../sdk/fake_probe.hpp"
#include "../sdk/log_host.hpp"
#include "families.hpp"
#include "thrown.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fake {

// A flash controller, or one bank's.
struct Controller {
  std::uint32_t status = 0;
  std::uint32_t control = 0;
  int keys = 0;                    // -1: locked until reset
  int busy_reads = 0;              // how often SR still reads busy
  int busy_after_start = 2;        // what an operation sets it to
  std::uint32_t start_errors = 0;  // what an operation ends with
};

template <class StmFamily>
class Board {
 public:
  using Family = StmFamily;

  Board(const Board &) = delete;
  Board &operator=(const Board &) = delete;

  void prepare() { Family::prepare(host, probe, chip, undo); }
  [[nodiscard]] flashhost::Chip identified() { return fake::identified<Family>(probe); }
  [[nodiscard]] std::vector<std::uint8_t> &flash() { return probe.regions.at(stm32::flash_base); }
  // All that was written to a register, in order.
  [[nodiscard]] std::vector<std::uint32_t> written(std::uint32_t address) const {
    std::vector<std::uint32_t> values;
    for (const Write &write : probe.writes) {
      if (write.address == address) values.push_back(write.value);
    }
    return values;
  }

  Probe probe;
  LogHost host;
  flashhost::Chip chip;
  flashhost::UndoLog undo;
  Controller controller;
  bool hsi_starts = true, clock_switches = true;

 protected:
  explicit Board(std::string_view part) : chip(described<Family>(part)) {
    controller.control = Family::cr_lock;
    probe.add_region(stm32::flash_base, chip.flash.size, 0xFF);
    probe.add_region(stm32::ram_base, 4096, 0);
    for (const std::uint32_t block : {stm32::iwdg_kr, stm32::wwdg_cr, stm32::dbgmcu_idcode}) {
      probe.add_region(block, 0x400, 0);
    }
    probe.poke(flashhost::cortex_m::cpuid, Family::cpuid);
    probe.probe_info.debug_port_id = Family::debug_port;
    probe.halted = probe.debug_enabled = true;
  }
  ~Board() = default;

  void set_revision(std::uint16_t revision) {
    probe.poke(stm32::dbgmcu_idcode, std::uint32_t{revision} << 16 | chip.device_id);
    for (std::uint32_t i = 0; i < 3; ++i) probe.poke(Family::unique_id + 4 * i, 0x11223344 + i);
    probe.poke(Family::rcc_cr, 0x83);
  }

  static void refuse(std::uint32_t address) {
    throw flashhost::Error(flashhost::Errc::memory_fault, "refused " + flashhost::hex(address));
  }
  [[nodiscard]] static std::uint32_t read_status(Controller &from) {
    if (from.busy_reads == 0) return from.status;
    --from.busy_reads;
    return from.status | Family::sr_bsy;
  }
  static void take_key(Controller &to, std::uint32_t value) {
    const bool fits = to.keys >= 0 && value == (to.keys == 0 ? stm32::key1 : stm32::key2) &&
                      (to.control & Family::cr_lock) != 0;
    to.keys = fits ? to.keys + 1 : -1;
    if (!fits) refuse(Family::flash_keyr);
    if (to.keys == 2) {
      to.control &= ~Family::cr_lock;
      to.keys = 0;
    }
  }
  // True where that register is one of these.
  [[nodiscard]] bool write_clocks(std::uint32_t address, std::uint32_t value) {
    if (address == Family::rcc_cr) {
      const bool ready = (value & stm32::hsion) != 0 && hsi_starts;
      probe.poke(address, (value & ~stm32::hsirdy) | (ready ? stm32::hsirdy : 0));
      return true;
    }
    if (address == Family::rcc_cfgr) {
      const std::uint32_t sw = clock_switches ? value & 3 : (probe.peek(address) >> 2) & 3;
      probe.poke(address, (value & ~stm32::sws) | sw << 2);
      return true;
    }
    return false;
  }
};

}  // namespace fake
