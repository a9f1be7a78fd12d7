#include "faults_l4.hpp"

namespace flashhost::machine::stm32 {
namespace {

using Text = std::string_view;

constexpr FaultRow<StmFaults> rows_l4[] = {
    {{"torn_word", "address",
      "this double word of flash was cut short: its content is undefined and its ECC wrong"},
     [](StmFaults &f, Text n, Text v) { f.torn_words.push_back(fault_number(n, v, 16)); }},
    {{"ecc_single", "address",
      "one bit of this double word of flash is wrong; its ECC corrects it"},
     [](StmFaults &f, Text n, Text v) { f.ecc_single.push_back(fault_number(n, v, 16)); }},
    {{"optverr", "", "FLASH_SR.OPTVERR is set by every reset (WB, WL)"},
     [](StmFaults &f, Text, Text) { f.option_error = true; }},
    {{"stale_pgserr", "", "as firmware may leave it: FLASH_SR.PGSERR is set"},
     [](StmFaults &f, Text, Text) { f.stale_sequence_error = true; }},
    {{"single_bank", "", "option bit DBANK, DB1M or DUALBANK = 0: one bank"},
     [](StmFaults &f, Text, Text) { f.single_bank = true; }},
    {{"swapped_banks", "", "option bit nSWAP_BANK = 0: bank 2 comes first (G0B1)"},
     [](StmFaults &f, Text, Text) { f.swapped_banks = true; }},
    {{"boot_bank2", "", "option bit BFB2 = 1: starts from bank 2 (L4, L4+, G4)"},
     [](StmFaults &f, Text, Text) { f.boot_bank2 = true; }},
    {{"read_protected_for_ever", "", "option byte RDP = 0xCC"},
     [](StmFaults &f, Text, Text) { f.read_protected_for_ever = true; }},
    {{"caches_on", "", "as firmware may leave it: caches and prefetch on, with old content"},
     [](StmFaults &f, Text, Text) { f.caches_on = true; }},
    {{"launch_unanswered", "",
      "the access that sets FLASH_CR.OBL_LAUNCH fails, as the reset comes before its end"},
     [](StmFaults &f, Text, Text) { f.launch_unanswered = true; }},
    {{"secure_from", "page", "from this page on the flash belongs to the second core (WB, WL)"},
     [](StmFaults &f, Text n, Text v) { f.secure_from = fault_number(n, v, 10); }},
    {{"suspended", "ms", "the second core suspends all flash operations for this time (WB, WL)"},
     [](StmFaults &f, Text n, Text v) {
       f.suspended = fault_duration(n, v, ticks_per_millisecond);
     }},
};

void need_l4(bool fits, std::string_view fault) {
  if (!fits) refuse_fault(fault, "this part cannot have it");
}

}  // namespace

StmFaults parse_faults_l4(const std::vector<std::string> &faults, const PartL4 &part) {
  StmFaults result = parse_faults(faults, rows_l4);
  const LineL4 &line = *part.line;
  const bool two_cores = line.series.second_core();
  const bool has_ecc = line.series.ecc != EccUnit::none;
  const auto in_flash = [&](std::uint32_t address) {
    return address - flash_base < part.flash_size;
  };
  need_l4(result.torn_words.empty() || has_ecc, "torn_word");
  need_l4(std::ranges::all_of(result.torn_words, in_flash), "torn_word");
  need_l4(result.ecc_single.empty() || has_ecc, "ecc_single");
  need_l4(std::ranges::all_of(result.ecc_single, in_flash), "ecc_single");
  need_l4(!result.single_bank || part.dual_option != 0, "single_bank");
  need_l4(!result.swapped_banks || (line.swaps && part.two_banks), "swapped_banks");
  need_l4(!result.boot_bank2 || (part.two_banks && !line.swaps && !result.single_bank),
          "boot_bank2");
  need_l4(!result.caches_on || line.series.core == CoreKind::cortex_m4, "caches_on");
  need_l4(!result.secure_from || two_cores, "secure_from");
  need_l4(!result.suspended || two_cores, "suspended");
  need_l4(!result.option_error || two_cores, "optverr");
  return result;
}

std::vector<FaultName> fault_names_l4() {
  return fault_names(rows_l4);
}

}  // namespace flashhost::machine::stm32
