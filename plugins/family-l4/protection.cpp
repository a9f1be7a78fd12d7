#include "l4.hpp"
#include "registers.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace l4 {

using namespace flashhost;

Protection protection(Probe &probe, const Chip &chip) {
  OptionWords words = read_options(probe, chip);
  words.front() = probe.read_word(facts_of(chip).flash + flash_optr);  // what is in force
  Protection found;
  found.read = read_protected(words);
  found.permanent = is_final(words);
  found.write = write_protected(chip, words);
  if (found.read) {
    found.detail = fmt::format("read protection is on (RDP level {}, FLASH_OPTR {}); {}",
                               found.permanent ? 2 : 1, hex(words.front()), shut);
  }
  if (!found.write.empty()) {
    found.detail += fmt::format(
        "{}{} is on", found.detail.empty() ? "" : "; ",
        proprietary(chip, words) ? "proprietary code protection (PCROP)" : "write protection");
  }
  if (const MemoryRange others = second_core_range(chip); others.size != 0) {
    found.write.push_back(others);
    found.detail += fmt::format("{}{} belongs to the second core (CPU2)",
                                found.detail.empty() ? "" : "; ", format_range(others));
  }
  return found;
}

void unprotect(Host &host, Probe &probe, const Chip &chip, const Protection &found) {
  if (!found.any()) return;
  if (found.read) host.warning("taking the read protection off erases the whole flash");
  write_options(host, probe, chip, without_protection(chip, read_options(probe, chip)));
}

}  // namespace l4
