// A scripted STM32F1: registers that remember, and just enough of a flash controller to see what
// the family does with it.
#pragma once

#include "board.hpp"

#include <algorithm>
#include <vector>

namespace fake {

class F1Board : public Board<F1> {
 public:
  explicit F1Board(std::string_view part = Family::usual_part) : Board(part) {
    second_bank.control = f1::cr_lock;
    probe.add_region(0x1FFFF000, 0x800, 0);
    probe.add_region(f1::option_base, f1::option_size, 0xFF);
    set_options({0xA5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
    probe.add_region(0x40021000, 0x400, 0);
    probe.add_region(0x40022000, 0x400, 0);
    probe.poke(f1::rcc_ahbenr, 0x14);
    probe.poke(f1::flash_acr, 0x30);
    probe.poke(f1::size_register, 0xFFFF0000 | chip.flash.size / 1024);
    set_revision(f1::line_of(chip).revisions().front());
    probe.on_read = [this](std::uint32_t address) { return read(address); };
    probe.on_write = [this](std::uint32_t address, std::uint32_t value) {
      return write(address, value);
    };
    probe.on_block_write = [this](std::uint32_t address, std::span<const std::uint8_t> data) {
      return program(address, data);
    };
    probe.on_reset = [this] {
      controller = second_bank = Controller{.control = f1::cr_lock};
      erase_at = {};
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

  Controller second_bank;

 private:
  [[nodiscard]] bool is_second(const Controller &bank) const { return &bank == &second_bank; }
  // That of a register of the controller, which is then named as the first bank's.
  Controller *bank_of(std::uint32_t &address) {
    if (address < f1::flash_acr || address >= f1::flash_acr + 0x80) return nullptr;
    const bool second = address >= f1::flash_acr + f1::bank2_offset;
    if (second) address -= f1::bank2_offset;
    return second ? &second_bank : &controller;
  }

  std::optional<std::uint32_t> read(std::uint32_t address) {
    Controller *bank = bank_of(address);
    if (bank == nullptr) return {};
    if (address == f1::flash_sr) return read_status(*bank);
    if (address == f1::flash_cr) return bank->control;
    return {};
  }

  bool write(std::uint32_t address, std::uint32_t value) {
    if (write_clocks(address, value)) return true;
    Controller *bank = bank_of(address);
    if (bank == nullptr) return false;
    switch (address) {
      case f1::flash_keyr:
        take_key(*bank, value);
        return true;
      case f1::flash_optkeyr:
        if (value == f1::key2) bank->control |= f1::cr_optwre;
        return true;
      case f1::flash_sr:
        bank->status &= ~(value & Family::sr_clears);
        return true;
      case f1::flash_ar:
        erase_at.at(is_second(*bank) ? 1 : 0) = value;
        return true;
      case f1::flash_cr:
        if ((bank->control & f1::cr_lock) != 0) return true;
        bank->control = value & ~f1::cr_strt;
        if ((value & f1::cr_strt) != 0) start(*bank, value);
        return true;
      default:
        return false;
    }
  }

  void start(Controller &bank, std::uint32_t value) {
    bank.busy_reads = bank.busy_after_start;
    bank.status |= bank.start_errors;
    if (bank.start_errors != 0) return;
    const bool second = is_second(bank);
    const std::uint32_t offset = second ? f1::bank2_base - f1::flash_base : 0;
    if ((value & f1::cr_per) != 0) {
      const std::uint32_t size = chip.sectors.front().size;
      const std::uint32_t page = (erase_at.at(second ? 1 : 0) - f1::flash_base) / size * size;
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
    Controller &bank = !option && address >= f1::bank2_base ? second_bank : controller;
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

  std::array<std::uint32_t, 2> erase_at{};  // AR, of each bank
};

}  // namespace fake
