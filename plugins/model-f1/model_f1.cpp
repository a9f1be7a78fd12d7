#include "model_f1.hpp"

#include "die_f1.hpp"
#include "parts_f1.hpp"
#include "rules_f1.hpp"

namespace flashhost::machine::stm32 {
namespace {

constexpr NamedRegister registers[] = {
    {"DBGMCU_CR", 0xE0042004}, {"RCC_AHBENR", 0x40021014}, {"FLASH_CR", 0x40022010}};

}  // namespace

ModelF1::ModelF1() : parts_(plain_parts(parts_f1())) {}

std::vector<std::string_view> ModelF1::rule_names() const {
  std::vector<std::string_view> names(rule_names_f1.begin(), rule_names_f1.end());
  names.insert(names.end(), std::begin(common_rule_names), std::end(common_rule_names));
  return names;
}

std::vector<FaultName> ModelF1::fault_names() const {
  return stm32::fault_names({});
}

std::span<const NamedRegister> ModelF1::tidy_registers() const {
  return registers;
}

std::unique_ptr<Die> ModelF1::make_die(const Part &part, const Wiring &wiring) const {
  return std::make_unique<DieF1>(own_part(parts_f1(), part), wiring);
}

}  // namespace flashhost::machine::stm32
