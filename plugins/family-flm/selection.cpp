#include "selection.hpp"

#include "elf_parts.hpp"
#include "names.hpp"
#include "pack.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace flashhost::flm {

namespace {

// What other tools pass.
constexpr std::uint32_t usual_clock_hz = 12'000'000, fastest_clock_hz = 1'000'000'000;
constexpr std::uint32_t smallest_stack = 256, usual_stack = 1024, largest_stack = 1U << 16U,
                        small_ram = 8192;

std::uint32_t number(const Settings &settings, const char *key, std::int64_t value,
                     std::uint32_t least, std::uint32_t most) {
  if (value < least || value > most) {
    settings.reject(key, fmt::format("not within {} and {}", least, most));
  }
  return static_cast<std::uint32_t>(value);
}

constexpr std::int64_t largest_word = 0xFFFFFFFF;

std::optional<Watchdog> watchdog_of(const Settings &settings) {
  const auto address = settings.integer("watchdog_address");
  const auto value = settings.integer("watchdog_value");
  if (!address && !value) return std::nullopt;
  if (!address) settings.reject("watchdog_value", "needs watchdog_address beside it");
  if (!value) settings.reject("watchdog_address", "needs watchdog_value beside it");
  if (*address < 0 || *address > largest_word || *address % 4 != 0) {
    settings.reject("watchdog_address", "is no address of a register");
  }
  if (*value < 0 || *value > largest_word) settings.reject("watchdog_value", "is no word");
  return Watchdog{static_cast<std::uint32_t>(*address), static_cast<std::uint32_t>(*value)};
}

std::optional<MemoryRange> ram_of(const Settings &settings) {
  const auto start = settings.integer("ram_start");
  const auto size = settings.size("ram_size");
  if (!start && !size) return std::nullopt;
  if (!start) settings.reject("ram_size", "needs ram_start beside it");
  if (!size) settings.reject("ram_start", "needs ram_size beside it");
  if (*start < 0 || *start > largest_word) settings.reject("ram_start", "is no address");
  if (*size == 0 || *size > std::uint64_t{1} << 28U) settings.reject("ram_size", "cannot be right");
  return MemoryRange{static_cast<std::uint32_t>(*start), static_cast<std::uint32_t>(*size)};
}

// That of the memory in which the firmware starts, else the lowest; never that of option bytes,
// where there is another.
std::size_t main_algorithm(const std::vector<Algorithm> &algorithms, const PackChip &chip) {
  const auto find = [&](const auto &is_it) {
    return static_cast<std::size_t>(std::ranges::find_if(algorithms, is_it) - algorithms.begin());
  };
  for (const PackMemory &memory : chip.properties.memories) {
    if (!memory.startup) continue;
    const std::size_t found = find(
        [&](const Algorithm &algorithm) { return algorithm.flash.contains(memory.range.address); });
    if (found != algorithms.size()) return found;
  }
  const std::size_t lowest =
      find([&](const Algorithm &algorithm) { return !is_single_page(algorithm.file.device); });
  return lowest == algorithms.size() ? 0 : lowest;
}

// The memories of the pack that are other addresses of flash, and have no algorithm of their own.
std::vector<FlashAlias> aliases_of(const std::vector<Algorithm> &algorithms, const PackChip &chip) {
  std::vector<FlashAlias> aliases;
  const auto &memories = chip.properties.memories;
  for (const PackMemory &memory : memories) {
    const auto same = std::ranges::find_if(memories, [&](const PackMemory &other) {
      return !memory.alias.empty() && other.name == memory.alias && other.alias.empty();
    });
    if (same == memories.end()) continue;
    const auto overlaps = [&](const MemoryRange &range) { return range.overlaps(memory.range); };
    if (std::ranges::any_of(algorithms, overlaps, &Algorithm::flash)) continue;
    for (const Algorithm &algorithm : algorithms) {
      const std::uint64_t start = std::max(algorithm.flash.address, same->range.address);
      const std::uint64_t end = std::min({algorithm.flash.end(), same->range.end(),
                                          same->range.address + std::uint64_t{memory.range.size}});
      if (start >= end) continue;
      const auto address = static_cast<std::uint32_t>(start);
      const MemoryRange range{memory.range.address + (address - same->range.address),
                              static_cast<std::uint32_t>(end - start)};
      if (std::ranges::none_of(
              aliases, [&](const FlashAlias &alias) { return alias.range.overlaps(range); })) {
        aliases.push_back({range, address});
      }
    }
  }
  return aliases;
}

// What the pack says of programming this chip that flashhost does not do.
std::vector<std::string> unused_parts(const PackChip &chip) {
  constexpr std::array matter = {"DebugPortSetup", "DebugPortStart", "DebugDeviceUnlock",
                                 "DebugCoreStart", "ResetSystem",    "ResetHardware",
                                 "ResetCatchSet",  "ResetCatchClear"};
  std::string names;
  for (const std::string &sequence : chip.properties.sequences) {
    if (std::ranges::find(matter, sequence) == matter.end()) continue;
    names += (names.empty() ? "" : ", ") + sequence;
  }
  std::vector<std::string> remarks;
  if (!names.empty()) {
    remarks.push_back(fmt::format(
        "the pack has debug sequences of its own for {}: {}; flashhost connects and resets in the "
        "usual way instead",
        printable(chip.name), names));
  }
  return remarks;
}

// Packs often give an algorithm a few KiB at the start of a memory that is free as a whole.
MemoryRange memory_around(MemoryRange ram, const PackChip &chip) {
  for (const PackMemory &memory : chip.properties.memories) {
    const bool usable = memory.is_ram() && memory.is_default;
    if (usable && memory.range.contains(ram.address, ram.size)) return memory.range;
  }
  return ram;
}

}  // namespace

