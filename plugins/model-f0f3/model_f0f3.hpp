// The models of STM32F0 and STM32F3, which differ in their parts.
#pragma once

#include <flashhost/machine/model.hpp>

namespace flashhost::machine::stm32 {

class ModelF0F3 : public Model {
 public:
  [[nodiscard]] std::span<const Part> parts() const override { return parts_; }
  [[nodiscard]] std::vector<std::string_view> rule_names() const override;
  [[nodiscard]] std::vector<FaultName> fault_names() const override;
  [[nodiscard]] std::span<const NamedRegister> tidy_registers() const override;
  [[nodiscard]] std::unique_ptr<Die> make_die(const Part &part,
                                              const Wiring &wiring) const override;

 protected:
  enum class Series : std::uint8_t { f0, f3 };
  explicit ModelF0F3(Series series);

 private:
  const Series series_;
  std::vector<Part> parts_;
};

class ModelF0 final : public ModelF0F3 {
 public:
  ModelF0() : ModelF0F3(Series::f0) {}
};

class ModelF3 final : public ModelF0F3 {
 public:
  ModelF3() : ModelF0F3(Series::f3) {}
};

}  // namespace flashhost::machine::stm32
