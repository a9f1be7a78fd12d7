#include "die_f1.hpp"

namespace flashhost::machine {
namespace {

// Timers, SPI, USART, I2C, CAN, USB, BKP, PWR, DAC, EXTI, ADC.
constexpr std::uint32_t plain_peripherals[] = {
    0x40000000, 0x40000400, 0x40000800, 0x40000C00, 0x40001000, 0x40001400, 0x40002800, 0x40003800,
    0x40003C00, 0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40005400, 0x40005800, 0x40005C00,
    0x40006000, 0x40006400, 0x40006800, 0x40006C00, 0x40007000, 0x40007400, 0x40010400, 0x40012400,
    0x40012800, 0x40012C00, 0x40013000, 0x40013400, 0x40013800, 0x40013C00};

constexpr NamedRegister tidy_registers[] = {
    {"DBGMCU_CR", 0xE0042004}, {"RCC_AHBENR", 0x40021014}, {"FLASH_CR", 0x40022010}};

}  // namespace

const SeriesFacts facts_f1{0x411FC231, 0x1BA01477,   EngineCore::cortex_m3,
                           40'000,     debug_mcu_f1, tidy_registers};

DieF1::DieF1(Board &board, const Part &part, const Faults &faults, std::vector<PinEdge> &edges,
             std::span<std::uint8_t> main_flash, std::span<std::uint8_t> sram)
    : Die(board, part, faults),
      flash_(board, part, faults, main_flash),
      rcc_(board, part, [this] { flash_.hsi_started(); }),
      dma1_(board, sram),
      afio_(board) {
  constexpr unsigned ports = 7;
  gpio_.reserve(ports);
  for (unsigned port = 0; port < ports; ++port) {
    gpio_.emplace_back(board, edges, port);
    add(0x40010800 + port * 0x400, gpio_.back());
  }
  add_plain(plain_peripherals);
  add(0x40010000, afio_);
  add(0x40020000, dma1_);
  add(0x40021000, rcc_);
  add(0x40022000, flash_);
}

}  // namespace flashhost::machine
