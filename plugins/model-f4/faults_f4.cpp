#include "faults_f4.hpp"

namespace flashhost::machine::stm32 {
namespace {

using Text = std::string_view;

constexpr FaultRow<StmFaults> rows[] = {
    {{"wrong_id", "", "DBGMCU_IDCODE reads 0x20000411, an F2's, as on the first F405 and F407"},
     [](StmFaults &f, Text, Text) { f.wrong_id = true; }},
    {{"dual_bank", "", "option bit DB1M = 1: 1 MiB of flash in two banks (F42x, F43x, F469, F479)"},
     [](StmFaults &f, Text, Text) { f.dual_bank = true; }},
    {{"boot_bank2", "", "option bit BFB2 = 1: starts from bank 2 (F42x, F43x, F469, F479)"},
     [](StmFaults &f, Text, Text) { f.boot_bank2 = true; }},
    {{"read_protected_for_ever", "", "option byte RDP = 0xCC (F4)"},
     [](StmFaults &f, Text, Text) { f.read_protected_for_ever = true; }},
    {{"caches_on", "", "as firmware may leave it: caches and prefetch on, with old content (F4)"},
     [](StmFaults &f, Text, Text) { f.caches_on = true; }},
    {{"erased_only", "", "as clones may do: only erased bytes can be programmed, else PGSERR (F4)"},
     [](StmFaults &f, Text, Text) { f.erased_only = true; }},
};

void need(bool fits, std::string_view fault) {
  if (!fits) refuse_fault(fault, "this part cannot have it");
}

}  // namespace

StmFaults parse_faults_f4(const std::vector<std::string> &faults, const StmPart &part) {
  constexpr std::uint16_t f405 = 0x413;
  constexpr std::uint16_t always_dual = 2048;  // KiB
  StmFaults result = parse_faults(faults, rows);
  need(!result.wrong_id || part.device_id == f405, "wrong_id");
  need(!result.dual_bank || (part.two_banks && part.flash_kib() < always_dual), "dual_bank");
  need(!result.boot_bank2 || part.two_banks, "boot_bank2");
  return result;
}

std::vector<FaultName> fault_names_f4() {
  return fault_names(rows);
}

}  // namespace flashhost::machine::stm32
