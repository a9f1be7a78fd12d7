#include "rcc_l4.hpp"

namespace flashhost::machine::stm32 {
namespace {

constexpr std::int64_t hsi16_hertz = 16'000'000;
constexpr std::int64_t msi_hertz[] = {100'000,    200'000,    400'000,    800'000,
                                      1'000'000,  2'000'000,  4'000'000,  8'000'000,
                                      16'000'000, 24'000'000, 32'000'000, 48'000'000};

constexpr unsigned base_ppre1_at = 8;
constexpr std::uint32_t power_on_causes_l4 = 1U << 27 | 1U << 26;

// Offsets.
constexpr std::uint32_t cr_l4 = 0x00;
constexpr std::uint32_t cfgr_l4 = 0x08;
constexpr std::uint32_t pllcfgr_l4 = 0x0C;

constexpr std::uint32_t msi_on = 1U << 0;
constexpr std::uint32_t hsi16_on = 1U << 8;
constexpr std::uint32_t hsi16_ready = 1U << 10;
constexpr std::uint32_t msi_range_selected = 1U << 3;
constexpr unsigned hsi_divider_at = 11;
constexpr unsigned system_divider_at = 2;

// The C0's HSI runs at four times the frequency that it has after a reset.
constexpr std::uint32_t reset_divider(const SeriesL4 &series) {
  return series.reset_hertz == 12'000'000 ? 2 : 0;
}
constexpr std::int64_t hsi_hertz(const SeriesL4 &series) {
  return series.reset_hertz << reset_divider(series);
}

}  // namespace

RccL4::RccL4(Common &common, const PartL4 &part)
    : Rcc(common, part, {part.line->series.reset_hertz, base_ppre1_at, power_on_causes_l4}, [] {}),
      series_(part.line->series),
      layout_(series_.rcc),
      system_divider_(part.line->system_divider ? 7U << system_divider_at : 0) {
  reset_registers();
}

// The base class has one internal oscillator, on at bit 0, ready at bit 1: where there are MSI and
// HSI16, it stands for either.
std::uint32_t RccL4::read_control() const {
  const std::uint32_t others = control() & 0x03030000;  // HSE and PLL
  const std::uint32_t on = control() & 1U, ready = control() >> 1 & 1U;
  if (!has_msi()) return others | reg(cr_l4) | on << 8 | ready << 10;
  const std::uint32_t msi = reg(cr_l4) & on;
  const std::uint32_t rest = reg(cr_l4) & ~msi_on;
  return others | rest | msi | (msi & ready) << 1 | ((rest & hsi16_on) != 0 ? hsi16_ready : 0);
}

std::uint32_t RccL4::read_config() const {
  // SW of the base class: 0 is the oscillator of the reset, 1 HSE, 2 PLL.
  const auto shown = [&](std::uint32_t source) {
    if (layout_.wide_switch && !has_msi()) return source;  // G0, C0: HSI, HSE, PLL
    return source == 0 ? (on_hsi16_ || !has_msi() ? 1U : 0U) : source + 1;
  };
  const std::uint32_t base = config();
  const std::uint32_t wanted = shown(base & 3), used = shown(base >> 2 & 3);
  const std::uint32_t ahb = base >> 4 & 0xF, apb = base >> base_ppre1_at & 7;
  return layout_.wide_switch ? wanted | used << 3 | ahb << 8 | apb << 12
                             : wanted | used << 2 | ahb << 4 | apb << 8;
}

void RccL4::write_config(std::uint32_t value) {
  const std::uint32_t wanted = value & (layout_.wide_switch ? 7U : 3U);
  const std::uint32_t ahb = value >> (layout_.wide_switch ? 8 : 4) & 0xF;
  const std::uint32_t apb = value >> (layout_.wide_switch ? 12 : 8) & 7;
  std::uint32_t source = wanted;
  if (!layout_.wide_switch || has_msi()) {
    on_hsi16_ = has_msi() && wanted == 1;
    source = wanted <= 1 ? 0 : wanted - 1;
  }
  set_config(source | ahb << 4 | apb << base_ppre1_at);
}

std::uint32_t RccL4::read(std::uint32_t offset, Master) {
  if (offset == cr_l4) return read_control();
  if (offset == cfgr_l4) return read_config();
  if (offset == layout_.status) return status();
  return offset / 4 < registers_.size() ? registers_[offset / 4] : 0;
}

Outcome RccL4::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (offset == cr_l4) {
    constexpr std::uint32_t of_base = 0x03030000;
    const bool msi_in_use = has_msi() && !on_hsi16_ && (config() >> 2 & 3) == 0;
    if (msi_in_use) value |= msi_on;
    const bool either = (value & (has_msi() ? msi_on | hsi16_on : hsi16_on)) != 0;
    set_control((value & of_base) | (either ? 1U : 0U));
    // MSI, HSI16; HSIDIV, HSIKERON, SYSDIV
    const std::uint32_t own = has_msi() ? 0xFF9 : 0x3AE0 | system_divider_;
    registers_[cr_l4] = value & own & ~hsi16_ready;
  } else if (offset == cfgr_l4) {
    write_config(value);
  } else if (offset == layout_.status) {
    const std::uint32_t remove = value >> 23 & 1U;
    set_status((value & 1U) | remove << 24);
  } else if (offset / 4 < registers_.size()) {
    registers_[offset / 4] = value;
  }
  update();
  return Outcome::ok;
}

