#include "die.hpp"

#include <algorithm>
#include <utility>

namespace flashhost::machine::stm32 {
namespace {

constexpr std::uint32_t idcode_of(const StmPart &part, const StmFaults &faults) {
  constexpr std::uint32_t wrong_id = 0x20000411;  // an F2's id, which the first F405 and F407 have
  if (faults.wrong_id) return wrong_id;
  return faults.revision.value_or(part.revision_id) << 16 | part.device_id;
}

}  // namespace

StmDie::StmDie(const Wiring &wiring, const StmPart &part, StmFaults faults,
               const SeriesFacts &facts)
    : common_(wiring.board, wiring.rules_off),
      faults_(std::move(faults)),
      facts_(facts),
      debug_mcu_(common_, idcode_of(part, faults_), facts.debug_mcu),
      iwdg_(wiring.board, debug_mcu_, facts.lsi_hertz),
      wwdg_(common_, debug_mcu_),
      crc_(common_, faults_.crc_unit_dead ? CrcUnit::Health::dead : CrcUnit::Health::good) {
  add(0x40003000, iwdg_);
  add(0x40002C00, wwdg_);
  add(0x40023000, crc_);
  add(facts.debug_mcu_address, debug_mcu_);
}

void StmDie::system_reset(ResetCause cause) {
  Die::system_reset(cause);
  rcc().record_reset(cause);
  if (flash().hardware_watchdog() && common_.rules.on(CommonRule::hardware_watchdog)) {
    iwdg_.start();
  }
}

void StmDie::set_bits(Peripheral &peripheral, std::uint32_t offset, std::uint32_t clear,
                      std::uint32_t bits) {
  const std::uint32_t value = peripheral.read(offset, Master::debugger);
  (void)peripheral.write(offset, (value & ~clear) | bits, Master::debugger);
}

void StmDie::leave_behind() {
  flash().apply_faults();
  if (faults_.hsi_off) rcc().run_from_hse();
  if (faults_.iwdg) iwdg_.start_with(*faults_.iwdg);
  if (faults_.dma_writes) {
    rcc().enable_dma();
    sampling_dma().write_samples(faults_.dma_address);
  }
  if (faults_.wwdg) run_window_watchdog(*faults_.wwdg);
  if (faults_.swd_pins_off) take_swd_pins();
}

// The window opens at the last count: feeding it at any other time is too early.
void StmDie::run_window_watchdog(Ticks wanted) {
  Ticks tick = ticks_per_second / common_.clocks.pclk1 * 4096;
  std::uint32_t prescaler = 0;
  for (; prescaler < 3 && wanted > 64 * tick; ++prescaler) tick *= 2;
  const Ticks counts = std::clamp<Ticks>((wanted + tick - 1) / tick, 2, 64);
  set_bits(rcc(), facts_.window_watchdog_enable, 0, 1U << 11);
  (void)wwdg_.write(4, prescaler << 7 | 0x40, Master::debugger);
  (void)wwdg_.write(0, 0x80 | static_cast<std::uint32_t>(0x3F + counts), Master::debugger);
}

}  // namespace flashhost::machine::stm32
