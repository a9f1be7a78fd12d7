#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace f1 {

using namespace flashhost;

namespace {

// On the F1 only.
constexpr std::uint32_t automatic_size = 4096;  // pages 0 to 3 of 1 KiB, 0 and 1 of 2 KiB

}  // namespace

Protection protection(Probe &probe, const Chip &chip) {
  Protection found;
  const std::uint32_t obr = probe.read_word(flash_obr);
  const std::uint32_t wrpr = probe.read_word(flash_wrpr);
  const bool levels = facts_of(line_of(chip).series).levels;
  found.read = (obr & (levels ? obr_level2 : obr_rdprt)) != 0;
  found.permanent = levels && (obr & obr_level2) == obr_level2;
  found.write = write_protected(chip, wrpr);
  const bool by_option_bytes = !found.write.empty();
  if (found.read) {
    found.detail = fmt::format("read protection is on ({}FLASH_OBR {}{})",
                               !levels           ? ""
                               : found.permanent ? "RDP level 2, "
                                                 : "RDP level 1, ",
                               hex(obr), (obr & obr_opterr) != 0 ? ", option bytes damaged" : "");
    if (!by_option_bytes && !levels) {
      found.write.push_back({chip.flash.address, std::min(automatic_size, chip.flash.size)});
    }
  }
  if (by_option_bytes) {
    found.detail += fmt::format("{}write protection is on (FLASH_WRPR {})",
                                found.detail.empty() ? "" : ", ", hex(wrpr));
  }
  return found;
}

void unprotect(Host &host, Probe &probe, const Chip &chip, const Protection &found) {
  if (!found.any()) return;
  if (found.read) host.warning("taking the read protection off erases the whole flash");
  write_options(host, probe, chip, without_protection(chip, read_options(probe)));
}

}  // namespace f1
