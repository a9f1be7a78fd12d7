#include "test_models.hpp"

#include "model_f0f3.hpp"
#include "model_f1.hpp"
#include "model_f4.hpp"
#include "model_l4.hpp"

#include <utility>

namespace flashhost::test {

const machine::Models &models() {
  static const machine::Models all(
      {std::make_shared<machine::stm32::ModelF1>(), std::make_shared<machine::stm32::ModelF4>(),
       std::make_shared<machine::stm32::ModelL4>(), std::make_shared<machine::stm32::ModelF0>(),
       std::make_shared<machine::stm32::ModelF3>()});
  return all;
}

machine::Config board_config(const std::string &part, std::vector<std::string> faults) {
  machine::Config config;
  config.model = models().with_part(part);
  config.part = part;
  config.faults = std::move(faults);
  return config;
}

std::vector<std::string> parts_of(std::string_view series) {
  std::vector<std::string> names = models().part_names();
  std::erase_if(names, [&](const std::string &name) { return !name.starts_with(series); });
  return names;
}

}  // namespace flashhost::test
