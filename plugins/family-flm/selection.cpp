#include "selection.hpp"

#include "elf_parts.hpp"
#include "names.hpp"
#include "pack.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

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

std::optional<MemoryRange> ram_of(const Settings &settings) {
  constexpr std::int64_t last_address = 0xFFFFFFFF;
  const auto start = settings.integer("ram_start");
  const auto size = settings.size("ram_size");
  if (!start && !size) return std::nullopt;
  if (!start) settings.reject("ram_size", "needs ram_start beside it");
  if (!size) settings.reject("ram_start", "needs ram_size beside it");
  if (*start < 0 || *start > last_address) settings.reject("ram_start", "is no address");
  if (*size == 0 || *size > std::uint64_t{1} << 28U) settings.reject("ram_size", "cannot be right");
  return MemoryRange{static_cast<std::uint32_t>(*start), static_cast<std::uint32_t>(*size)};
}

// The algorithm in which the firmware starts, else the lowest.
const ChosenAlgorithm &main_algorithm(const Choice &choice, const PackChip &chip) {
  for (const PackMemory &memory : chip.properties.memories) {
    if (!memory.startup) continue;
    const auto found =
        std::ranges::find_if(choice.algorithms, [&](const ChosenAlgorithm &algorithm) {
          return algorithm.flash.contains(memory.range.address);
        });
    if (found != choice.algorithms.end()) return *found;
  }
  return choice.algorithms.front();
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
    if (const auto names = settings.text("algorithm")) wish_.algorithms = {*names};
    wish_.processor = settings.text("core").value_or("");
  } else {
    algorithm_file_ = settings.path("algorithm").value_or("");
  }
  wish_.ram = ram_of(settings);
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
  if (!algorithm_file_.empty()) {
    selection_ = from_file();
  } else if (!pack_file_.empty() && part_) {
    selection_ = from_pack(*part_);
  }
  selected_ = true;
  return selection_;
}

Algorithm Source::with_settings(FlmFile file, MemoryRange flash, MemoryRange ram,
                                MemoryRange agent_ram) const {
  const std::uint32_t stack = ram.size < small_ram ? usual_stack / 2 : usual_stack;
  return {std::move(file), flash, ram, agent_ram, clock_hz_, stack_size_.value_or(stack)};
}

Selection Source::from_file() {
  const Bytes bytes = host_.read_file(algorithm_file_);
  FlmFile file = [&] {
    try {
      return parse_flm(bytes);
    } catch (const Error &error) {
      throw error.in(algorithm_file_);
    }
  }();
  if (!wish_.ram) {
    throw Error(
        Errc::config,
        fmt::format("{}: a flash algorithm does not say where the chip's RAM is", algorithm_file_),
        "Say it in [family.settings]: ram_start = 0x20000000 and ram_size = \"20K\", or name "
        "the chip's pack.");
  }
  Selection selection;
  selection.remarks = file.warnings;
  selection.name = part_ ? *part_ : file.device.name;
  selection.all_ram = {*wish_.ram};
  const MemoryRange flash = file.device.range;
  selection.algorithm = with_settings(std::move(file), flash, *wish_.ram, *wish_.ram);
  return selection;
}

Selection Source::from_pack(const std::string &part) {
  const Bytes bytes = host_.read_file(pack_file_);
  const Pack pack(bytes);
  constexpr std::size_t largest_algorithm = ElfParts::max_file_size;
  const PackChip chip = Pdsc(pack.pdsc()).chip(part);
  const Choice choice = choose_algorithms(
      chip, wish_, [&](const std::string &path) { return pack.read(path, largest_algorithm); });
  const ChosenAlgorithm &chosen = main_algorithm(choice, chip);
  Selection selection;
  selection.remarks = chip.warnings;
  std::ranges::copy(choice.warnings, std::back_inserter(selection.remarks));
  for (const ChosenAlgorithm &other : choice.algorithms) {
    if (&other == &chosen) continue;
    selection.remarks.push_back(
        fmt::format("the pack has another algorithm, {}, for {}: it is not used; algorithm in "
                    "[family.settings] takes it instead",
                    printable(other.listed.path), format_range(other.flash)));
  }
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
  selection.algorithm = with_settings(chosen.file, chosen.flash, chosen.ram,
                                      wish_.ram ? *wish_.ram : memory_around(chosen.ram, chip));
  return selection;
}

}  // namespace flashhost::flm
