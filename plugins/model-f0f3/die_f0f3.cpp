#include "die_f0f3.hpp"

#include "faults_f0f3.hpp"

namespace flashhost::machine::stm32 {
namespace {

// Timers, RTC, SPI, USART, I2C, USB, CAN, CRS, PWR, DAC, CEC, SYSCFG, EXTI, ADC, DMA2, TSC.
constexpr std::uint32_t plain_both[] = {
    0x40000000, 0x40000400, 0x40001000, 0x40001400, 0x40002000, 0x40002800, 0x40003800, 0x40003C00,
    0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40005400, 0x40005800, 0x40005C00, 0x40006000,
    0x40006400, 0x40006C00, 0x40007000, 0x40007400, 0x40007800, 0x40010000, 0x40010400, 0x40012400,
    0x40012C00, 0x40013000, 0x40013800, 0x40014000, 0x40014400, 0x40014800, 0x40020400, 0x40024000};
constexpr std::uint32_t f0_converter = 0x40012440, f3_converter = 0x50000040;
constexpr std::uint32_t ahbenr = 0x14, apb1enr = 0x1C;  // of RCC
constexpr std::int64_t lsi_hertz = 40'000;
constexpr DebugMcuLayout debug_layout{8, 12, 11, false};
constexpr SeriesFacts f0_facts{lsi_hertz, debug_layout, apb1enr, 0x40015800};
constexpr SeriesFacts f3_facts{lsi_hertz, debug_layout, apb1enr};

// MODER after a reset: the debug port's pins; F3: with those of JTAG.
std::uint32_t reset_modes(const PartF0F3 &part, unsigned port) {
  if (port == 0) return part.is_f0 ? 0x28000000 : 0xA8000000;
  return port == 1 && !part.is_f0 ? 0x00000280 : 0;
}

}  // namespace

DieF0F3::DieF0F3(const PartF0F3 &part, const Wiring &wiring)
    : StmDie(wiring, part, parse_faults_f0f3(wiring.faults), part.is_f0 ? f0_facts : f3_facts),
      rules_(rule_names_f1, wiring.rules_off),
      own_rules_(rule_names_f0f3, wiring.rules_off),
      flash_(common_, part, faults_, rules_, own_rules_, wiring.main_flash),
      rcc_(common_, part, [this] { flash_.hsi_started(); }),
      dma1_(common_, wiring.sram, part.is_f0 ? f0_converter : f3_converter) {
  constexpr unsigned ports = 6;
  gpio_.reserve(ports);
  for (unsigned port = 0; port < ports; ++port) {
    gpio_.emplace_back(common_, port, reset_modes(part, port));
    add(0x48000000 + port * 0x400, gpio_.back());
  }
  add_plain(plain_both);
  add(0x40020000, dma1_);
  add(0x40021000, rcc_);
  add(0x40022000, flash_);
}

void DieF0F3::take_swd_pins() {
  constexpr std::uint32_t moder = 0, port_a = 1U << 17;
  set_bits(rcc_, ahbenr, 0, port_a);
  set_bits(gpio_.front(), moder, 0x3C000000, 0x14000000);  // PA13 and PA14 are outputs
}

}  // namespace flashhost::machine::stm32
