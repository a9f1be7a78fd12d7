// A scripted STM32F4: registers that remember, and just enough of a flash controller to see what
// the family does with it.
#pragma once

#include "../sdk/fake_probe.hpp"
#include "../sdk/log_host.hpp"
#include "f4.hpp"
#include "registers.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace fake {

inline flashhost::Chip described(std::string_view part) {
  const auto chip = flashhost::find_chip(f4::parts(), part);
  if (!chip) throw std::invalid_argument("no such part: " + std::string(part));
  return *chip;
}
inline flashhost::Chip identified(flashhost::ProbeReader &probe) {
  flashhost::Identity identity = f4::identify(probe);
  if (!identity.chip) throw std::runtime_error("not identified");
  f4::settle(probe, *identity.chip);
  return *identity.chip;
}

class F4Board {
 public:
  explicit F4Board(std::string_view part = "STM32F407VG") : chip(described(part)) {
    const f4::Line &line = f4::line_of(chip);
    probe.add_region(f4::flash_base, chip.flash.size, 0xFF);
    probe.add_region(f4::ram_base, 4096, 0);
    probe.add_region(0x1FFF7A00, 0x100, 0);
    for (const std::uint32_t block : {0x40003000U, 0x40002C00U, 0x40023800U, 0x40023C00U}) {
      probe.add_region(block, 0x400, 0);
    }
    probe.add_region(0xE0042000, 0x400, 0);
    probe.poke(f4::rcc_cr, 0x83);
    probe.poke(f4::rcc_pllcfgr, 0x24003010);
    probe.poke(flashhost::cortex_m::cpuid, 0x410FC241);
    probe.poke(f4::dbgmcu_idcode, std::uint32_t{line.revisions().front()} << 16 | line.device_id);
    probe.poke(f4::size_word, (chip.flash.size / 1024) << 16);
    for (std::uint32_t i = 0; i < 3; ++i) probe.poke(f4::unique_id + 4 * i, 0x11223344 + i);
    probe.poke(f4::flash_optcr, 0x0FFFAAED);
    if (line.banks > 1) probe.poke(f4::flash_optcr1, 0x0FFF0000);
    probe.probe_info.debug_port_id = 0x2BA01477;
    probe.probe_info.target_millivolts = 3300;
    probe.halted = probe.debug_enabled = true;
    probe.on_read = [this](std::uint32_t address) { return read(address); };
    probe.on_write = [this](std::uint32_t address, std::uint32_t value) {
      return write(address, value);
    };
    probe.on_block_write = [this](std::uint32_t address, std::span<const std::uint8_t> data) {
      if (!chip.flash.contains(address, data.size())) return false;
      stores.push_back({address, static_cast<std::uint32_t>(data.size())});
      status |= store_errors;
      return store_errors != 0;
    };
    probe.on_reset = [this] {
      control = f4::cr_lock;
      status = 0;
      keys = 0;
    };
  }

  [[nodiscard]] std::vector<std::uint8_t> &flash() { return probe.regions.at(f4::flash_base); }

  Probe probe;
  LogHost host;
  flashhost::Chip chip;
  std::uint32_t status = 0;
  std::uint32_t control = f4::cr_lock;
  int keys = 0;              // -1: locked until reset
  int busy_reads = 0;        // how often SR still reads busy
  int busy_after_start = 2;  // what an operation sets it to
  std::uint32_t start_errors = 0, store_errors = 0;
  std::vector<std::uint32_t> started;          // CR at each STRT
  std::vector<flashhost::MemoryRange> stores;  // into flash, each at once
  bool options_open = false, option_keys_fit = true, stays_protected = false;
  bool hsi_starts = true, clock_switches = true;

 private:
  std::optional<std::uint32_t> read(std::uint32_t address) {
    if (address == f4::flash_sr) {
      if (busy_reads > 0) {
        --busy_reads;
        return status | f4::sr_bsy;
      }
      return status;
    }
    if (address == f4::flash_cr) return control;
    if (address == f4::flash_optcr) {
      return (probe.peek(address) & ~f4::optcr_lock) | (options_open ? 0 : f4::optcr_lock);
    }
    return {};
  }

  void refuse(std::uint32_t address) {
    throw flashhost::Error(flashhost::Errc::memory_fault, "refused " + flashhost::hex(address));
  }

  bool write(std::uint32_t address, std::uint32_t value) {
    switch (address) {
      case f4::rcc_cr:
        probe.poke(address, (value & ~stm32::hsirdy) |
                                ((value & stm32::hsion) != 0 && hsi_starts ? stm32::hsirdy : 0));
        return true;
      case f4::rcc_cfgr: {
        const std::uint32_t sw = clock_switches ? value & 3 : (probe.peek(address) >> 2) & 3;
        probe.poke(address, (value & ~stm32::sws) | sw << 2);
        return true;
      }
      case f4::flash_keyr: {
        const bool fits = keys >= 0 && value == (keys == 0 ? stm32::key1 : stm32::key2) &&
                          (control & f4::cr_lock) != 0;
        keys = fits ? keys + 1 : -1;
        if (!fits) refuse(address);
        if (keys == 2) {
          control &= ~f4::cr_lock;
          keys = 0;
        }
        return true;
      }
      case f4::flash_optkeyr:
        if (!option_keys_fit) refuse(address);
        options_open = options_open || value == f4::option_key2;
        return true;
      case f4::flash_sr:
        status &= ~(value & f4::sr_all);
        return true;
      case f4::flash_cr:
        if ((control & f4::cr_lock) != 0) return true;
        control = value & ~f4::cr_strt;
        if ((value & f4::cr_strt) != 0) {
          started.push_back(value);
          busy_reads = busy_after_start;
          status |= start_errors;
        }
        return true;
      case f4::flash_optcr:
        if (!options_open) return true;
        if (!stays_protected) probe.poke(address, value & ~f4::optcr_strt);
        if ((value & f4::optcr_strt) != 0) busy_reads = busy_after_start;
        if ((value & f4::optcr_lock) != 0) options_open = false;
        return true;
      default:
        return false;
    }
  }
};

}  // namespace fake
