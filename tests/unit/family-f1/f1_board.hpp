// A scripted STM32F1: registers that remember, and just enough of a flash controller to see what
// the family does with it.
#pragma once

#include "../sdk/fake_probe.hpp"
#include "../sdk/log_host.hpp"
#include "f1.hpp"
#include "registers.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace fake {

// Where a test cannot go on without the chip.
inline flashhost::Chip described(std::string_view part) {
  const auto chip = flashhost::find_chip(f1::parts(), part);
  if (!chip) throw std::invalid_argument("no such part: " + std::string(part));
  return *chip;
}
inline flashhost::Chip identified(flashhost::ProbeReader &probe) {
  flashhost::Identity identity = f1::identify(probe);
  if (!identity.chip) throw std::runtime_error("not identified");
  f1::settle(probe, *identity.chip);
  return *identity.chip;
}

struct Bank {
  std::uint32_t status = 0;
  std::uint32_t control = f1::cr_lock;
  int keys = 0;                // -1: locked until reset
  int busy_reads = 0;          // how often SR still reads busy
  int busy_after_start = 2;    // what an operation sets it to
  std::uint32_t erase_at = 0;  // AR
};

class F1Board {
 public:
  explicit F1Board(std::string_view part = "STM32F103CB") : chip(described(part)) {
    const f1::Line &line = f1::line_of(chip);
    probe.add_region(f1::flash_base, chip.flash.size, 0xFF);
    probe.add_region(f1::ram_base, chip.ram.size, 0);
    probe.add_region(0x1FFFF000, 0x800, 0);
    probe.add_region(f1::option_base, f1::option_size, 0xFF);
    set_options({0xA5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
    probe.add_region(0x40003000, 0x400, 0);
    probe.add_region(0x40002C00, 0x400, 0);
    probe.add_region(0x40021000, 0x400, 0);
    probe.add_region(0x40022000, 0x400, 0);
    probe.add_region(0xE0042000, 0x400, 0);
    probe.poke(f1::rcc_cr, 0x83);
    probe.poke(f1::rcc_ahbenr, 0x14);
    probe.poke(f1::flash_acr, 0x30);
    probe.poke(flashhost::cortex_m::cpuid, 0x411FC231);
    probe.poke(f1::dbgmcu_idcode, std::uint32_t{line.revisions().front()} << 16 | line.device_id);
    probe.poke(f1::size_register, 0xFFFF0000 | chip.flash.size / 1024);
    for (std::uint32_t i = 0; i < 3; ++i) probe.poke(f1::unique_id + 4 * i, 0x11223344 + i);
    probe.probe_info.debug_port_id = 0x1BA01477;
    probe.halted = probe.debug_enabled = true;
    probe.on_read = [this](std::uint32_t address) { return read(address); };
    probe.on_write = [this](std::uint32_t address, std::uint32_t value) {
      return write(address, value);
    };
    probe.on_block_write = [this](std::uint32_t address, std::span<const std::uint8_t> data) {
      return program(address, data);
    };
    probe.on_reset = [this] {
      banks = {Bank{}, Bank{}};
      load_options();
    };
    load_options();
  }

  void set_options(const std::vector<std::uint8_t> &bytes) {
    auto &area = probe.regions.at(f1::option_base);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      area[2 * i] = bytes[i];
      area[2 * i + 1] = static_cast<std::uint8_t>(~bytes[i]);
    }
  }
  [[nodiscard]] std::vector<std::uint8_t> option_bytes() {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(8);
    const auto &area = probe.regions.at(f1::option_base);
    for (std::size_t i = 0; i < 8; ++i) bytes.push_back(area[2 * i]);
    return bytes;
  }
  // As at reset.
  void load_options() {
    std::vector<std::uint8_t> bytes = option_bytes();
    const auto &area = probe.regions.at(f1::option_base);
    std::uint32_t obr = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      if (static_cast<std::uint8_t>(~area[2 * i + 1]) == bytes[i]) continue;
      bytes[i] = 0xFF;
      obr |= f1::obr_opterr;
    }
    if (bytes[0] != f1::rdp_off) obr |= f1::obr_rdprt;
    obr |= std::uint32_t{bytes[1]} << 2;
    probe.poke(f1::flash_obr, obr);
    std::uint32_t wrpr = 0;
    for (std::size_t i = 4; i < 8; ++i) wrpr |= std::uint32_t{bytes[i]} << (8 * (i - 4));
    probe.poke(f1::flash_wrpr, wrpr);
  }
  [[nodiscard]] std::vector<std::uint8_t> &flash() { return probe.regions.at(f1::flash_base); }

  Probe probe;
  LogHost host;
  flashhost::Chip chip;
  std::array<Bank, 2> banks;
  std::uint32_t protected_page = 0xFFFFFFFF;
  bool hsi_starts = true, clock_switches = true;

 private:
  Bank *bank_of(std::uint32_t address, std::uint32_t &reg) {
    if (address < f1::flash_acr || address >= f1::flash_acr + 0x80) return nullptr;
    const bool second = address >= f1::flash_acr + f1::bank2_offset;
    reg = address - (second ? f1::bank2_offset : 0);
    return &banks.at(second ? 1 : 0);
  }

