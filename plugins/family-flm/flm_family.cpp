#include "flm_family.hpp"

#include "crc_function.hpp"
#include "flm_calls.hpp"
#include "names.hpp"
#include "sectors.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

namespace flashhost::flm {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds init_limit = 5s, shortest_mass_erase_limit = 10s;
// A file has limits only. For the plan: an erase takes about a tenth, a page less.
constexpr int typical_erase_share = 10, typical_program_share = 50;
// Only the rate of heartbeats depends on it, as long as the true clock is not much slower.
constexpr std::uint32_t assumed_clock_hz = 64'000'000;

// As a part's name. Brackets and spaces have a meaning there.
std::string part_name(const std::string &name) {
  std::string result;
  for (const char letter : printable(name)) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = letter != '[' && letter != ']' && letter != ' ';
    result.push_back(plain ? static_cast<char>(std::toupper(byte)) : '_');
  }
  return result.empty() ? "UNNAMED" : result;
}

// "ARM Cortex-M4" and "Cortex-M4" are the same core.
bool same_core(const std::string &pack, const std::string &found) {
  const std::size_t at = pack.find(found);
  if (at == std::string::npos) return pack.empty() || found.find("core") != std::string::npos;
  const std::size_t end = at + found.size();
  const bool goes_on =
      end < pack.size() &&
      (std::isalnum(static_cast<unsigned char>(pack[end])) != 0 || pack[end] == '+');
  return !goes_on;
}

// Chip::variant, for a core with the instructions of ARMv7-M or ARMv8-M Mainline.
constexpr std::uint32_t mainline = 1;

std::uint32_t variant_of(std::uint32_t cpuid) {
  constexpr std::uint32_t of_mainline = 0xF;  // in bits 19:16; 0xC: ARMv6-M or ARMv8-M Baseline
  return (cpuid >> 16 & 0xF) == of_mainline ? mainline : 0;
}

// A function for CRCs makes the loader larger; slots for the data matter more.
bool has_room_for(const CrcCode &crc, const Algorithm &algorithm) {
  constexpr std::size_t for_slots = 8192;
  const std::size_t pages = std::size_t{4} * algorithm.file.device.page_size;
  return algorithm.agent_ram.size >= algorithm.file.image.size() + algorithm.stack_size +
                                         crc.code.size() + crc.tables + std::max(for_slots, pages);
}

// The fastest that the core has the instructions for, and the RAM; null: none.
const CrcCode *crc_function(const Chip &chip, const Algorithm &algorithm) {
  if (chip.variant == mainline && has_room_for(wide_crc(), algorithm)) return &wide_crc();
  if (chip.variant == mainline && has_room_for(sliced_crc(), algorithm)) return &sliced_crc();
  return has_room_for(table_crc(), algorithm) ? &table_crc() : nullptr;
}

// How many calls of EraseSector erase what is erased at a time.
std::uint32_t calls_for(const FlashDevice &device, MemoryRange unit) {
  const auto run = std::ranges::find_if(device.sectors, [&](const SectorRun &one) {
    return unit.address - device.range.address - one.offset < one.size * one.count;
  });
  return run == device.sectors.end() ? 1 : std::max(unit.size / run->size, 1U);
}

Chip plain_chip(const PackDevice &device) {
  constexpr std::uint32_t least = 1024;
  const auto clamp = [](std::uint64_t size) {
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(size, least, 1U << 30U)) / least *
           least;
  };
  Chip chip;
  chip.die = "from a pack";
  chip.flash = {0, clamp(device.flash_size)};
  chip.die_flash_size = chip.flash.size;
  chip.sectors = {{0, chip.flash.size, 1s, 1s}};
  chip.ram = {0, clamp(device.ram_size)};
  chip.program_typical = chip.program_maximum = 1ms;
  return chip;
}

// EraseChip, where it may be called.
std::optional<std::uint32_t> mass_erase(const Algorithm &algorithm) {
  const bool usable = algorithm.trusts_erase_chip && algorithm.flash == algorithm.file.device.range;
  return usable ? algorithm.file.entries.erase_chip : std::nullopt;
}

