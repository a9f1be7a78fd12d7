#include "die_f1.hpp"

namespace flashhost::machine::stm32 {
namespace {

// Timers, SPI, USART, I2C, CAN, USB, BKP, PWR, DAC, EXTI, ADC.
constexpr std::uint32_t plain_peripherals[] = {
    0x40000000, 0x40000400, 0x40000800, 0x40000C00, 0x40001000, 0x40001400, 0x40002800, 0x40003800,
    0x40003C00, 0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40005400, 0x40005800, 0x40005C00,
    0x40006000, 0x40006400, 0x40006800, 0x40006C00, 0x40007000, 0x40007400, 0x40010400, 0x40012400,
    0x40012800, 0x40012C00, 0x40013000, 0x40013400, 0x40013800, 0x40013C00};

constexpr DebugMcuLayout debug_mcu{4, 8, 9, true};
constexpr std::uint32_t apb2enr = 0x18;  // of RCC
constexpr SeriesFacts facts{40'000, debug_mcu, 0x1C};

}  // namespace

DieF1::DieF1(const PartF1 &part, const Wiring &wiring)
    : StmDie(wiring, part, parse_faults(wiring.faults, {}), facts),
      rules_(rule_names_f1, wiring.rules_off),
      flash_(common_, part, faults_, rules_, wiring.main_flash),
      rcc_(common_, part, [this] { flash_.hsi_started(); }),
      dma1_(common_, wiring.sram, 0x4001244C),  // ADC1
      afio_(common_) {
  constexpr unsigned ports = 7;
  gpio_.reserve(ports);
  for (unsigned port = 0; port < ports; ++port) {
    gpio_.emplace_back(common_, port);
    add(0x40010800 + port * 0x400, gpio_.back());
  }
  add_plain(plain_peripherals);
  add(0x40010000, afio_);
  add(0x40020000, dma1_);
  add(0x40021000, rcc_);
  add(0x40022000, flash_);
}

void DieF1::take_swd_pins() {
  constexpr std::uint32_t mapr = 4;
  set_bits(rcc_, apb2enr, 0, 1);
  set_bits(afio_, mapr, 7U << 24, 4U << 24);  // SWJ_CFG: neither JTAG nor SWD
}

}  // namespace flashhost::machine::stm32
