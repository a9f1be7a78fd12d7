#include "die_l4.hpp"

#include "faults_l4.hpp"

namespace flashhost::machine::stm32 {
namespace {

// Timers, RTC, SPI, USART, I2C, USB, CAN, PWR, LPUART, SYSCFG, EXTI, DMAMUX.
constexpr std::uint32_t plain_peripherals_l4[] = {
    0x40000000, 0x40000400, 0x40000800, 0x40000C00, 0x40001000, 0x40001400, 0x40002000,
    0x40002400, 0x40002800, 0x40003800, 0x40003C00, 0x40004400, 0x40004800, 0x40004C00,
    0x40005000, 0x40005400, 0x40005800, 0x40005C00, 0x40006000, 0x40006400, 0x40007000,
    0x40007400, 0x40007C00, 0x40008000, 0x40010000, 0x40010400, 0x40012C00, 0x40013000,
    0x40013400, 0x40013800, 0x40014000, 0x40014400, 0x40014800, 0x40020800, 0x40021800};

constexpr std::uint32_t converter = 0x50040040;  // ADC1

constexpr std::uint32_t reset_modes(const SeriesL4 &series, unsigned port) {
  if (port == 0) return series.core == CoreKind::cortex_m4 ? 0xABFFFFFF : 0xEBFFFFFF;
  return port == 1 && series.core == CoreKind::cortex_m4 ? 0xFFFFFEBF : 0xFFFFFFFF;
}

}  // namespace

DieL4::DieL4(const PartL4 &part, const Wiring &wiring)
    : StmDie(wiring, part, parse_faults_l4(wiring.faults, part), *part.line->series.die),
      series_(part.line->series),
      rules_(rule_names_l4, wiring.rules_off),
      flash_(wiring.board, part, faults_, rules_, wiring.main_flash),
      rcc_(common_, part),
      dma1_(common_, wiring.sram, converter) {
  gpio_.reserve(series_.port_count);
  for (unsigned port = 0; port < series_.port_count; ++port) {
    gpio_.emplace_back(common_, port, reset_modes(series_, port));
    add(series_.ports + port * 0x400, gpio_.back());
  }
  add_plain(plain_peripherals_l4);
  add(0x40020000, dma1_);
  add(series_.rcc_registers, rcc_);
  add(series_.flash_registers, flash_);
}

void DieL4::take_swd_pins() {
  constexpr std::uint32_t moder = 0;
  set_bits(rcc_, series_.rcc.gpio, 0, 1);
  set_bits(gpio_.front(), moder, 0x3C000000, 0x14000000);  // PA13 and PA14 are outputs
}

}  // namespace flashhost::machine::stm32
