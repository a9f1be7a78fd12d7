#pragma once

#include "family-stm32/l4_family.hpp"
#include "sim_board.hpp"

namespace flashhost::test {

// Its chip is as identified: with the banks that it has now.
struct L4SimBoard : SimBoardOf<fake::L4> {
  explicit L4SimBoard(const std::string &part, const std::vector<std::string> &faults = {})
      : SimBoardOf(part, faults) {
    chip = identified();
  }

  // A register of the flash controller, by its offset.
  [[nodiscard]] std::uint32_t controller(std::uint32_t offset) {
    return probe.read_word(l4::facts_of(chip).flash + offset);
  }
  [[nodiscard]] std::uint32_t clocks(std::uint32_t offset) {
    return probe.read_word(l4::facts_of(chip).rcc + offset);
  }
  void program(std::uint32_t address, const Bytes &data) {
    l4::program(host, probe, chip, address, data);
  }
  void erase(const Sector &sector) { l4::erase_sector(host, probe, chip, sector); }
  // As firmware opens the controller.
  void unlock_by_hand() {
    for (const std::uint32_t key : {stm32::key1, stm32::key2}) {
      probe.write_word(l4::facts_of(chip).flash + l4::flash_keyr, key);
    }
  }
  // A firmware of one double word, for which the chip has been made ready.
  void leave_firmware() {
    prepare_after_reset();
    program(chip.flash.address, {0, 0x10, 0, 0x20, 9, 0, 0, 8});
    l4::finish(host, probe, chip);
    static_cast<void>(cortex_m::restore(probe, undo, false));
    undo.clear();
    static_cast<void>(cortex_m::reset_and_halt(probe));
  }
  void prepare_again() {
    undo.clear();
    prepare_after_reset();
  }
};

// What an option field of this name holds; it must be there.
[[nodiscard]] inline OptionField option_named(const Chip &chip, const std::string &name) {
  for (const OptionField &field : l4::option_fields(chip)) {
    if (field.name == name) return field;
  }
  throw std::invalid_argument("no option " + name);
}

}  // namespace flashhost::test