void Source::configure(const Settings &settings) {
  pack_file_ = settings.path("pack").value_or("");
  if (!pack_file_.empty()) {
    wish_.algorithms = settings.texts("algorithm");
    wish_.processor = settings.text("core").value_or("");
  } else {
    algorithm_files_ = settings.paths("algorithm");
  }
  wish_.ram = ram_of(settings);
  watchdog_ = watchdog_of(settings);
  trusts_erase_chip_ = settings.boolean("erase_chip").value_or(false);
  clock_hz_ = number(settings, "clock", settings.integer("clock").value_or(usual_clock_hz), 0,
                     fastest_clock_hz);
  if (const auto stack = settings.size("stack")) {
    stack_size_ = number(settings, "stack",
                         static_cast<std::int64_t>(std::min<std::uint64_t>(*stack, 1U << 30U)),
                         smallest_stack, largest_stack);
  }
  settings.reject_unknown();
}

void Source::ask_for(const std::string &part) {
  part_ = part;
}

std::vector<PackDevice> Source::devices() {
  const Bytes bytes = host_.read_file(pack_file_);
  return Pdsc(Pack(bytes).pdsc()).devices();
}

const std::optional<Selection> &Source::selection() {
  if (selected_) return selection_;
  if (!algorithm_files_.empty()) {
    selection_ = from_files();
  } else if (!pack_file_.empty() && part_) {
    selection_ = from_pack(*part_);
  }
  selected_ = true;
  return selection_;
}

Algorithm Source::with_settings(FlmFile file, MemoryRange flash, MemoryRange ram,
                                MemoryRange agent_ram) const {
  const std::uint32_t stack = ram.size < small_ram ? usual_stack / 2 : usual_stack;
  return {
      std::move(file),   flash, ram, agent_ram, clock_hz_, stack_size_.value_or(stack), watchdog_,
      trusts_erase_chip_};
}

Selection Source::from_files() {
  if (!wish_.ram) {
    throw Error(
        Errc::config,
        fmt::format("{}: a flash algorithm does not say where the chip's RAM is", file()),
        "Say it in [family.settings]: ram_start = 0x20000000 and ram_size = \"20K\", or name "
        "the chip's pack.");
  }
  const MemoryRange ram = *wish_.ram;
  Selection selection;
  selection.all_ram = {ram};
  for (const std::string &name : algorithm_files_) {
    const Bytes bytes = host_.read_file(name);
    FlmFile file = [&] {
      try {
        return parse_flm(bytes);
      } catch (const Error &error) {
        throw error.in(name);
      }
    }();
    std::ranges::copy(file.warnings, std::back_inserter(selection.remarks));
    const MemoryRange flash = file.device.range;
    for (const Algorithm &other : selection.algorithms) {
      if (!other.flash.overlaps(flash)) continue;
      throw Error(Errc::config,
                  fmt::format("{}: it is for {}, and so is {}", name, format_range(flash),
                              printable(other.file.device.name)),
                  "Name one algorithm for each range of flash.");
    }
    selection.algorithms.push_back(with_settings(std::move(file), flash, ram, ram));
  }
  selection.name = part_ ? *part_ : selection.algorithms.front().file.device.name;
  return selection;
}

Selection Source::from_pack(const std::string &part) {
  const Bytes bytes = host_.read_file(pack_file_);
  const Pack pack(bytes);
  constexpr std::size_t largest_algorithm = ElfParts::max_file_size;
  const PackChip chip = Pdsc(pack.pdsc()).chip(part);
  const Choice choice = choose_algorithms(
      chip, wish_, [&](const std::string &path) { return pack.read(path, largest_algorithm); });
  Selection selection;
  selection.remarks = chip.warnings;
  std::ranges::copy(choice.warnings, std::back_inserter(selection.remarks));
  std::ranges::copy(unused_parts(chip), std::back_inserter(selection.remarks));
  std::vector<Algorithm> &algorithms = selection.algorithms;
  for (const ChosenAlgorithm &chosen : choice.algorithms) {
    algorithms.push_back(with_settings(chosen.file, chosen.flash, chosen.ram,
                                       wish_.ram ? *wish_.ram : memory_around(chosen.ram, chip)));
  }
  const auto main =
      algorithms.begin() + static_cast<std::ptrdiff_t>(main_algorithm(algorithms, chip));
  std::rotate(algorithms.begin(), main, main + 1);
  selection.aliases = aliases_of(algorithms, chip);
  selection.name = chip.name;
  for (const PackProcessor &processor : chip.properties.processors) {
    if (wish_.processor.empty() || same_name(processor.name, wish_.processor)) {
      selection.core = processor.core;
      break;
    }
  }
  for (const PackMemory &memory : chip.properties.memories) {
    if (memory.has('w') && memory.range.size != 0) selection.all_ram.push_back(memory.range);
  }
  return selection;
}

}  // namespace flashhost::flm
