// The model of the STM32 series with the L4's flash controller: L4, L4+, G0, G4, C0, U0, WB, WL.
#pragma once

#include <flashhost/machine/model.hpp>

namespace flashhost::machine::stm32 {

class ModelL4 final : public Model {
 public:
  ModelL4();

  [[nodiscard]] std::span<const Part> parts() const override { return parts_; }
  [[nodiscard]] std::vector<std::string_view> rule_names() const override;
  [[nodiscard]] std::vector<FaultName> fault_names() const override;
  [[nodiscard]] std::span<const NamedRegister> tidy_registers() const override;
  [[nodiscard]] std::unique_ptr<Die> make_die(const Part &part,
                                              const Wiring &wiring) const override;

 private:
  std::vector<Part> parts_;
};

}  // namespace flashhost::machine::stm32
