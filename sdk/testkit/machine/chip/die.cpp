#include "die_f1.hpp"
#include "die_f4.hpp"

#include <flashhost/machine/die.hpp>

namespace flashhost::machine {
namespace {

constexpr std::uint32_t idcode_of(const Part &part, const Faults &faults) {
  constexpr std::uint32_t wrong_id = 0x20000411;  // of an F2, as the first F405 and F407 say
  if (faults.wrong_id) return wrong_id;
  return faults.revision.value_or(part.revision_id) << 16 | part.device_id;
}

}  // namespace

Die::Die(Board &board, const Part &part, const Faults &faults)
    : board_(board),
      faults_(faults),
      debug_mcu_(board, idcode_of(part, faults), facts_of(part).debug_mcu),
      iwdg_(board, debug_mcu_, facts_of(part).lsi_hertz),
      wwdg_(board, debug_mcu_),
      crc_(board, faults.crc_unit_dead ? CrcUnit::Health::dead : CrcUnit::Health::good) {
  add(0x40003000, iwdg_);
  add(0x40002C00, wwdg_);
  add(0x40023000, crc_);
}

void Die::add(std::uint32_t address, Peripheral &peripheral) {
  placed_.push_back({address, &peripheral});
}

void Die::add_plain(std::span<const std::uint32_t> addresses) {
  for (const std::uint32_t address : addresses) {
    plain_.push_back(std::make_unique<PlainRegisters>());
    add(address, *plain_.back());
  }
}

void Die::attach(Bus &bus) {
  for (const auto &[address, peripheral] : placed_) bus.attach(address, *peripheral);
}

void Die::system_reset(ResetCause cause) {
  for (const Placed &placed : placed_) placed.peripheral->system_reset();
  debug_mcu_.system_reset();
  rcc().record_reset(cause);
  if (flash().hardware_watchdog() && board_.rules.on(Rule::st_hardware_watchdog)) iwdg_.start();
}

void Die::leave_behind() {
  flash().apply_faults();
  if (faults_.hsi_off) rcc().run_from_hse();
  if (faults_.iwdg) iwdg_.start_with(*faults_.iwdg);
  if (faults_.dma_writes) {
    rcc().enable_dma();
    sampling_dma().write_samples(faults_.dma_address);
  }
}

const SeriesFacts &facts_of(const Part &part) {
  return part.series == Series::f4 ? facts_f4 : facts_f1;
}

std::unique_ptr<Die> make_die(Board &board, const Part &part, const Faults &faults,
                              std::vector<PinEdge> &edges, std::span<std::uint8_t> main_flash,
                              std::span<std::uint8_t> sram) {
  if (part.series == Series::f4) {
    return std::make_unique<DieF4>(board, part, faults, edges, main_flash, sram);
  }
  return std::make_unique<DieF1>(board, part, faults, edges, main_flash, sram);
}

}  // namespace flashhost::machine