std::int64_t RccL4::reset_hertz() const {
  if (!has_msi()) {
    const std::uint32_t divider = layout_.wide_switch ? reg(cr_l4) >> hsi_divider_at & 7 : 0;
    return hsi_hertz(series_) >> divider;
  }
  if (on_hsi16_) return hsi16_hertz;
  const std::uint32_t range = reg(cr_l4) >> 4 & 0xF;
  const bool selected = (reg(cr_l4) & msi_range_selected) != 0 || series_.second_core();
  return selected && range < std::size(msi_hertz) ? msi_hertz[range] : series_.reset_hertz;
}

std::int64_t RccL4::pll_hertz() const {
  const std::uint32_t setup = reg(pllcfgr_l4);
  const std::uint32_t source = setup & 3;
  const std::int64_t input = source == 3   ? std::int64_t{part().hse_hertz}
                             : source == 2 ? hsi16_hertz
                                           : reset_hertz();
  const std::uint32_t m = (setup >> 4 & 0xF) + 1;
  const std::uint32_t n = setup >> 8 & 0x7F;
  const std::uint32_t r =
      layout_.wide_divider ? (setup >> 29 & 7) + 1 : 2 * ((setup >> 25 & 3) + 1);
  return n == 0 ? input : input / m * n / r;
}

std::int64_t RccL4::system_divider() const {
  return ((reg(cr_l4) & system_divider_) >> system_divider_at) + 1;
}

void RccL4::gate(BusClocks &clocks, bool gating) const {
  const auto enabled = [&](std::uint32_t offset) { return gating ? reg(offset) : 0xFFFFFFFF; };
  clocks.gpio = enabled(layout_.gpio);
  clocks.crc = (enabled(layout_.ahb) & 1U << 12) != 0;
  clocks.dma1 = (enabled(layout_.ahb) & 1U) != 0;
  clocks.wwdg = (enabled(layout_.apb1) & 1U << 11) != 0;
  clocks.debug = !layout_.debug_clock || (enabled(layout_.apb1) & 1U << 27) != 0;
}

void RccL4::reset_registers() {
  registers_.fill(0);
  on_hsi16_ = false;
  registers_[cr_l4] = has_msi() ? 0x60 | msi_on : reset_divider(series_) << hsi_divider_at;
  constexpr std::uint32_t flash_clock = 0x100;
  registers_[layout_.ahb / 4] = flash_clock;
}

void RccL4::enable_dma() {
  registers_[layout_.ahb / 4] |= 1;
  update();
}

}  // namespace flashhost::machine::stm32
