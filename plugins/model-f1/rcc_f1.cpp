#include "rcc_f1.hpp"

#include <utility>

namespace flashhost::machine::stm32 {
namespace {

constexpr std::uint32_t pllsrc = 1U << 16;
constexpr std::uint32_t pllxtpre = 1U << 17;
constexpr std::int64_t hsi_hertz = 8'000'000;
constexpr Rcc::Facts facts{hsi_hertz, 8, 1U << 27};

}  // namespace

RccF1::RccF1(Common &common, const StmPart &part, std::function<void()> hsi_started)
    : Rcc(common, part, facts, std::move(hsi_started)) {}

std::uint32_t RccF1::read(std::uint32_t offset, Master) {
  switch (offset) {
    case 0x00:
      return control();
    case 0x04:
      return config();
    case 0x08:
      return interrupts_;
    case 0x14:
      return ahb_enable_;
    case 0x18:
      return apb2_enable_;
    case 0x1C:
      return apb1_enable_;
    case 0x24:
      return status();
    case 0x2C:
      return config2_;
    default:
      return 0;
  }
}

Outcome RccF1::write(std::uint32_t offset, std::uint32_t value, Master) {
  switch (offset) {
    case 0x00:
      set_control(value);
      break;
    case 0x04:
      set_config(value);
      break;
    case 0x08:
      interrupts_ = value & 0x1F00;
      break;
    case 0x14:
      ahb_enable_ = value;
      break;
    case 0x18:
      apb2_enable_ = value;
      break;
    case 0x1C:
      apb1_enable_ = value;
      break;
    case 0x24:
      set_status(value);
      break;
    case 0x2C:
      config2_ = value;
      break;
    default:
      break;
  }
  update();
  return Outcome::ok;
}

bool RccF1::divides_hse() const {
  const std::uint16_t id = part().device_id;
  return id == 0x418 || id == 0x420 || id == 0x428;
}

std::int64_t RccF1::pll_hertz() const {
  const std::uint32_t factor = config() >> 18 & 0xF;
  std::int64_t input = hsi_hertz / 2;
  if ((config() & pllsrc) != 0) {
    const std::uint32_t divider = divides_hse()                ? (config2_ & 0xF) + 1
                                  : (config() & pllxtpre) != 0 ? 2
                                                               : 1;
    input = part().hse_hertz / divider;
  }
  return input * (factor >= 14 ? 16 : factor + 2);
}

void RccF1::gate(BusClocks &clocks, bool gating) const {
  clocks.dma1 = !gating || (ahb_enable_ & 1U) != 0;
  clocks.crc = !gating || (ahb_enable_ & 1U << 6) != 0;
  clocks.wwdg = !gating || (apb1_enable_ & 1U << 11) != 0;
  clocks.gpio = gating ? apb2_enable_ >> 2 & 0x7F : 0x7F;
  clocks.afio = !gating || (apb2_enable_ & 1U) != 0;
}

void RccF1::reset_registers() {
  config2_ = interrupts_ = 0;
  ahb_enable_ = 0x14;
  apb1_enable_ = apb2_enable_ = 0;
}

void RccF1::enable_dma() {
  ahb_enable_ |= 1U;
  update();
}

}  // namespace flashhost::machine::stm32
