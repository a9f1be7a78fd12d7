#include "model_f0f3.hpp"

#include "die_f0f3.hpp"
#include "faults_f0f3.hpp"
#include "parts_f0f3.hpp"
#include "rules_f0f3.hpp"

#include <algorithm>
#include <iterator>

namespace flashhost::machine::stm32 {
namespace {

constexpr NamedRegister f0_registers[] = {{"DBGMCU_CR", 0x40015804},
                                          {"DBGMCU_APB1_FZ", 0x40015808},
                                          {"RCC_AHBENR", 0x40021014},
                                          {"FLASH_CR", 0x40022010}};
constexpr NamedRegister f3_registers[] = {{"DBGMCU_CR", 0xE0042004},
                                          {"DBGMCU_APB1_FZ", 0xE0042008},
                                          {"RCC_AHBENR", 0x40021014},
                                          {"FLASH_CR", 0x40022010}};

}  // namespace

ModelF0F3::ModelF0F3(Series series) : series_(series) {
  std::ranges::copy_if(parts_f0f3(), std::back_inserter(parts_),
                       [&](const PartF0F3 &part) { return part.is_f0 == (series == Series::f0); });
}

std::vector<std::string_view> ModelF0F3::rule_names() const {
  std::vector<std::string_view> names(rule_names_f1.begin(), rule_names_f1.end());
  names.insert(names.end(), rule_names_f0f3.begin(), rule_names_f0f3.end());
  names.insert(names.end(), std::begin(common_rule_names), std::end(common_rule_names));
  return names;
}

std::vector<FaultName> ModelF0F3::fault_names() const {
  return fault_names_f0f3();
}

std::span<const NamedRegister> ModelF0F3::tidy_registers() const {
  if (series_ == Series::f0) return f0_registers;
  return f3_registers;
}

std::unique_ptr<Die> ModelF0F3::make_die(const Part &part, const Wiring &wiring) const {
  return std::make_unique<DieF0F3>(own_part(parts_f0f3(), part), wiring);
}

}  // namespace flashhost::machine::stm32
