#include "faults.hpp"

#include "target.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace target_model {
namespace {

[[noreturn]] void refuse(std::string_view fault, std::string_view why) {
  throw std::invalid_argument("fault '" + std::string(fault) + "': " + std::string(why));
}

std::uint32_t number(std::string_view fault, std::string_view text, int base) {
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) refuse(fault, "not a number");
  return value;
}

double real(std::string_view fault, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) {
    refuse(fault, "not a positive number");
  }
  return value;
}

using Text = std::string_view;

struct Row {
  Text name;
  Text value;  // what stands behind '=', empty: nothing
  Text meaning;
  void (*apply)(Faults &, Text fault, Text value);
};

constexpr Row rows[] = {
    {"flash_size_register", "hex16", "the flash size register reads this (early silicon, clones)",
     [](Faults &f, Text n, Text v) {
       f.flash_size_register = static_cast<std::uint16_t>(number(n, v, 16));
     }},
    {"hsi_off", "", "at power-on the chip runs from HSE and HSI is off, as firmware may leave it",
     [](Faults &f, Text, Text) { f.hsi_off = true; }},
    {"iwdg", "ms",
     "at power-on the independent watchdog runs with this timeout, as firmware may leave it",
     [](Faults &f, Text n, Text v) {
       f.iwdg = static_cast<Ticks>(real(n, v) * static_cast<double>(ticks_per_millisecond));
     }},
    {"hardware_iwdg", "", "option byte WDG_SW = 0: the watchdog starts at every reset",
     [](Faults &f, Text, Text) { f.hardware_iwdg = true; }},
    {"write_protected", "page",
     "option bytes protect the unit with this page or sector (number from 0)",
     [](Faults &f, Text n, Text v) { f.write_protected_pages.push_back(number(n, v, 10)); }},
    {"read_protected", "", "option byte RDP = 0xFF",
     [](Faults &f, Text, Text) { f.read_protected = true; }},
    {"stale_control_bits", "", "at power-on the FPEC is unlocked with PG and PER set",
     [](Faults &f, Text, Text) { f.stale_control_bits = true; }},
    {"stale_errors", "", "at power-on FLASH_SR has PGERR, WRPRTERR and EOP set",
     [](Faults &f, Text, Text) { f.stale_errors = true; }},
    {"fpec_locked_until_reset", "",
     "at power-on a wrong key has locked the FPEC until the next reset",
     [](Faults &f, Text, Text) { f.fpec_locked_until_reset = true; }},
    {"nrst_not_wired", "", "the probe's reset wire ends in the air",
     [](Faults &f, Text, Text) { f.nrst_not_wired = true; }},
    {"dpidr", "hex", "the debug port's id (clones: 2BA01477)",
     [](Faults &f, Text n, Text v) { f.dpidr = number(n, v, 16); }},
    {"dma_writes", "", "at power-on DMA1 channel 1 writes samples round and round into SRAM",
     [](Faults &f, Text, Text) { f.dma_writes = true; }},
    {"flash_time", "maximum | <n>x", "operations take the datasheet's maximum, or n times that",
     [](Faults &f, Text n, Text v) {
       if (v == "maximum") {
         f.flash_time = 1;
       } else if (v.ends_with('x')) {
         f.flash_time = real(n, v.substr(0, v.size() - 1));
       } else {
         refuse(n, "expects 'maximum' or a factor like '4x'");
       }
     }},
    {"stuck_busy", "", "flash operations never end",
     [](Faults &f, Text, Text) { f.stuck_busy = true; }},
    {"bad_cell", "address", "bit 0 of this halfword of flash does not take a zero",
     [](Faults &f, Text n, Text v) { f.bad_cell = number(n, v, 16); }},
    {"bad_erase", "address", "the word at this address of flash keeps its content when erased",
     [](Faults &f, Text n, Text v) { f.bad_erase = number(n, v, 16); }},
    {"bad_sram", "address", "bit 0 of this byte of SRAM is stuck at 1",
     [](Faults &f, Text n, Text v) { f.bad_sram = number(n, v, 16); }},
    {"voltage", "mV", "VDD of the target",
     [](Faults &f, Text n, Text v) { f.voltage = number(n, v, 10); }},
    {"vapp_not_wired", "", "the probe's measuring input ends in the air: it reads 0 V",
     [](Faults &f, Text, Text) { f.vapp_not_wired = true; }},
    {"wrong_id", "", "DBGMCU_IDCODE reads 0x20000411, an F2's, as on the first F405 and F407",
     [](Faults &f, Text, Text) { f.wrong_id = true; }},
    {"dual_bank", "", "option bit DB1M = 1: 1 MiB of flash in two banks (F42x, F43x, F469, F479)",
     [](Faults &f, Text, Text) { f.dual_bank = true; }},
    {"boot_bank2", "", "option bit BFB2 = 1: starts from bank 2 (F42x, F43x, F469, F479)",
     [](Faults &f, Text, Text) { f.boot_bank2 = true; }},
    {"read_protected_for_ever", "", "option byte RDP = 0xCC (F4)",
     [](Faults &f, Text, Text) { f.read_protected_for_ever = true; }},
};

}  // namespace

Faults parse_faults(const std::vector<std::string> &faults) {
  Faults result;
  for (const std::string &fault : faults) {
    const std::size_t equals = fault.find('=');
    const Text name = Text(fault).substr(0, equals);
    const Text value = equals == std::string::npos ? Text() : Text(fault).substr(equals + 1);
    const Row *found = nullptr;
    for (const Row &row : rows) {
      if (row.name == name) found = &row;
    }
    if (found == nullptr) refuse(fault, "the simulator knows no such fault");
    if (found->value.empty() != value.empty()) {
      refuse(fault, found->value.empty() ? "takes no value" : "needs a value");
    }
    found->apply(result, fault, value);
  }
  return result;
}

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const Row &row : rows) {
    names.push_back(row.value.empty() ? std::string(row.name)
                                      : std::string(row.name) + "=" + std::string(row.value));
  }
  return names;
}

}  // namespace target_model
