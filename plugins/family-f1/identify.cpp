#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/identify.hpp>

#include <algorithm>
#include <utility>

namespace f1 {

using namespace flashhost;

namespace {

// GD32F1x0, F3x0, E23x and VF103 answer as medium density but have a different layout of option
// bytes.
constexpr std::array<std::uint32_t, 4> other_families{0x1303, 0x1704, 0x1909, 0x1906};
constexpr const char *other_core = "its core is a Cortex-M0+ instead of a Cortex-M0";

}  // namespace

Identity identify(Series series, ProbeReader &probe) {
  const SeriesFacts &facts = facts_of(series);
  const stm32::Id id = stm32::read_id(probe, facts.cores);
  const auto line = std::ranges::find(lines(series), id.device, &Line::device_id);
  if (std::ranges::find(facts.cores, id.core) == facts.cores.end() || line == lines(series).end() ||
      std::ranges::find(other_families, id.revision) != other_families.end()) {
    return {{}, id.evidence};
  }
  Chip chip = make_chip(*line);
  chip.revision = id.revision;
  stm32::remark_clone(chip, probe, facts.debug_port, line->revisions(),
                      id.core == facts.cores.front() ? "" : other_core);
  stm32::Signature signature = stm32::read_signature(probe, facts.size_register, facts.unique_id);
  take_reported_size(probe, chip, signature.flash_kib, parts(series));
  const bool known = std::ranges::find(line->revisions(), id.revision) != line->revisions().end();
  if (!known && line->banks > 1) {
    chip.size_limit = {
        bank2_base - flash_base,
        "only the first 512 KiB are used: a GD32 of this size has pages of 4 KiB "
        "beyond them; --flash-size, or flash_size in [family] of the board file, overrides "
        "this"};
  }
  CommonPart common = common_part(parts(series), id.device, chip.flash.size, line->part_names);
  chip.name = std::move(common.name);
  chip.ram.size = common.ram_size;
  chip.unique_id = std::move(signature.unique_id);
  return {std::move(chip), id.evidence};
}

// The BOOT pins cannot be read through SWD: assumes that the chip boots from the flash.
void settle(ProbeReader &probe, Chip &chip) {
  const bool second = line_of(chip).banks > 1 && chip.flash.contains(bank2_base) &&
                      (read_surely(probe, flash_obr) & obr_bfb2) == 0;
  chip.boot_address = second ? bank2_base : flash_base;
}

}  // namespace f1
