#include "system/nvic.hpp"

#include <flashhost/machine/faults.hpp>
#include <flashhost/machine/target.hpp>

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flashhost::machine {
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

Ticks duration(std::string_view fault, std::string_view text, Ticks unit) {
  return static_cast<Ticks>(real(fault, text) * static_cast<double>(unit));
}

template <class Choice, std::size_t Count>
Choice choice(std::string_view fault, std::string_view text,
              const std::pair<std::string_view, Choice> (&choices)[Count]) {
  std::string names;
  for (const auto &[name, value] : choices) {
    if (name == text) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  refuse(fault, "expects one of: " + names);
}

constexpr std::pair<std::string_view, LeftHalted> left_halted_states[] = {
    {"handler", LeftHalted::handler},
    {"it_block", LeftHalted::it_block},
    {"multi_load", LeftHalted::multi_load},
    {"thumb_clear", LeftHalted::thumb_clear},
    {"unprivileged", LeftHalted::unprivileged},
    {"primask", LeftHalted::primask},
    {"faultmask", LeftHalted::faultmask},
    {"basepri", LeftHalted::basepri},
    {"vectclr", LeftHalted::vectclr}};
constexpr std::pair<std::string_view, Sleep> sleeps[] = {
    {"wfi", Sleep::wfi}, {"stop", Sleep::stop}, {"standby", Sleep::standby}};

using Text = std::string_view;

struct Row {
  Text name;
  Text value;  // what stands behind '='; empty: nothing; "[=...]": may be left out
  Text meaning;
  void (*apply)(Faults &, Text fault, Text value);
};

constexpr Row rows[] = {
    {"flash_size_register", "hex16", "the flash size register reads this (early silicon, clones)",
     [](Faults &f, Text n, Text v) {
       f.flash_size_register = static_cast<std::uint16_t>(number(n, v, 16));
     }},
    {"systick", "us",
     "as firmware may leave it: SysTick runs with this period, its interrupt enabled",
     [](Faults &f, Text n, Text v) { f.systick = duration(n, v, ticks_per_microsecond); }},
    {"interrupt", "n",
     "as firmware may leave it: external interrupt n is enabled, a peripheral holds its line",
     [](Faults &f, Text n, Text v) {
       f.interrupt = number(n, v, 10);
       if (*f.interrupt >= exception::count - exception::irq0) refuse(n, "no such interrupt");
     }},
    {"left_halted", "state", "an earlier debugger has left the core halted in this state",
     [](Faults &f, Text n, Text v) { f.left_halted = choice(n, v, left_halted_states); }},
    {"hsi_off", "", "as firmware may leave it: the chip runs from HSE, and HSI is off",
     [](Faults &f, Text, Text) { f.hsi_off = true; }},
    {"iwdg", "ms", "as firmware may leave it: the independent watchdog runs with this time",
     [](Faults &f, Text n, Text v) { f.iwdg = duration(n, v, ticks_per_millisecond); }},
    {"wwdg", "ms",
     "as firmware may leave it: the window watchdog runs with this time; only its end may feed it",
     [](Faults &f, Text n, Text v) { f.wwdg = duration(n, v, ticks_per_millisecond); }},
    {"hardware_iwdg", "", "option byte WDG_SW = 0: the watchdog starts at every reset",
     [](Faults &f, Text, Text) { f.hardware_iwdg = true; }},
    {"write_protected", "page",
     "option bytes protect the unit with this page or sector (number from 0)",
     [](Faults &f, Text n, Text v) { f.write_protected_pages.push_back(number(n, v, 10)); }},
    {"read_protected", "", "option byte RDP = 0xFF",
     [](Faults &f, Text, Text) { f.read_protected = true; }},
    {"stale_control_bits", "",
     "as firmware may leave it: the flash controller is unlocked, with PG, PER or SER, MER, SNB "
     "and PSIZE set",
     [](Faults &f, Text, Text) { f.stale_control_bits = true; }},
    {"stale_errors", "", "as firmware may leave it: FLASH_SR has its error bits and EOP set",
     [](Faults &f, Text, Text) { f.stale_errors = true; }},
    {"fpec_locked_until_reset", "",
     "as firmware may leave it: a wrong key has locked the flash controller until the next reset",
     [](Faults &f, Text, Text) { f.fpec_locked_until_reset = true; }},
    {"nrst_not_wired", "", "the probe's reset wire ends in the air",
     [](Faults &f, Text, Text) { f.nrst_not_wired = true; }},
    {"dpidr", "hex", "the debug port's id (clones: 2BA01477)",
     [](Faults &f, Text n, Text v) { f.dpidr = number(n, v, 16); }},
    {"revision", "hex16", "the revision field of DBGMCU_IDCODE",
     [](Faults &f, Text n, Text v) { f.revision = number(n, v, 16) & 0xFFFF; }},
    {"dma_writes", "[=address]",
     "as firmware may leave it: DMA writes samples round and round into all of the SRAM, or 16 of "
     "them at this address",
     [](Faults &f, Text n, Text v) {
       f.dma_writes = true;
       if (!v.empty()) f.dma_address = number(n, v, 16);
     }},
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
    {"asleep", "wfi | stop | standby", "as firmware may leave it: the core sleeps",
     [](Faults &f, Text n, Text v) { f.asleep = choice(n, v, sleeps); }},
    {"swd_pins_off", "", "as firmware may leave it: the pins of SWD are GPIO",
     [](Faults &f, Text, Text) { f.swd_pins_off = true; }},
    {"lockup", "", "as firmware may leave it: the core is in lockup",
     [](Faults &f, Text, Text) { f.lockup = true; }},
    {"reset_loop", "us", "the firmware resets the chip so long after each of its starts",
     [](Faults &f, Text n, Text v) { f.reset_loop = duration(n, v, ticks_per_microsecond); }},
    {"mpu", "", "as firmware may leave it: MPU regions forbid execution and writing in SRAM",
     [](Faults &f, Text, Text) { f.mpu = true; }},
    {"caches_on", "", "as firmware may leave it: caches and prefetch on, with old content (F4)",
     [](Faults &f, Text, Text) { f.caches_on = true; }},
    {"crc_unit_dead", "", "the CRC unit is missing (clones): its registers read 0",
     [](Faults &f, Text, Text) { f.crc_unit_dead = true; }},
    {"power_loss_at", "N[:MS]",
     "the board loses its power in the middle of the N-th flash operation; with :MS it is back "
     "after so many milliseconds",
     [](Faults &f, Text n, Text v) {
       const std::size_t colon = v.find(':');
       f.power_loss_at = number(n, v.substr(0, colon), 10);
       if (f.power_loss_at == 0) refuse(n, "operations are counted from 1");
       if (colon != Text::npos) {
         f.power_back_after = duration(n, v.substr(colon + 1), ticks_per_millisecond);
       }
     }},
};

void check_part(const Faults &faults, const Part &part) {
  const auto need = [](bool fits, const char *fault) {
    if (!fits) refuse(fault, "not with this part");
  };
  constexpr std::uint16_t f405 = 0x413;
  constexpr std::uint32_t always_dual = 2048;  // KiB
  const bool f4 = part.series == Series::f4;
  need(!faults.wrong_id || part.device_id == f405, "wrong_id");
  need(!faults.dual_bank || (f4 && part.two_banks && part.flash_kib < always_dual), "dual_bank");
  need(!faults.boot_bank2 || (f4 && part.two_banks), "boot_bank2");
  need(!faults.read_protected_for_ever || f4, "read_protected_for_ever");
  need(!faults.caches_on || f4, "caches_on");
  need(!faults.mpu || has_mpu(part), "mpu");
}

}  // namespace

Faults parse_faults(const std::vector<std::string> &faults, const Part &part) {
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
    if (!found->value.starts_with('[') && found->value.empty() != value.empty()) {
      refuse(fault, found->value.empty() ? "takes no value" : "needs a value");
    }
    found->apply(result, fault, value);
  }
  check_part(result, part);
  return result;
}

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const Row &row : rows) {
    const bool plain = row.value.empty() || row.value.starts_with('[');
    names.push_back(std::string(row.name) + (plain ? "" : "=") + std::string(row.value));
  }
  return names;
}

}  // namespace flashhost::machine
