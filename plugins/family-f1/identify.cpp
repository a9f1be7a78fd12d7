#include "f1.hpp"
#include "registers.hpp"
#include "stm32-common/identity.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace f1 {

namespace {

using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;

constexpr std::uint32_t device_id_mask = 0xFFF;
constexpr std::uint32_t cortex_m3 = 0xC23;
constexpr std::uint32_t st_debug_port = 0x1BA01477;
// GD32F1x0, F3x0, E23x and VF103 answer as medium density but lay out their option bytes otherwise.
constexpr std::array<std::uint32_t, 4> other_families{0x1303, 0x1704, 0x1909, 0x1906};

struct Identity {
  const Line *line = nullptr;  // null: not of this family
  std::uint32_t idcode = 0;

  [[nodiscard]] std::uint32_t device_id() const { return idcode & device_id_mask; }
  [[nodiscard]] std::uint32_t revision() const { return idcode >> 16; }
};

Identity read_identity(flashhost::ProbeReader &probe) {
  Identity identity;
  const auto cpuid = stm32::read_if_there(probe, flashhost::cortex_m::cpuid);
  const auto idcode = stm32::read_if_there(probe, dbgmcu_idcode);
  if (idcode) identity.idcode = *idcode;
  if (!cpuid || !idcode || ((*cpuid >> 4) & device_id_mask) != cortex_m3) return identity;
  if (std::ranges::find(other_families, identity.revision()) != other_families.end()) {
    return identity;
  }
  identity.line = find_line(identity.device_id());
  return identity;
}

stm32::LineSizes sizes_of(flashhost::ProbeReader &probe, const Line &line) {
  const std::uint32_t page = line.page_size;
  return {fmt::format("{} STM32F1", line.name),
          line.maximum_kib * stm32::kib,
          flash_sizes(line),
          stm32::read_if_there(probe, size_register).value_or(0) & 0xFFFF,
          [page](std::uint32_t size) { return size % page == 0; },
          fmt::format("in pages of {}", flashhost::format_size(page))};
}

}  // namespace

const Line &line_of(const Chip &chip) {
  const Line *line = find_line(chip.device_id);
  if (line == nullptr) {
    throw Error(Errc::internal,
                fmt::format("device id 0x{:03x} is not of the F1 family", chip.device_id));
  }
  return *line;
}

std::optional<Chip> identify(flashhost::ProbeReader &probe,
                             const flashhost::IdentifyOptions &options) {
  const Identity identity = read_identity(probe);
  // Another family's expectation is for that family to judge.
  const bool ours = options.expected && describe(options.expected->name);
  if (ours) {
    stm32::check_expected(
        {identity.device_id(), identity.idcode, identity.line != nullptr,
         identity.line != nullptr ? fmt::format("an STM32F1 of the {}", identity.line->name) : "",
         "STM32F1"},
        *options.expected);
  }
  if (identity.line == nullptr) return {};
  const Line &line = *identity.line;

  std::vector<std::string> remarks;
  const bool st = has_revision(line, identity.revision());
  std::string clone = stm32::clone_remark(
      probe.info(), {st_debug_port, identity.revision(), st, std::string(line.name), "STM32F1"});
  if (!clone.empty()) remarks.push_back(std::move(clone));
  std::uint32_t size = stm32::find_flash_size(probe, sizes_of(probe, line), options, remarks);
  constexpr std::uint32_t first_bank = bank2_base - flash_base;
  if (!st && line.banks > 1 && size > first_bank && !options.flash_size) {
    size = first_bank;
    remarks.emplace_back(
        "only the first 512 KiB are used: a GD32 of this size has pages of 4 KiB beyond them; "
        "flash_size in [family] of the board file overrides this");
  }
  Chip chip = make_chip(line, ours ? options.expected->name : common_name(line, size), size,
                        ours ? options.expected->ram.size : least_ram(line, size));
  chip.revision = identity.revision();
  chip.unique_id = stm32::read_unique_id(probe, unique_id);
  chip.remarks = std::move(remarks);
  return chip;
}

}  // namespace f1
