#include "faults.hpp"

namespace flashhost::machine::stm32 {
namespace {

using Text = std::string_view;

constexpr FaultRow<StmFaults> rows[] = {
    {{"flash_size_register", "hex16", "the flash size register reads this (early silicon, clones)"},
     [](StmFaults &f, Text n, Text v) {
       f.flash_size_register = static_cast<std::uint16_t>(fault_number(n, v, 16));
     }},
    {{"hsi_off", "", "as firmware may leave it: the chip runs from HSE, and HSI is off"},
     [](StmFaults &f, Text, Text) { f.hsi_off = true; }},
    {{"iwdg", "ms", "as firmware may leave it: the independent watchdog runs with this time"},
     [](StmFaults &f, Text n, Text v) { f.iwdg = fault_duration(n, v, ticks_per_millisecond); }},
    {{"wwdg", "ms",
      "as firmware may leave it: the window watchdog runs with this time; only its end may feed "
      "it"},
     [](StmFaults &f, Text n, Text v) { f.wwdg = fault_duration(n, v, ticks_per_millisecond); }},
    {{"hardware_iwdg", "", "option byte WDG_SW = 0: the watchdog starts at every reset"},
     [](StmFaults &f, Text, Text) { f.hardware_iwdg = true; }},
    {{"write_protected", "page",
      "option bytes protect the unit with this page or sector (number from 0)"},
     [](StmFaults &f, Text n, Text v) {
       f.write_protected_pages.push_back(fault_number(n, v, 10));
     }},
    {{"read_protected", "", "option byte RDP = 0xFF"},
     [](StmFaults &f, Text, Text) { f.read_protected = true; }},
    {{"stale_control_bits", "",
      "as firmware may leave it: the flash controller is unlocked, with PG, PER or SER, MER, SNB "
      "and PSIZE set"},
     [](StmFaults &f, Text, Text) { f.stale_control_bits = true; }},
    {{"stale_errors", "", "as firmware may leave it: FLASH_SR has its error bits and EOP set"},
     [](StmFaults &f, Text, Text) { f.stale_errors = true; }},
    {{"fpec_locked_until_reset", "",
      "as firmware may leave it: a wrong key has locked the flash controller until the next reset"},
     [](StmFaults &f, Text, Text) { f.fpec_locked_until_reset = true; }},
    {{"revision", "hex16", "the revision field of DBGMCU_IDCODE"},
     [](StmFaults &f, Text n, Text v) { f.revision = fault_number(n, v, 16) & 0xFFFF; }},
    {{"dma_writes", "[=address]",
      "as firmware may leave it: DMA writes samples round and round into all of the SRAM, or 16 of "
      "them at this address"},
     [](StmFaults &f, Text n, Text v) {
       f.dma_writes = true;
       if (!v.empty()) f.dma_address = fault_number(n, v, 16);
     }},
    {{"swd_pins_off", "", "as firmware may leave it: the pins of SWD are GPIO"},
     [](StmFaults &f, Text, Text) { f.swd_pins_off = true; }},
    {{"crc_unit_dead", "", "the CRC unit is missing (clones): its registers read 0"},
     [](StmFaults &f, Text, Text) { f.crc_unit_dead = true; }},
};

constexpr StmFaultRows of_any_flash = flash_fault_rows<StmFaults>;

}  // namespace

StmFaults parse_faults(const std::vector<std::string> &faults, StmFaultRows of_series) {
  StmFaults result;
  for (const std::string &fault : faults) {
    const bool known = apply_fault(StmFaultRows(rows), result, fault) ||
                       apply_fault(of_any_flash, result, fault) ||
                       apply_fault(of_series, result, fault);
    if (!known) refuse_fault(fault, "the model of this chip has no such fault");
  }
  return result;
}

std::vector<FaultName> fault_names(StmFaultRows of_series) {
  std::vector<FaultName> names;
  add_names(names, StmFaultRows(rows));
  add_names(names, of_any_flash);
  add_names(names, of_series);
  return names;
}

}  // namespace flashhost::machine::stm32
