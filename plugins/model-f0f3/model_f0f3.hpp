// The model of STM32F0 and STM32F3.
#pragma once

#include <flashhost/machine/model.hpp>

namespace flashhost::machine::stm32 {

class ModelF0F3 final : public Model {
 public:
  ModelF0F3();

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
