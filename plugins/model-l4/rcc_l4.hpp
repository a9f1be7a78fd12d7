// Reset and clock control of the L4 and of the series with the same flash controller.
#pragma once

#include "parts_l4.hpp"
#include "rcc.hpp"

#include <array>

namespace flashhost::machine::stm32 {

class RccL4 final : public Rcc {
 public:
  RccL4(Common &common, const PartL4 &part);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void enable_dma() override;

 private:
  void gate(BusClocks &clocks, bool gating) const override;
  [[nodiscard]] std::int64_t reset_hertz() const override;
  [[nodiscard]] std::int64_t pll_hertz() const override;
  [[nodiscard]] std::int64_t system_divider() const override;
  void reset_registers() override;
  [[nodiscard]] std::uint32_t reg(std::uint32_t offset) const { return registers_[offset / 4]; }
  [[nodiscard]] bool has_msi() const { return layout_.oscillator_at == 0; }
  [[nodiscard]] std::uint32_t read_control() const;
  [[nodiscard]] std::uint32_t read_config() const;
  void write_config(std::uint32_t value);

  const SeriesL4 &series_;
  const RccLayoutL4 &layout_;
  const std::uint32_t system_divider_;         // bits of CR
  bool on_hsi16_ = false;                      // with MSI: the system clock is HSI16
  std::array<std::uint32_t, 42> registers_{};  // registers without an effect of their own
};

}  // namespace flashhost::machine::stm32
