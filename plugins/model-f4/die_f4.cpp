#include "die_f4.hpp"

namespace flashhost::machine {
namespace {

// Timers, RTC, SPI, USART, I2C, CAN, PWR, DAC, ADC, SDIO, SYSCFG, EXTI, DMA1, Ethernet.
constexpr std::uint32_t plain_peripherals[] = {
    0x40000000, 0x40000400, 0x40000800, 0x40000C00, 0x40001000, 0x40001400, 0x40001800,
    0x40001C00, 0x40002000, 0x40002400, 0x40002800, 0x40003400, 0x40003800, 0x40003C00,
    0x40004000, 0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40005400, 0x40005800,
    0x40005C00, 0x40006400, 0x40006800, 0x40007000, 0x40007400, 0x40010000, 0x40010400,
    0x40011000, 0x40011400, 0x40012000, 0x40012C00, 0x40013000, 0x40013400, 0x40013800,
    0x40013C00, 0x40014000, 0x40014400, 0x40014800, 0x40026000, 0x40028000};

constexpr NamedRegister tidy_registers[] = {{"DBGMCU_CR", 0xE0042004},
                                            {"DBGMCU_APB1_FZ", 0xE0042008},
                                            {"RCC_AHB1ENR", 0x40023830},
                                            {"FLASH_ACR", 0x40023C00},
                                            {"FLASH_CR", 0x40023C10}};

}  // namespace

const SeriesFacts facts_f4{0x410FC241, 0x2BA01477,   EngineCore::cortex_m4,
                           32'000,     debug_mcu_f4, tidy_registers};

DieF4::DieF4(Board &board, const Part &part, const Faults &faults, std::vector<PinEdge> &edges,
             std::span<std::uint8_t> main_flash, std::span<std::uint8_t> sram)
    : Die(board, part, faults),
      flash_(board, part, faults, main_flash),
      rcc_(board, part),
      dma2_(board, sram) {
  constexpr unsigned ports = 9;
  gpio_.reserve(ports);
  for (unsigned port = 0; port < ports; ++port) {
    gpio_.emplace_back(board, edges, port);
    add(0x40020000 + port * 0x400, gpio_.back());
  }
  add_plain(plain_peripherals);
  add(0x40026400, dma2_);
  add(0x40023800, rcc_);
  add(0x40023C00, flash_);
}

}  // namespace flashhost::machine