  std::optional<std::uint32_t> read(std::uint32_t address) {
    std::uint32_t reg = 0;
    Bank *bank = bank_of(address, reg);
    if (bank == nullptr) return {};
    if (reg == f1::flash_sr) {
      if (bank->busy_reads > 0) {
        --bank->busy_reads;
        return bank->status | f1::sr_bsy;
      }
      return bank->status;
    }
    if (reg == f1::flash_cr) return bank->control;
    return {};
  }

  void refuse(std::uint32_t address) {
    throw flashhost::Error(flashhost::Errc::memory_fault, "refused " + flashhost::hex(address));
  }

  bool write(std::uint32_t address, std::uint32_t value) {
    if (address == f1::rcc_cr) {
      probe.poke(address, (value & ~stm32::hsirdy) |
                              ((value & f1::rcc_hsion) != 0 && hsi_starts ? stm32::hsirdy : 0));
      return true;
    }
    if (address == f1::rcc_cfgr) {
      const std::uint32_t sw = clock_switches ? value & 3 : (probe.peek(address) >> 2) & 3;
      probe.poke(address, (value & ~stm32::sws) | sw << 2);
      return true;
    }
    std::uint32_t reg = 0;
    Bank *bank = bank_of(address, reg);
    if (bank == nullptr) return false;
    if (reg == f1::flash_keyr) {
      const bool fits = bank->keys >= 0 && value == (bank->keys == 0 ? f1::key1 : f1::key2) &&
                        (bank->control & f1::cr_lock) != 0;
      bank->keys = fits ? bank->keys + 1 : -1;
      if (!fits) refuse(address);
      if (bank->keys == 2) {
        bank->control &= ~f1::cr_lock;
        bank->keys = 0;
      }
      return true;
    }
    if (reg == f1::flash_optkeyr) {
      if (value == f1::key2) bank->control |= f1::cr_optwre;
      return true;
    }
    if (reg == f1::flash_sr) {
      bank->status &= ~(value & 0x34);
      return true;
    }
    if (reg == f1::flash_ar) {
      bank->erase_at = value;
      return true;
    }
    if (reg == f1::flash_cr) {
      if ((bank->control & f1::cr_lock) != 0) return true;
      bank->control = value & ~f1::cr_strt;
      if ((value & f1::cr_strt) != 0) start(*bank, value);
      return true;
    }
    return false;
  }

  void start(Bank &bank, std::uint32_t value) {
    bank.busy_reads = bank.busy_after_start;
    const bool second = &bank == &banks[1];
    const std::uint32_t offset = second ? f1::bank2_base - f1::flash_base : 0;
    if ((value & f1::cr_per) != 0) {
      const std::uint32_t size = chip.sectors.front().size;
      const std::uint32_t page = (bank.erase_at - f1::flash_base) / size * size;
      if (page + f1::flash_base == protected_page) {
        bank.status |= f1::sr_wrprterr;
        return;
      }
      std::fill_n(flash().begin() + page, size, std::uint8_t{0xFF});
    }
    if ((value & f1::cr_mer) != 0) {
      const std::size_t stop =
          f1::line_of(chip).banks > 1 && !second ? f1::bank2_base - f1::flash_base : flash().size();
      std::fill(flash().begin() + offset, flash().begin() + static_cast<std::ptrdiff_t>(stop),
                std::uint8_t{0xFF});
    }
    if ((value & f1::cr_opter) != 0) {
      std::ranges::fill(probe.regions.at(f1::option_base), std::uint8_t{0xFF});
    }
    bank.status |= f1::sr_eop;
  }

  // 16-bit writes to flash and option bytes.
  bool program(std::uint32_t address, std::span<const std::uint8_t> data) {
    const bool option = address >= f1::option_base && address < f1::option_base + f1::option_size;
    if (!option && !chip.flash.contains(address, data.size())) return false;
    Bank &bank = banks.at(!option && address >= f1::bank2_base ? 1 : 0);
    const std::uint32_t wanted = option ? f1::cr_optpg | f1::cr_optwre : f1::cr_pg;
    if (data.size() != 2 || (bank.control & wanted) != wanted) refuse(address);
    auto &bytes = probe.regions.at(option ? f1::option_base : f1::flash_base);
    const std::size_t at = address - (option ? f1::option_base : f1::flash_base);
    bank.busy_reads = 1;
    if ((bytes[at] != 0xFF || bytes[at + 1] != 0xFF) && (data[0] != 0 || data[1] != 0)) {
      bank.status |= f1::sr_pgerr;
      return true;
    }
    const bool lifts_protection = option && at == 0 && data[0] == f1::rdp_off &&
                                  (probe.peek(f1::flash_obr) & f1::obr_rdprt) != 0;
    if (lifts_protection) std::ranges::fill(flash(), std::uint8_t{0xFF});
    bytes[at] = data[0];
    bytes[at + 1] = option ? static_cast<std::uint8_t>(~data[0]) : data[1];
    bank.status |= f1::sr_eop;
    return true;
  }
};

}  // namespace fake
