#include "f4.hpp"
#include "registers.hpp"
#include "stm32-common/identity.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace f4 {

namespace {

using flashhost::Cause;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::MemoryRange;
using flashhost::Probe;
using flashhost::Protection;

constexpr const char *shut =
    "after a debugger was attached to a read-protected STM32F4 its flash stays shut until the "
    "board is power-cycled";

struct Options {
  std::uint32_t first = 0, second = 0;  // FLASH_OPTCR, FLASH_OPTCR1

  [[nodiscard]] std::uint32_t rdp() const { return (first & optcr_rdp) >> rdp_at; }
  [[nodiscard]] bool read_protected() const { return rdp() != rdp_level0; }
  [[nodiscard]] bool permanent() const { return rdp() == rdp_level2; }
};

Options read_options(flashhost::ProbeReader &probe, const Line &line) {
  Options options{probe.read_word(flash_optcr), 0};
  if (line.banks > 1) options.second = probe.read_word(flash_optcr1);
  return options;
}

bool proprietary(const Line &line, const Options &options) {
  return line.proprietary && (options.first & optcr_sprmod) != 0;
}

// Of a sector by its place: nWRP, which PCROP inverts. The F413's last two sectors share a bit.
bool is_protected(const Chip &chip, const Options &options, std::size_t index) {
  const std::size_t half = chip.sectors.size() / 2;
  const bool second_bank = banks_of(chip) == Banks::two && index >= half;
  const std::size_t bit = second_bank ? index - half : std::min<std::size_t>(index, 14);
  const std::uint32_t word = second_bank ? options.second : options.first;
  const bool set = ((word >> (nwrp_at + bit)) & 1U) != 0;
  return set == proprietary(line_of(chip), options);
}

std::vector<MemoryRange> protected_ranges(const Chip &chip, const Options &options) {
  std::vector<MemoryRange> ranges;
  for (std::size_t i = 0; i < chip.sectors.size(); ++i) {
    if (!is_protected(chip, options, i)) continue;
    const MemoryRange range = chip.sectors[i].range();
    if (!ranges.empty() && ranges.back().end() == range.address) {
      ranges.back().size += range.size;
    } else {
      ranges.push_back(range);
    }
  }
  return ranges;
}

void write_options(flashhost::Host &host, Probe &probe, const Chip &chip, const Options &options) {
  const bool taken = stm32::write_key(probe, flash_optkeyr, option_key1) &&
                     stm32::write_key(probe, flash_optkeyr, option_key2);
  if (!taken || (probe.read_word(flash_optcr) & optcr_lock) != 0) {
    throw Error(Errc::target, "the option bytes stay locked after their keys",
                "A wrong key sequence locks them until the next reset. Power-cycle the board and "
                "try again.")
        .see(Cause::controller_locked);
  }
  if (line_of(chip).banks > 1) probe.write_word(flash_optcr1, options.second);
  probe.write_word(flash_optcr, options.first);
  probe.write_word(flash_optcr, options.first | optcr_strt);
  // Taking read protection off erases the whole flash first.
  const std::uint32_t status =
      wait_idle(host, probe, chip.mass_erase_maximum + chip.sectors.front().erase_maximum,
                "programming the option bytes");
  probe.write_word(flash_optcr, options.first | optcr_lock);
  if ((status & sr_errors) == 0) return;
  throw Error(Errc::flash, fmt::format("programming the option bytes failed: {}", explain(status)),
              "Run with unlock = true again before the board is used.")
      .see(Cause::write_protection);
}

bool answers(Probe &probe, const Chip &chip) {
  return stm32::read_if_there(probe, chip.flash.address).has_value();
}

}  // namespace

Protection protection(Probe &probe, const Chip &chip) {
  const Line &line = line_of(chip);
  const Options options = read_options(probe, line);
  Protection found;
  found.read = options.read_protected();
  found.permanent = options.permanent();
  found.write = protected_ranges(chip, options);
  if (found.read) {
    found.detail = fmt::format("read protection is on (RDP level {}, FLASH_OPTCR {}); {}",
                               found.permanent ? 2 : 1, hex(options.first), shut);
  }
  if (!found.write.empty()) {
    found.detail += fmt::format(
        "{}{} is on ({} {})", found.detail.empty() ? "" : "; ",
        proprietary(line, options) ? "proprietary code protection (PCROP)" : "write protection",
        line.banks > 1 ? "FLASH_OPTCR and FLASH_OPTCR1" : "FLASH_OPTCR",
        line.banks > 1 ? fmt::format("{} and {}", hex(options.first), hex(options.second))
                       : hex(options.first));
  }
  return found;
}

void unprotect(flashhost::Host &host, Probe &probe, const Chip &chip, const Protection &found) {
  if (!found.any()) return;
  const Line &line = line_of(chip);
  Options options = read_options(probe, line);
  if (options.permanent()) {
    throw Error(Errc::locked, "RDP level 2 is final: the option bytes cannot be changed any more",
                "The chip has to be replaced.")
        .see(Cause::read_protection);
  }
  if (proprietary(line, options)) {
    throw Error(Errc::locked,
                "sectors are protected as proprietary code (PCROP), which flashhost does not lift",
                "It goes away when read protection is set to level 1 and taken off again, which "
                "erases everything.")
        .see(Cause::write_protection);
  }
  if (found.read) host.warning("taking the read protection off erases the whole flash");
  flashhost::UndoLog undo;
  prepare(host, probe, chip, undo);
  options.first &= ~(optcr_lock | optcr_strt | optcr_rdp);
  options.first |= rdp_level0 << rdp_at | std::uint32_t{line.nwrp} << nwrp_at;
  options.second |= std::uint32_t{line.nwrp} << nwrp_at;
  host.info("writing the option bytes: FLASH_OPTCR {}", hex(options.first));
  write_options(host, probe, chip, options);
  static_cast<void>(flashhost::cortex_m::reset_and_halt(probe));
  const std::string left = flashhost::cortex_m::restore(probe, undo, true);
  if (!left.empty()) host.warning("after writing the option bytes: {}", left);
  const Protection now = protection(probe, chip);
  if (now.any()) {
    throw Error(Errc::locked,
                "the option bytes were rewritten and the chip was reset, but " + now.detail,
                "Power-cycle the board, then run flashhost again.")
        .see(Cause::read_protection);
  }
  if (answers(probe, chip)) return;
  throw Error(
      Errc::locked,
      fmt::format("the read protection was taken off and the flash is erased, but {}", shut),
      "Take the supply off the board and the probe, wait a second, then run flashhost "
      "again.")
      .see(Cause::read_protection);
}

std::uint32_t boot_address(flashhost::ProbeReader &probe, const Chip &chip) {
  // The BOOT pins cannot be read through SWD: what is flashed is taken as what is to boot.
  if (banks_of(chip) == Banks::one) return chip.flash.address;
  const bool tries_second = (probe.read_word(flash_optcr) & optcr_bfb2) != 0;
  const std::uint32_t second = chip.flash.address + chip.flash.size / 2;
  if (!tries_second) return chip.flash.address;
  // The bootloader goes there only when the first word could be a stack pointer.
  constexpr std::uint32_t region = 0xFF000000;
  const auto stack = stm32::read_if_there(probe, second);
  const bool program = stack && ((*stack & region) == ram_base || (*stack & region) == ccm_base);
  return program ? second : chip.flash.address;
}

}  // namespace f4
