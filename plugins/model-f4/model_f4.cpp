#include "model_f4.hpp"

#include "die_f4.hpp"
#include "faults_f4.hpp"
#include "parts_f4.hpp"
#include "rules_f4.hpp"

namespace flashhost::machine::stm32 {
namespace {

constexpr NamedRegister registers[] = {{"DBGMCU_CR", 0xE0042004},
                                       {"DBGMCU_APB1_FZ", 0xE0042008},
                                       {"RCC_AHB1ENR", 0x40023830},
                                       {"FLASH_ACR", 0x40023C00},
                                       {"FLASH_CR", 0x40023C10}};

}  // namespace

ModelF4::ModelF4() : parts_(plain_parts(parts_f4())) {}

std::vector<std::string_view> ModelF4::rule_names() const {
  std::vector<std::string_view> names(rule_names_f4.begin(), rule_names_f4.end());
  names.insert(names.end(), std::begin(common_rule_names), std::end(common_rule_names));
  return names;
}

std::vector<FaultName> ModelF4::fault_names() const {
  return stm32::fault_names_f4();
}

std::span<const NamedRegister> ModelF4::tidy_registers() const {
  return registers;
}

std::unique_ptr<Die> ModelF4::make_die(const Part &part, const Wiring &wiring) const {
  return std::make_unique<DieF4>(own_part(parts_f4(), part), wiring);
}

}  // namespace flashhost::machine::stm32
