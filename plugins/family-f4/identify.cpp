#include "f4.hpp"
#include "registers.hpp"
#include "stm32-common/identity.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace f4 {

namespace {

using flashhost::Cause;
using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;

constexpr std::uint32_t device_id_mask = 0xFFF;
constexpr std::uint32_t cortex_m4 = 0xC24;
constexpr std::uint32_t st_debug_port = 0x2BA01477;
// The first F405 and F407 say they are an F2, which has a Cortex-M3.
constexpr std::uint32_t wrong_id = 0x411, f405_id = 0x413, f405_revision_a = 0x1000;

struct Identity {
  const Line *line = nullptr;  // null: not of this family
  std::uint32_t idcode = 0;
  std::uint32_t device_id = 0;
  std::uint32_t revision = 0;
  bool corrected = false;
};

Identity read_identity(flashhost::ProbeReader &probe) {
  Identity identity;
  const auto cpuid = stm32::read_if_there(probe, flashhost::cortex_m::cpuid);
  const auto idcode = stm32::read_if_there(probe, dbgmcu_idcode);
  if (idcode) identity.idcode = *idcode;
  identity.device_id = identity.idcode & device_id_mask;
  identity.revision = identity.idcode >> 16;
  if (!cpuid || !idcode || ((*cpuid >> 4) & device_id_mask) != cortex_m4) return identity;
  if (identity.device_id == wrong_id) {
    identity.device_id = f405_id;
    identity.revision = f405_revision_a;
    identity.corrected = true;
  }
  identity.line = find_line(identity.device_id);
  return identity;
}

std::uint32_t read_size(flashhost::ProbeReader &probe) {
  return stm32::read_if_there(probe, size_word).value_or(0) >> 16;
}

stm32::LineSizes sizes_of(flashhost::ProbeReader &probe, const Line &line) {
  return {fmt::format("STM32{}", line.name),
          line.maximum_kib * stm32::kib,
          flash_sizes(line),
          read_size(probe),
          whole_sectors,
          "and ends where a sector does (16, 64 or 128 KiB each)"};
}

bool two_banks_by_option(flashhost::ProbeReader &probe, const Line &line) {
  return line.banks > 1 && (stm32::read_if_there(probe, flash_optcr).value_or(0) & optcr_db1m) != 0;
}

std::vector<std::string> remarks_on(flashhost::ProbeReader &probe, const Identity &identity,
                                    std::optional<int> millivolts) {
  std::vector<std::string> remarks;
  const Line &line = *identity.line;
  if (identity.corrected) {
    remarks.push_back(fmt::format(
        "DBGMCU_IDCODE reads {}, the id of an STM32F2, but the core is a Cortex-M4: taken as an "
        "early STM32F405 or F407 (revision A)",
        flashhost::hex(identity.idcode)));
  }
  std::string clone = stm32::clone_remark(
      probe.info(), {st_debug_port, identity.revision, has_revision(line, identity.revision),
                     std::string(line.name), "STM32F4"});
  if (!clone.empty()) remarks.push_back(std::move(clone));
  constexpr int lowest_millivolts = 1700;
  if (!millivolts) {
    remarks.push_back(with_page(
        "the supply of the target is not known, so the flash is erased and programmed 8 bits at a "
        "time: that is safe, but slow. From 2.1 V on it could be 16 bits, from 2.7 V on 32: "
        "connect the probe's VAPP to the target's supply, or say plugin = \"f4\" in [family] and "
        "voltage = 3.3 in [family.settings] of the board file",
        Cause::supply_voltage));
  } else if (*millivolts < lowest_millivolts) {
    remarks.push_back(
        with_page(fmt::format("the supply of the target measures {:.2f} V, less than any "
                              "STM32F4 needs to program its flash",
                              *millivolts / 1000.0),
                  Cause::supply_voltage));
  }
  return remarks;
}

}  // namespace

const Line &line_of(const Chip &chip) {
  const Line *line = find_line(chip.device_id);
  if (line == nullptr) {
    throw Error(Errc::internal,
                fmt::format("device id 0x{:03x} is not of the F4 family", chip.device_id));
  }
  return *line;
}

Parallelism parallelism_at(std::optional<int> millivolts) {
  constexpr int x32_from = 2700, x16_from = 2100;
  if (!millivolts || *millivolts < x16_from) return Parallelism::x8;
  return *millivolts < x32_from ? Parallelism::x16 : Parallelism::x32;
}

std::optional<Chip> identify(flashhost::ProbeReader &probe,
                             const flashhost::IdentifyOptions &options,
                             std::optional<int> millivolts) {
  const Identity identity = read_identity(probe);
  // Another family's expectation is for that family to judge.
  const bool ours = options.expected && describe(options.expected->name);
  if (ours) {
    stm32::check_expected(
        {identity.device_id, identity.idcode, identity.line != nullptr,
         identity.line != nullptr ? fmt::format("an STM32 of the line {}", identity.line->name)
                                  : "",
         "STM32F4"},
        *options.expected);
  }
  if (identity.line == nullptr) return {};
  const Line &line = *identity.line;
  if (!millivolts) millivolts = probe.info().target_millivolts;

  std::vector<std::string> remarks = remarks_on(probe, identity, millivolts);
  const std::uint32_t size = stm32::find_flash_size(probe, sizes_of(probe, line), options, remarks);
  Chip chip = make_chip(
      line, {ours ? options.expected->name : common_name(line, size), size,
             ours ? options.expected->ram.size : stm32::least_ram(parts(), line.device_id, size),
             banks_for(line, size, two_banks_by_option(probe, line)), parallelism_at(millivolts)});
  chip.revision = identity.revision;
  chip.unique_id = stm32::read_unique_id(probe, unique_id);
  chip.remarks = std::move(remarks);
  return chip;
}

}  // namespace f4
