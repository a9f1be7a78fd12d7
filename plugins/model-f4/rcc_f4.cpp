#include "rcc_f4.hpp"

namespace flashhost::machine::stm32 {
namespace {

constexpr std::int64_t hsi_hertz = 16'000'000;
constexpr Rcc::Facts facts{hsi_hertz, 10, 1U << 27 | 1U << 25};  // with BORRSTF

// Offsets.
constexpr std::uint32_t cr = 0x00;
constexpr std::uint32_t pllcfgr = 0x04;
constexpr std::uint32_t cfgr = 0x08;
constexpr std::uint32_t ahb1enr = 0x30;
constexpr std::uint32_t apb1enr = 0x40;
constexpr std::uint32_t csr = 0x74;

constexpr std::uint32_t pll_from_hse = 1U << 22;
constexpr std::uint32_t crcen = 1U << 12;
constexpr std::uint32_t dma1en = 1U << 21;
constexpr std::uint32_t dma2en = 1U << 22;
constexpr std::uint32_t wwdgen = 1U << 11;
constexpr std::uint32_t gpio_ports = 0x7FF;

}  // namespace

RccF4::RccF4(Common &common, const StmPart &part) : Rcc(common, part, facts, [] {}) {
  reset_registers();
}

std::uint32_t RccF4::read(std::uint32_t offset, Master) {
  switch (offset) {
    case cr:
      return control();
    case cfgr:
      return config();
    case csr:
      return status();
    default:
      return offset / 4 < registers_.size() ? registers_[offset / 4] : 0;
  }
}

Outcome RccF4::write(std::uint32_t offset, std::uint32_t value, Master) {
  switch (offset) {
    case cr:
      set_control(value);
      break;
    case cfgr:
      set_config(value);
      break;
    case csr:
      set_status(value);
      break;
    case pllcfgr:
      if (!pll_on()) registers_[pllcfgr / 4] = value;
      break;
    default:
      if (offset / 4 < registers_.size()) registers_[offset / 4] = value;
      break;
  }
  update();
  return Outcome::ok;
}

std::int64_t RccF4::pll_hertz() const {
  const std::uint32_t setup = registers_[pllcfgr / 4];
  const std::int64_t input =
      (setup & pll_from_hse) != 0 ? std::int64_t{part().hse_hertz} : hsi_hertz;
  const std::uint32_t m = setup & 0x3F;
  const std::uint32_t n = setup >> 6 & 0x1FF;
  const std::uint32_t p = 2 * ((setup >> 16 & 3) + 1);
  return m < 2 ? input : input / m * n / p;
}

void RccF4::gate(BusClocks &clocks, bool gating) const {
  const std::uint32_t ahb1 = gating ? registers_[ahb1enr / 4] : 0xFFFFFFFF;
  const std::uint32_t apb1 = gating ? registers_[apb1enr / 4] : 0xFFFFFFFF;
  clocks.gpio = ahb1 & gpio_ports;
  clocks.crc = (ahb1 & crcen) != 0;
  clocks.dma1 = (ahb1 & dma1en) != 0;
  clocks.dma2 = (ahb1 & dma2en) != 0;
  clocks.wwdg = (apb1 & wwdgen) != 0;
}

void RccF4::reset_registers() {
  registers_.fill(0);
  registers_[pllcfgr / 4] = 0x24003010;
  registers_[ahb1enr / 4] = part().core_memory_size != 0 ? 0x00100000 : 0;
}

void RccF4::enable_dma() {
  registers_[ahb1enr / 4] |= dma2en;
  update();
}

}  // namespace flashhost::machine::stm32
