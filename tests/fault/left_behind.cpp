#include "left_behind.hpp"

#include "firmware.hpp"
#include "sim_board.hpp"

#include <flashhost/cortex_m.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>

namespace flashhost::testing {

namespace {

using namespace std::chrono_literals;
using machine::Ack;
using machine::NamedRegister;

constexpr NamedRegister of_the_core[] = {
    {"DHCSR", cortex_m::dhcsr}, {"DEMCR", cortex_m::demcr}, {"FP_CTRL", cortex_m::fp_ctrl}};
constexpr std::uint32_t f1_flash_cr2 = 0x40022050;  // reads 0 where there is one bank

// After a reset the clocks are those that a reset leaves.
constexpr std::uint32_t f1_ahbenr_reset = 0x14, f4_ahb1enr_reset = 0x00100000;
constexpr std::uint32_t f1_locked = 0x80, f4_locked = 0x80000000, l4_locked = 0xC0000000;

// Reset values with a controller of the L4 type: value lines of G0, L4 and WB, other G0, G4. Of F1
// and F4 it is 0, which would leave the caches of an L4 off.
constexpr std::uint32_t l4_acr_resets[] = {0x200, 0x600, 0x40200, 0x40601};

// A job that programs an empty chip tells it that it is not empty any more; where read protection
// was lifted, the chip has found out that it is empty. Where it still counts as empty a job that
// failed leaves the caches off: an undo step could not know EMPTY, which is in the same register.
bool l4_acr_is_in_order(std::uint32_t now, std::uint32_t before, bool blank) {
  constexpr std::uint32_t empty = 1U << 16, caches = 0x700;
  if ((now & before & empty) != 0 && now == (before & ~caches)) return true;
  if ((now & ~before & empty) != 0 && !blank) return false;
  const std::uint32_t rest = now & ~empty;
  return rest == (before & ~empty) ||
         std::ranges::find(l4_acr_resets, rest) != std::end(l4_acr_resets);
}

// What the flash of the board is.
struct Flash {
  bool l4_type = false;
  bool blank = false;
};

bool is_in_order(const std::string &name, std::uint32_t now, std::uint32_t before,
                 const Flash &flash) {
  if (name == "FLASH_CR2") return now == f1_locked || now == 0;
  if (name.starts_with("FLASH_CR")) {
    return now == f1_locked || now == f4_locked || now == l4_locked;
  }
  if (name == "DEMCR") return now == (before & ~cortex_m::demcr_vc_corereset);
  if (name == "FP_CTRL") return (now & 1) == (before & 1);
  if (name == "RCC_AHBENR") return now == before || now == f1_ahbenr_reset;
  if (name == "RCC_AHB1ENR") return now == before || now == f4_ahb1enr_reset || now == 0;
  if (name.starts_with("FLASH_ACR")) {
    return flash.l4_type ? l4_acr_is_in_order(now, before, flash.blank) : now == before || now == 0;
  }
  return now == before;
}

}  // namespace

Registers read_registers(machine::Target &target) {
  Registers registers;
  const auto look = [&](const char *name, std::uint32_t address) {
    if (const auto value = bench::read_word(target, address)) registers[name] = *value;
  };
  if (target.connect() != Ack::ok) return registers;
  for (const NamedRegister &entry : of_the_core) look(entry.name, entry.address);
  for (const NamedRegister &entry : target.tidy_registers()) look(entry.name, entry.address);
  const bool f1 = registers.contains("RCC_AHBENR");
  if (f1) look("FLASH_CR2", f1_flash_cr2);
  return registers;
}

std::string interrupt_masks(machine::Target &target) {
  constexpr std::uint32_t masks_register = 20;  // CONTROL, FAULTMASK, BASEPRI, PRIMASK
  const auto write = [&](std::uint32_t address, std::uint32_t value) {
    static_cast<void>(target.write(address, 4, value));
  };
  write(cortex_m::dhcsr, cortex_m::dhcsr_key | cortex_m::dhcsr_debugen | cortex_m::dhcsr_halt);
  target.advance(1ms);
  write(cortex_m::dcrsr, masks_register);
  const std::uint32_t masks = bench::read_word(target, cortex_m::dcrdr).value_or(0) & 0x00FFFFFF;
  write(cortex_m::dhcsr, cortex_m::dhcsr_key | cortex_m::dhcsr_debugen);
  write(cortex_m::dhcsr, cortex_m::dhcsr_key);
  return masks == 0 ? "" : fmt::format("interrupts are masked ({:#08x}); ", masks);
}

std::string left_behind(machine::Target &target, const Registers &before, ResetAfter reset) {
  const Registers now = read_registers(target);
  const bool l4_type = std::ranges::any_of(now, [](const auto &entry) {
    return entry.first.starts_with("FLASH_CR") && entry.second == l4_locked;
  });
  const Flash flash{l4_type, bench::read_word(target, flash_base) == 0xFFFFFFFF};
  std::string text;
  for (const auto &[name, value] : before) {
    if (name == "DHCSR") continue;
    const auto found = now.find(name);
    if (found == now.end()) {
      text += name + " does not answer; ";
    } else if (!is_in_order(name, found->second, value, flash)) {
      text += fmt::format("{} is {:#010x}, was {:#010x}; ", name, found->second, value);
    }
  }
  if (!now.contains("DHCSR")) return text + "the core does not answer";
  constexpr std::uint32_t in_hand = cortex_m::dhcsr_debugen | cortex_m::dhcsr_s_halt;
  const std::uint32_t core = now.at("DHCSR") & in_hand;
  if (core != (reset == ResetAfter::run ? 0 : in_hand)) {
    text += fmt::format("the core is not where it should be: DHCSR {:#010x}; ", now.at("DHCSR"));
  }
  return text;
}

}  // namespace flashhost::testing
