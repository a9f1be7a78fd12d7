#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace f4 {

using namespace flashhost;

namespace {

constexpr const char *shut =
    "after a debugger was attached to a read-protected STM32F4 its flash stays shut until the "
    "board is power-cycled";

struct Options {
  std::uint32_t first = 0, second = 0;  // FLASH_OPTCR, FLASH_OPTCR1

  [[nodiscard]] std::uint32_t rdp() const { return (first & optcr_rdp) >> rdp_at; }
  [[nodiscard]] bool read_protected() const { return rdp() != rdp_level0; }
  [[nodiscard]] bool permanent() const { return rdp() == rdp_level2; }
};

Options read_options(ProbeReader &probe, const Line &line) {
  Options options{probe.read_word(flash_optcr), 0};
  if (line.banks > 1) options.second = probe.read_word(flash_optcr1);
  return options;
}

bool proprietary(const Line &line, const Options &options) {
  return line.proprietary && (options.first & optcr_sprmod) != 0;
}

// By nWRP, whose meaning PCROP inverts. The F413's last two sectors share a bit.
bool is_protected(const Chip &chip, const Options &options, const Sector &sector) {
  constexpr std::uint32_t in_bank = 0xF, last_bit = 14;
  const std::uint32_t number = sector_number(chip, sector.address);
  const std::uint32_t word = number > in_bank ? options.second : options.first;
  const bool set = ((word >> (nwrp_at + std::min(number & in_bank, last_bit))) & 1U) != 0;
  return set == proprietary(line_of(chip), options);
}

std::vector<MemoryRange> protected_ranges(const Chip &chip, const Options &options) {
  std::vector<MemoryRange> ranges;
  for (const Sector &sector : chip.sectors) {
    if (is_protected(chip, options, sector)) add_range(ranges, sector.range());
  }
  return ranges;
}

void write_options(Host &host, Probe &probe, const Chip &chip, const Options &options) {
  unlock(probe, {"the register of the option bytes",
                 "FLASH_OPTCR",
                 flash_optcr,
                 optcr_lock,
                 flash_optkeyr,
                 {option_key1, option_key2},
                 ~(optcr_lock | optcr_strt)});
  if (line_of(chip).banks > 1) probe.write_word(flash_optcr1, options.second);
  probe.write_word(flash_optcr, options.first);
  probe.write_word(flash_optcr, options.first | optcr_strt);
  // Taking read protection off erases the whole flash first.
  const std::uint32_t status = wait_idle(
      host, probe, chip, flash_base, chip.mass_erase_maximum + chip.sectors.front().erase_maximum,
      "programming the option bytes");
  probe.write_word(flash_optcr, options.first | optcr_lock);
  if ((status & sr_errors) == 0) return;
  throw Error(Errc::flash,
              "programming the option bytes failed: " + explain_status(chip, flash_base, status),
              "Run with unlock = true again before the board is used.")
      .see(Cause::write_protection);
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

void unprotect(Host &host, Probe &probe, const Chip &chip, const Protection &found) {
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
  options.first &= ~(optcr_lock | optcr_strt | optcr_rdp);
  options.first |= rdp_level0 << rdp_at | std::uint32_t{line.nwrp} << nwrp_at;
  options.second |= std::uint32_t{line.nwrp} << nwrp_at;
  host.info("writing the option bytes: FLASH_OPTCR {}", hex(options.first));
  write_options(host, probe, chip, options);
  static_cast<void>(cortex_m::reset_and_halt(probe));
  if (read_options(probe, line).read_protected() || read_if_there(probe, flash_base)) return;
  throw Error(
      Errc::locked,
      fmt::format("the read protection was taken off and the flash is erased, but {}", shut),
      "Take the supply off the board and the probe, wait a second, then run flashhost again.")
      .see(Cause::read_protection);
}

}  // namespace f4
