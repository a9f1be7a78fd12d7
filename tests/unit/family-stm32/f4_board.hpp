// A scripted STM32F4: registers that remember, and just enough of a flash controller to see what
// the family does with it.
#pragma once

#include "board.hpp"

#include <vector>

namespace fake {

class F4Board : public Board<F4> {
 public:
  explicit F4Board(std::string_view part = Family::usual_part) : Board(part) {
    probe.add_region(0x1FFF7A00, 0x100, 0);
    for (const std::uint32_t block : {0x40023800U, 0x40023C00U}) probe.add_region(block, 0x400, 0);
    probe.poke(f4::rcc_pllcfgr, 0x24003010);
    probe.poke(f4::size_register & ~3U, (chip.flash.size / 1024) << 16);
    set_revision(f4::line_of(chip).revisions().front());
    probe.poke(f4::flash_optcr, 0x0FFFAAED);
    if (f4::line_of(chip).banks > 1) probe.poke(f4::flash_optcr1, 0x0FFF0000);
    probe.probe_info.target_millivolts = 3300;
    probe.on_read = [this](std::uint32_t address) { return read(address); };
    probe.on_write = [this](std::uint32_t address, std::uint32_t value) {
      return write(address, value);
    };
    probe.on_block_write = [this](std::uint32_t address, std::span<const std::uint8_t> data) {
      if (!chip.flash.contains(address, data.size())) return false;
      stores.push_back({address, static_cast<std::uint32_t>(data.size())});
      controller.status |= store_errors;
      return store_errors != 0;
    };
    probe.on_reset = [this] { controller = Controller{.control = f4::cr_lock}; };
  }

  std::uint32_t store_errors = 0;
  std::vector<std::uint32_t> started;          // CR at each STRT
  std::vector<flashhost::MemoryRange> stores;  // into flash, each at once
  bool options_open = false, option_keys_fit = true;

 private:
  std::optional<std::uint32_t> read(std::uint32_t address) {
    if (address == f4::flash_sr) return read_status(controller);
    if (address == f4::flash_cr) return controller.control;
    if (address == f4::flash_optcr) {
      return (probe.peek(address) & ~f4::optcr_lock) | (options_open ? 0 : f4::optcr_lock);
    }
    return {};
  }

  bool write(std::uint32_t address, std::uint32_t value) {
    if (write_clocks(address, value)) return true;
    switch (address) {
      case f4::flash_keyr:
        take_key(controller, value);
        return true;
      case f4::flash_optkeyr:
        if (!option_keys_fit) refuse(address);
        options_open = options_open || value == f4::option_key2;
        return true;
      case f4::flash_sr:
        controller.status &= ~(value & Family::sr_clears);
        return true;
      case f4::flash_cr:
        if ((controller.control & f4::cr_lock) != 0) return true;
        controller.control = value & ~f4::cr_strt;
        if ((value & f4::cr_strt) != 0) {
          started.push_back(value);
          controller.busy_reads = controller.busy_after_start;
          controller.status |= controller.start_errors;
        }
        return true;
      case f4::flash_optcr:
        if (!options_open) return true;
        probe.poke(address, value & ~f4::optcr_strt);
        if ((value & f4::optcr_strt) != 0) controller.busy_reads = controller.busy_after_start;
        if ((value & f4::optcr_lock) != 0) options_open = false;
        return true;
      default:
        return false;
    }
  }
};

}  // namespace fake
