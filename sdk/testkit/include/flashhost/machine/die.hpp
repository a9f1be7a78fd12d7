// What is different on the die from one series to the next: the flash controller, clocks, pins and
// DMA, and where the peripherals stand.
#pragma once

#include "bus/bus.hpp"
#include "core/engine.hpp"
#include "dma.hpp"
#include "parts.hpp"
#include "rcc.hpp"
#include "small_peripherals.hpp"
#include "watchdogs.hpp"

#include <flashhost/machine/faults.hpp>
#include <flashhost/machine/flash_controller.hpp>

#include <memory>
#include <span>

namespace flashhost::machine {

struct SeriesFacts {
  std::uint32_t cpuid;
  std::uint32_t debug_port_id;
  EngineCore core;
  std::int64_t lsi_hertz;
  const DebugMcuLayout &debug_mcu;
  std::span<const NamedRegister> tidy_registers;
};

class Die {
 public:
  virtual ~Die() = default;
  Die(const Die &) = delete;
  Die &operator=(const Die &) = delete;

  [[nodiscard]] virtual FlashController &flash() = 0;
  [[nodiscard]] virtual bool swd_off() const = 0;  // firmware took its pins away

  void attach(Bus &bus);
  void power_on() { debug_mcu_.power_on(); }
  void leave_behind();  // what firmware may have left in the peripherals, by the faults
  void system_reset(ResetCause cause);
  [[nodiscard]] DebugMcu &debug_mcu() { return debug_mcu_; }
  [[nodiscard]] const DebugMcu &debug_mcu() const { return debug_mcu_; }

 protected:
  Die(Board &board, const Part &part, const Faults &faults);

  [[nodiscard]] virtual Rcc &rcc() = 0;
  [[nodiscard]] virtual Dma &sampling_dma() = 0;
  void add(std::uint32_t address, Peripheral &peripheral);
  void add_plain(std::span<const std::uint32_t> addresses);  // only registers here

  Board &board_;
  const Faults &faults_;

 private:
  struct Placed {
    std::uint32_t address;
    Peripheral *peripheral;
  };
  DebugMcu debug_mcu_;
  IndependentWatchdog iwdg_;
  WindowWatchdog wwdg_;
  CrcUnit crc_;
  std::vector<std::unique_ptr<PlainRegisters>> plain_;
  std::vector<Placed> placed_;
};

[[nodiscard]] const SeriesFacts &facts_of(const Part &part);
[[nodiscard]] std::unique_ptr<Die> make_die(Board &board, const Part &part, const Faults &faults,
                                            std::vector<PinEdge> &edges,
                                            std::span<std::uint8_t> main_flash,
                                            std::span<std::uint8_t> sram);

}  // namespace flashhost::machine
