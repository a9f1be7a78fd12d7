#include "model_l4.hpp"

#include "die_l4.hpp"
#include "faults_l4.hpp"
#include "parts_l4.hpp"
#include "rules_l4.hpp"

namespace flashhost::machine::stm32 {
namespace {

// Of all series: on a part without one of them, it does not answer.
constexpr NamedRegister registers_l4[] = {{"DBGMCU_CR", 0xE0042004},
                                          {"DBGMCU_APB1FZR1", 0xE0042008},
                                          {"DBGMCU_CR of M0+", 0x40015804},
                                          {"DBGMCU_APB_FZ1 of M0+", 0x40015808},
                                          {"DBGMCU_APB1FZR1 of WB and WL", 0xE004203C},
                                          {"FLASH_ACR", 0x40022000},
                                          {"FLASH_CR", 0x40022014},
                                          {"FLASH_ACR of WB and WL", 0x58004000},
                                          {"FLASH_CR of WB and WL", 0x58004014}};

}  // namespace

ModelL4::ModelL4() : parts_(plain_parts(parts_l4())) {}

std::vector<std::string_view> ModelL4::rule_names() const {
  std::vector<std::string_view> names(rule_names_l4.begin(), rule_names_l4.end());
  names.insert(names.end(), std::begin(common_rule_names), std::end(common_rule_names));
  return names;
}

std::vector<FaultName> ModelL4::fault_names() const {
  return stm32::fault_names_l4();
}

std::span<const NamedRegister> ModelL4::tidy_registers() const {
  return registers_l4;
}

std::unique_ptr<Die> ModelL4::make_die(const Part &part, const Wiring &wiring) const {
  return std::make_unique<DieL4>(own_part(parts_l4(), part), wiring);
}

}  // namespace flashhost::machine::stm32
