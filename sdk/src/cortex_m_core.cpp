// Which Cortex-M this is, and what it has.
#include "core_of.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace flashhost::cortex_m {

namespace {

// ARMv8-M ARM, D1.2: DEVARCH of the system control space says which architecture it is.
constexpr std::uint32_t scs_devarch = 0xE000EFBC, devarch_present = 1U << 20, archid_v8m = 0x2A04;
constexpr std::uint32_t dauthstatus = 0xE000EFB8, dauthstatus_secure = 3U << 4;

struct Known {
  std::uint32_t part = 0;  // CPUID, bits 15:4
  const char *name = "";
  Architecture architecture = Architecture::v7m;
  bool vector_table_offset = true;
  bool may_have_caches = false;
};

constexpr auto v6m = Architecture::v6m, v7m = Architecture::v7m,
               baseline = Architecture::v8m_baseline, mainline = Architecture::v8m_mainline;
// The cores' technical reference manuals.
constexpr std::array<Known, 14> known_cores{{
    {0xC20, "Cortex-M0", v6m, false},
    {0xC21, "Cortex-M1", v6m, false},
    {0xC60, "Cortex-M0+", v6m},
    {0xC30, "SC000", v6m},
    {0xC23, "Cortex-M3", v7m},
    {0xC24, "Cortex-M4", v7m},
    {0xC27, "Cortex-M7", v7m, true, true},
    {0xC33, "SC300", v7m},
    {0xD20, "Cortex-M23", baseline},
    {0xD21, "Cortex-M33", mainline},
    {0xD31, "Cortex-M35P", mainline, true, true},
    {0xD22, "Cortex-M55", mainline, true, true},
    {0xD23, "Cortex-M85", mainline, true, true},
    {0xD24, "Cortex-M52", mainline, true, true},
}};

const char *name_of(Architecture architecture) {
  switch (architecture) {
    case Architecture::v6m:
      return "ARMv6-M";
    case Architecture::v7m:
      return "ARMv7-M";
    case Architecture::v8m_baseline:
      return "ARMv8-M Baseline";
    case Architecture::v8m_mainline:
      return "ARMv8-M Mainline";
  }
  return "unknown";
}

const Known *find(std::uint32_t id) {
  const auto *row = std::ranges::find(known_cores, id >> 4 & 0xFFF, &Known::part);
  return row == known_cores.end() ? nullptr : row;
}

// Of a register that the core may lack: then zero, or a refused access.
std::uint32_t read_if_there(Probe &probe, std::uint32_t address) {
  try {
    return probe.read_word(address);
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return 0;
  }
}

Architecture architecture_of_unknown(Probe &probe, std::uint32_t id) {
  constexpr std::uint32_t baseline_or_v6m = 0xC;  // CPUID, bits 19:16
  const std::uint32_t devarch = read_if_there(probe, scs_devarch);
  const bool v8m = (devarch & devarch_present) != 0 && (devarch & 0xFFFF) == archid_v8m;
  if ((id >> 16 & 0xF) == baseline_or_v6m) return v8m ? baseline : v6m;
  return v8m ? mainline : v7m;
}

}  // namespace

std::string Core::name() const {
  const Known *row = find(id);
  return row != nullptr ? row->name : fmt::format("{} core", name_of(architecture));
}

Core identify(Probe &probe) {
  return core_of(probe, probe.read_word(cpuid));
}

Core core_of(Probe &probe, std::uint32_t id) {
  Core core;
  core.id = id;
  const Known *row = find(core.id);
  core.architecture = row != nullptr ? row->architecture : architecture_of_unknown(probe, core.id);
  core.vector_table_offset = row == nullptr || row->vector_table_offset;
  const bool full = core.architecture == v7m || core.architecture == mainline;
  core.fault_registers = full;
  if (core.architecture == baseline || core.architecture == mainline) {
    core.security = (read_if_there(probe, dauthstatus) & dauthstatus_secure) != 0;
  }
  if (full && (row == nullptr || row->may_have_caches)) {
    core.caches = read_if_there(probe, clidr) != 0;
  }
  return core;
}

}  // namespace flashhost::cortex_m