// The flash of one algorithm.
Chip flash_of(const Algorithm &algorithm) {
  const FlashDevice &device = algorithm.file.device;
  Chip chip;
  for (const MemoryRange &unit : erase_units(device, algorithm.flash)) {
    const Nanoseconds limit = device.erase_limit * calls_for(device, unit);
    chip.sectors.push_back({unit.address, unit.size, limit / typical_erase_share, limit});
  }
  if (chip.sectors.empty()) {
    throw Error(Errc::image,
                fmt::format("the flash algorithm {} has no whole sector within {}",
                            printable(device.name), format_range(algorithm.flash)),
                "Algorithm and chip do not fit: name another algorithm.");
  }
  constexpr std::uint32_t word = 4;
  if (device.page_size % word != 0) {
    throw Error(Errc::image,
                fmt::format("the flash algorithm {} has pages of {}, which are no whole words",
                            printable(device.name), format_size(device.page_size)),
                "flashhost cannot use it. Name the algorithm of the chip's flash.");
  }
  const std::uint32_t start = chip.sectors.front().address;
  chip.flash = {start, static_cast<std::uint32_t>(chip.sectors.back().range().end() - start)};
  chip.die_flash_size = chip.flash.size;
  chip.boot_address = chip.flash.address;
  chip.ram = algorithm.agent_ram;
  chip.program_unit = device.page_size;
  chip.program_typical = Nanoseconds(device.program_limit) / typical_program_share;
  chip.program_maximum = device.program_limit;
  chip.erased_value = device.erased_value;
  if (mass_erase(algorithm)) {
    // A file says nothing of it. Not longer than all sectors; half of that, to choose by.
    Nanoseconds longest{};
    for (const Sector &sector : chip.sectors) longest += sector.erase_maximum;
    chip.mass_erase_maximum = std::max<Nanoseconds>(longest, shortest_mass_erase_limit);
    chip.mass_erase_typical = longest / typical_erase_share / 2;
  }
  chip.check_others = true;
  return chip;
}

// The part of an alias that stands for some of this flash.
std::optional<FlashAlias> within(const FlashAlias &alias, MemoryRange flash) {
  const std::uint64_t start = std::max(alias.address, flash.address);
  const std::uint64_t end = std::min(std::uint64_t{alias.address} + alias.range.size, flash.end());
  if (start >= end) return {};
  const auto address = static_cast<std::uint32_t>(start);
  return FlashAlias{
      {alias.range.address + (address - alias.address), static_cast<std::uint32_t>(end - start)},
      address};
}

}  // namespace

Chip make_chip(const Selection &selection) {
  Chip chip = flash_of(selection.algorithms.front());
  chip.name = selection.name;
  chip.die = "by its flash algorithm " + printable(selection.algorithms.front().file.device.name);
  chip.stack_ram = selection.all_ram;
  chip.remarks = selection.remarks;
  for (const Algorithm &algorithm : std::span(selection.algorithms).subspan(1)) {
    try {
      chip.further_flash.push_back(flash_of(algorithm));
      chip.further_flash.back().name = selection.name;
      if (!is_single_page(algorithm.file.device)) continue;
      chip.remarks.push_back(
          fmt::format("{} is written as option bytes are: read the chip's manual first, since they "
                      "can lock it for good",
                      format_range(algorithm.flash)));
    } catch (const Error &error) {
      chip.remarks.push_back(
          fmt::format("{} is not written: {}", format_range(algorithm.flash), error.what()));
    }
  }
  for (const MemoryRange &flash : flash_ranges(chip)) {
    for (const FlashAlias &alias : selection.aliases) {
      if (const auto part = within(alias, flash)) chip.aliases.push_back(*part);
    }
  }
  chip.remarks.emplace_back(
      "the chip is known by its flash algorithm only: whether it is the right chip, protected, or "
      "has a watchdog running, cannot be found out");
  return chip;
}

const Algorithm &FlmFamily::algorithm(const Chip &chip) const {
  const auto &selection = source_.selection();
  if (!selection) {
    throw Error(Errc::config, "no chip is named, of those in the pack",
                "--chip NAME, or chip in [family]; `flashhost list chips --pack FILE` lists them.");
  }
  const auto found = std::ranges::find_if(selection->algorithms, [&](const Algorithm &one) {
    return one.flash.contains(chip.flash.address);
  });
  if (found != selection->algorithms.end()) return *found;
  throw Error(Errc::internal, "no flash algorithm is for " + format_range(chip.flash));
}

std::vector<Part> FlmFamily::parts() const {
  std::vector<Part> parts;
  if (!source_.is_set()) return parts;
  if (const auto &selection = source_.selection()) {
    parts.push_back({part_name(selection->name), make_chip(*selection)});
    return parts;
  }
  for (const PackDevice &device : source_.devices()) {
    parts.push_back({part_name(device.name), plain_chip(device)});
  }
  return parts;
}

