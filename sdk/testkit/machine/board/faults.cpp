#include "board/faults.hpp"

#include "system/nvic.hpp"

#include <string_view>
#include <utility>

namespace flashhost::machine {
namespace {

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

constexpr FaultRow<Faults> rows[] = {
    {{"systick", "us",
      "as firmware may leave it: SysTick runs with this period, its interrupt enabled"},
     [](Faults &f, Text n, Text v) { f.systick = fault_duration(n, v, ticks_per_microsecond); }},
    {{"interrupt", "n",
      "as firmware may leave it: external interrupt n is enabled, a peripheral holds its line"},
     [](Faults &f, Text n, Text v) {
       f.interrupt = fault_number(n, v, 10);
       if (*f.interrupt >= exception::count - exception::irq0) refuse_fault(n, "no such interrupt");
     }},
    {{"left_halted", "state", "an earlier debugger has left the core halted in this state"},
     [](Faults &f, Text n, Text v) { f.left_halted = fault_choice(n, v, left_halted_states); }},
    {{"nrst_not_wired", "", "the probe's reset wire is not connected"},
     [](Faults &f, Text, Text) { f.nrst_not_wired = true; }},
    {{"dpidr", "hex", "the debug port's id (clones: 2BA01477)"},
     [](Faults &f, Text n, Text v) { f.dpidr = fault_number(n, v, 16); }},
    {{"bad_sram", "address", "bit 0 of this byte of SRAM is stuck at 1"},
     [](Faults &f, Text n, Text v) { f.bad_sram = fault_number(n, v, 16); }},
    {{"voltage", "mV", "VDD of the target"},
     [](Faults &f, Text n, Text v) { f.voltage = fault_number(n, v, 10); }},
    {{"vapp_not_wired", "", "the probe's voltage input is not connected: it reads 0 V"},
     [](Faults &f, Text, Text) { f.vapp_not_wired = true; }},
    {{"asleep", "wfi | stop | standby", "as firmware may leave it: the core sleeps"},
     [](Faults &f, Text n, Text v) { f.asleep = fault_choice(n, v, sleeps); }},
    {{"lockup", "", "as firmware may leave it: the core is in lockup"},
     [](Faults &f, Text, Text) { f.lockup = true; }},
    {{"reset_loop", "us", "the firmware resets the chip so long after each of its starts"},
     [](Faults &f, Text n, Text v) { f.reset_loop = fault_duration(n, v, ticks_per_microsecond); }},
    {{"mpu", "", "as firmware may leave it: MPU regions forbid execution and writing in SRAM"},
     [](Faults &f, Text, Text) { f.mpu = true; }},
    {{"power_loss_at", "N[:MS]",
      "the board loses its power in the middle of the N-th flash operation; with :MS it is back "
      "after so many milliseconds"},
     [](Faults &f, Text n, Text v) {
       const std::size_t colon = v.find(':');
       f.power_loss_at = fault_number(n, v.substr(0, colon), 10);
       if (f.power_loss_at == 0) refuse_fault(n, "operations are counted from 1");
       if (colon != Text::npos) {
         f.power_back_after = fault_duration(n, v.substr(colon + 1), ticks_per_millisecond);
       }
     }},
};

constexpr std::span<const FaultRow<Faults>> table = rows;

bool can_be_left(LeftHalted state, const Part &part) {
  if (part.core == CoreKind::cortex_m3 || part.core == CoreKind::cortex_m4) return true;
  switch (state) {
    case LeftHalted::thumb_clear:
    case LeftHalted::primask:
      return true;
    case LeftHalted::unprivileged:
      return part.core == CoreKind::cortex_m0_plus;
    default:
      return false;
  }
}

}  // namespace

Faults parse_faults(const std::vector<std::string> &faults, const Part &part) {
  Faults result;
  for (const std::string &fault : faults) {
    if (!apply_fault(table, result, fault)) result.of_the_chip.push_back(fault);
  }
  if (result.mpu && !part.mpu) refuse_fault("mpu", "this part cannot have it");
  if (result.left_halted && !can_be_left(*result.left_halted, part)) {
    refuse_fault("left_halted", "this part's core has no such state");
  }
  return result;
}

std::vector<FaultName> machine_fault_names() {
  std::vector<FaultName> names;
  add_names(names, table);
  return names;
}

}  // namespace flashhost::machine
