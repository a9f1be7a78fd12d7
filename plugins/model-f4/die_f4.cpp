#include "die_f4.hpp"

#include "faults_f4.hpp"

namespace flashhost::machine::stm32 {
namespace {

// Timers, RTC, SPI, USART, I2C, CAN, PWR, DAC, ADC, SDIO, SYSCFG, EXTI, DMA1, Ethernet.
constexpr std::uint32_t plain_peripherals[] = {
    0x40000000, 0x40000400, 0x40000800, 0x40000C00, 0x40001000, 0x40001400, 0x40001800,
    0x40001C00, 0x40002000, 0x40002400, 0x40002800, 0x40003400, 0x40003800, 0x40003C00,
    0x40004000, 0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40005400, 0x40005800,
    0x40005C00, 0x40006400, 0x40006800, 0x40007000, 0x40007400, 0x40010000, 0x40010400,
    0x40011000, 0x40011400, 0x40012000, 0x40012C00, 0x40013000, 0x40013400, 0x40013800,
    0x40013C00, 0x40014000, 0x40014400, 0x40014800, 0x40026000, 0x40028000};

constexpr DebugMcuLayout debug_mcu{8, 12, 11, false};
constexpr std::uint32_t port_clocks = 0x30;  // RCC_AHB1ENR
constexpr SeriesFacts facts_f4{32'000, debug_mcu, 0x40};

}  // namespace

DieF4::DieF4(const StmPart &part, const Wiring &wiring)
    : StmDie(wiring, part, parse_faults_f4(wiring.faults, part), facts_f4),
      rules_(rule_names_f4, wiring.rules_off),
      flash_(wiring.board, part, faults_, rules_, wiring.main_flash),
      rcc_(common_, part),
      dma2_(common_, wiring.sram) {
  constexpr unsigned ports = 9;
  gpio_.reserve(ports);
  for (unsigned port = 0; port < ports; ++port) {
    gpio_.emplace_back(common_, port, port == 0 ? 0xA8000000 : port == 1 ? 0x00000280 : 0);
    add(0x40020000 + port * 0x400, gpio_.back());
  }
  add_plain(plain_peripherals);
  add(0x40026400, dma2_);
  add(0x40023800, rcc_);
  add(0x40023C00, flash_);
}

void DieF4::take_swd_pins() {
  constexpr std::uint32_t moder = 0;
  set_bits(rcc_, port_clocks, 0, 1);
  set_bits(gpio_.front(), moder, 0x3C000000, 0x14000000);  // PA13 and PA14 are outputs
}

}  // namespace flashhost::machine::stm32
