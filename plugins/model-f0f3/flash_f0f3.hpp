// The flash controller of STM32F0 and F3: the F1's, with levels of read protection, OBL_LAUNCH and
// the empty check (docs/reference/stm32f0f3-flash.md sections 2 to 5).
#pragma once

#include "flash_f1.hpp"
#include "parts_f0f3.hpp"
#include "rules_f0f3.hpp"

namespace flashhost::machine::stm32 {

class FlashF0F3 final : public FlashF1 {
 public:
  FlashF0F3(const Common &common, const PartF0F3 &part, const StmFaults &faults,
            const RulesF1 &rules, const RulesF0F3 &own_rules, std::span<std::uint8_t> main_flash);

  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void power_on() override { loads_next_ = true; }

  bool owns(std::uint32_t address) const override;
  Outcome check_read(std::uint32_t address, Master master) override;
  std::uint32_t load(std::uint32_t address, unsigned width) const override;
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master master) override;
  std::uint32_t boot_address() const override { return boot_address_; }
  bool debug_forbidden() const override;

 private:
  void load_options() override;
  [[nodiscard]] std::uint32_t option_register() const override;
  [[nodiscard]] std::uint32_t closed_error() const override;
  [[nodiscard]] std::uint32_t not_erased_error() const override;
  [[nodiscard]] bool unprotects_by_programming() const override { return false; }
  [[nodiscard]] bool boots_system_memory() const;
  [[nodiscard]] bool is_hole(std::uint32_t address) const;

  const PartF0F3 &own_part_;
  const RulesF0F3 &own_rules_;
  std::uint32_t boot_address_ = flash_base;
  bool loads_next_ = true;  // the next reset loads the option bytes
  bool loaded_ = false;     // since the machine was made
  bool empty_ = false;      // the first word was erased when they were loaded
};

}  // namespace flashhost::machine::stm32
