#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace f4 {

using namespace flashhost;

Protection protection(Probe &probe, const Chip &chip) {
  const Line &line = line_of(chip);
  const OptionWords words = read_options(probe, chip);
  const bool two_registers = line.banks > 1;
  Protection found;
  found.read = read_protected(words);
  found.permanent = is_final(words);
  found.write = write_protected(chip, words);
  if (found.read) {
    found.detail = fmt::format("read protection is on (RDP level {}, FLASH_OPTCR {}); {}",
                               found.permanent ? 2 : 1, hex(words.front()), shut);
  }
  if (!found.write.empty()) {
    found.detail += fmt::format(
        "{}{} is on ({} {})", found.detail.empty() ? "" : "; ",
        proprietary(chip, words) ? "proprietary code protection (PCROP)" : "write protection",
        two_registers ? "FLASH_OPTCR and FLASH_OPTCR1" : "FLASH_OPTCR",
        two_registers ? fmt::format("{} and {}", hex(words.front()), hex(words.back()))
                      : hex(words.front()));
  }
  return found;
}

void unprotect(Host &host, Probe &probe, const Chip &chip, const Protection &found) {
  if (!found.any()) return;
  if (found.read) host.warning("taking the read protection off erases the whole flash");
  write_options(host, probe, chip, without_protection(chip, read_options(probe, chip)));
}

}  // namespace f4