Identity FlmFamily::identify(ProbeReader &probe) {
  if (!source_.is_set()) return {};
  const auto &selection = source_.selection();
  if (!selection) {
    return {{}, fmt::format("the pack {}, of which no chip is named (--chip)", source_.file())};
  }
  const auto id = read_if_there(probe, cortex_m::cpuid);
  if (!id) return {{}, "CPUID cannot be read"};
  cortex_m::Core core;
  core.id = *id;
  const std::string evidence = fmt::format("a core of type {}, by CPUID {}", core.name(), hex(*id));
  if (!same_core(selection->core, core.name())) {
    return {{}, fmt::format("{} instead of {}", evidence, printable(selection->core))};
  }
  Chip chip = make_chip(*selection);
  chip.variant = variant_of(*id);
  for (Chip &further : chip.further_flash) further.variant = chip.variant;
  return {chip, evidence};
}

LoaderCode FlmFamily::loader(const Chip &chip) const {
  const Algorithm &chosen = algorithm(chip);
  if (!suits_agent(chosen)) return {};
  const FlmFile &file = chosen.file;
  constexpr std::uint32_t alignment = 8;
  const std::uint32_t before = file.link_address % alignment;
  Bytes bytes(before, 0);
  bytes.insert(bytes.end(), file.image.begin(), file.image.end());
  LoaderCode code;
  const CrcCode *const crc = crc_function(chip, chosen);
  if (crc != nullptr) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    code.crc = static_cast<std::uint32_t>(bytes.size());
    bytes.insert(bytes.end(), crc->code.begin(), crc->code.end());
  }
  code.erase_sector = before + file.entries.erase_sector;
  if (needs_calls(chosen)) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    const auto at = static_cast<std::uint32_t>(bytes.size());
    const Bytes calls = calls_code(chosen, static_cast<std::int32_t>(code.erase_sector - at));
    bytes.insert(bytes.end(), calls.begin(), calls.end());
    if (has_small_sectors(file.device)) code.erase_sector = at + erase_page;
    if (chosen.watchdog) code.idle = at + feed_watchdog;
  }
  if (crc != nullptr && crc->tables != 0) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    code.zero_data = alignment;
    code.scratch = crc->tables;
    place_tables(bytes, code.crc, static_cast<std::uint32_t>(bytes.size()) + code.zero_data);
  }
  Bytes &kept = code_[chip.flash.address];
  if (kept != bytes) kept = std::move(bytes);  // an earlier LoaderCode shows it, too
  code.code = kept;
  code.init = before + file.entries.init;
  code.uninit = before + file.entries.uninit;
  code.program_page = before + file.entries.program_page;
  if (file.static_base) code.static_base = before + *file.static_base;
  code.clock_hz = assumed_clock_hz;
  code.init_clock_hz = chosen.clock_hz;
  code.stack_size = chosen.stack_size;
  code.page_size = file.device.page_size;
  code.per_function = true;
  code.ticks = false;
  Nanoseconds erase_limit = file.device.erase_limit;
  for (const Sector &sector : chip.sectors) {
    erase_limit = std::max(erase_limit, sector.erase_maximum);
  }
  if (const auto entry = mass_erase(chosen)) code.erase_chip = before + *entry;
  code.limits = {init_limit, erase_limit, chip.mass_erase_maximum, file.device.program_limit};
  return code;
}

std::vector<Width> FlmFamily::widths(const Chip & /*chip*/) const {
  return {Width::word};
}

void FlmFamily::erase_sector(Probe &probe, const Chip &chip, const Sector &sector) {
  Caller(probe, algorithm(chip)).erase(sector.range());
}

void FlmFamily::erase_all(Probe &probe, const Chip &chip) {
  const Algorithm &chosen = algorithm(chip);
  const auto entry = mass_erase(chosen);
  if (!entry) throw Error(Errc::internal, "EraseChip may not be called");
  Caller(probe, chosen).erase_chip(*entry, chip.mass_erase_maximum);
}

void FlmFamily::program(Probe &probe, const Chip &chip, std::uint32_t address,
                        std::span<const std::uint8_t> data, Width /*width*/) {
  Caller(probe, algorithm(chip)).program(address, data);
}

}  // namespace flashhost::flm
