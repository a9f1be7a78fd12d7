#include "chip_choice.hpp"

#include "elf_parts.hpp"
#include "names.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>

namespace flashhost::flm {

namespace {

[[noreturn]] void fail_for_user(const std::string &reason, const std::string &hint) {
  throw Error(Errc::config, reason, hint);
}

std::optional<MemoryRange> common(MemoryRange a, MemoryRange b) {
  const std::uint64_t start = std::max(a.address, b.address);
  const std::uint64_t end = std::min(a.end(), b.end());
  if (start >= end) return {};
  return MemoryRange{static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end - start)};
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.find_last_of("/\\") + 1);
}

// With or without folder and extension.
bool is_named(std::string_view path, std::string_view wish) {
  const std::string_view file = file_name(path);
  return same_name(path, wish) || same_name(file, wish) ||
         same_name(file.substr(0, file.rfind('.')), wish);
}

struct Candidate {
  const PackAlgorithm *listed = nullptr;
  MemoryRange range;
  bool named = false;
  bool is_memory = false;  // its range is just that of a memory

  // What counts, the first most.
  [[nodiscard]] std::tuple<bool, unsigned, bool> rank() const {
    return {named, listed->level, is_memory};
  }
};

class Chooser {
 public:
  Chooser(const PackChip &chip, const Wish &wish, const ReadFile &read)
      : chip_(chip), wish_(wish), read_(read), processor_(choose_processor()) {}

  Choice choose() {
    std::vector<Candidate> candidates = all_candidates();
    std::sort(candidates.begin(), candidates.end(), [](const Candidate &a, const Candidate &b) {
      return a.rank() != b.rank() ? a.rank() > b.rank() : a.listed < b.listed;
    });
    std::vector<Candidate> chosen;
    for (const Candidate &candidate : candidates) {
      if (!is_covered(candidate, chosen)) chosen.push_back(candidate);
    }
    std::sort(chosen.begin(), chosen.end(), [](const Candidate &a, const Candidate &b) {
      return a.range.address < b.range.address;
    });
    for (const Candidate &candidate : chosen) choice_.algorithms.push_back(finish(candidate));
    return std::move(choice_);
  }

 private:
  std::string choose_processor() {
    const std::vector<PackProcessor> &processors = chip_.properties.processors;
    std::vector<std::string> names;
    for (const PackProcessor &processor : processors) {
      if (!wish_.processor.empty() && same_name(processor.name, wish_.processor)) {
        return processor.name;
      }
      names.push_back(processor.name);
    }
    if (!wish_.processor.empty()) {
      fail_for_user(fmt::format("chip {} has no core '{}'", printable(chip_.name),
                                printable(wish_.processor)),
                    names.size() > 1 ? fmt::format("Its cores: {}.", list_of(names))
                                     : "It has one core: remove the name.");
    }
    if (names.size() > 1) {
      const auto &algorithms = chip_.properties.algorithms;
      if (std::any_of(algorithms.begin(), algorithms.end(), [](const PackAlgorithm &algorithm) {
            return algorithm.is_flm() && !algorithm.processor.empty();
          })) {
        fail_for_user(
            fmt::format("chip {} has several cores, each with flash algorithms of its own",
                        printable(chip_.name)),
            fmt::format("Name one of: {}.", list_of(names)));
      }
      choice_.warnings.push_back(fmt::format("Of the cores {} the first is used.", list_of(names)));
    }
    return names.empty() ? std::string() : names.front();
  }

  [[nodiscard]] bool is_for_core(std::string_view processor) const {
    return processor.empty() || processor_.empty() || same_name(processor, processor_);
  }

  [[nodiscard]] std::vector<std::string> available() const {
    std::vector<std::string> names;
    for (const PackAlgorithm &algorithm : chip_.properties.algorithms) {
      if (algorithm.is_flm() && is_for_core(algorithm.processor)) {
        names.emplace_back(file_name(algorithm.path));
      }
    }
    return names;
  }

  void check_wishes() const {
    for (const std::string &wish : wish_.algorithms) {
      const auto &all = chip_.properties.algorithms;
      if (std::any_of(all.begin(), all.end(), [&](const PackAlgorithm &algorithm) {
            return algorithm.is_flm() && is_for_core(algorithm.processor) &&
                   is_named(algorithm.path, wish);
          })) {
        continue;
      }
      fail_for_user(fmt::format("chip {} has no flash algorithm '{}'", printable(chip_.name),
                                printable(wish)),
                    available().empty() ? "The pack has none for it."
                                        : fmt::format("It has: {}.", list_of(available())));
    }
  }

  [[nodiscard]] std::vector<Candidate> all_candidates() const {
    check_wishes();
    std::vector<Candidate> candidates;
    for (const PackAlgorithm &algorithm : chip_.properties.algorithms) {
      if (!algorithm.is_flm() || !is_for_core(algorithm.processor)) continue;
      const bool named =
          std::any_of(wish_.algorithms.begin(), wish_.algorithms.end(),
                      [&](const std::string &wish) { return is_named(algorithm.path, wish); });
      if (!named && !algorithm.is_default) continue;
      Candidate candidate{&algorithm, {}, named, false};
      candidate.range = algorithm.range ? *algorithm.range : file_of(algorithm).device.range;
      const auto &memories = chip_.properties.memories;
      candidate.is_memory =
          std::any_of(memories.begin(), memories.end(), [&](const PackMemory &memory) {
            return memory.range == candidate.range && is_for_core(memory.processor);
          });
      candidates.push_back(candidate);
    }
    if (!candidates.empty()) return candidates;
    if (available().empty()) {
      fail_for_user(
          fmt::format("the pack has no flash algorithm (FLM) for chip {}", printable(chip_.name)),
          "Name one from elsewhere: algorithm, in the board file.");
    }
    fail_for_user(fmt::format("no flash algorithm of chip {} is a default", printable(chip_.name)),
                  fmt::format("Name one of: {}.", list_of(available())));
  }

  // Whether a better one is there for some of its flash.
  [[nodiscard]] bool is_covered(const Candidate &candidate,
                                const std::vector<Candidate> &chosen) const {
    bool covered = false;
    for (const Candidate &better : chosen) {
      const auto both = common(better.range, candidate.range);
      if (!both) continue;
      covered = true;
      if (better.rank() != candidate.rank() || same_content(*better.listed, *candidate.listed)) {
        continue;
      }
      fail_for_user(
          fmt::format("chip {} has several flash algorithms for {}: {}", printable(chip_.name),
                      format_range(*both), list_of({better.listed->path, candidate.listed->path})),
          "The pack does not say which one it is; they may be for different settings of the chip's "
          "option bytes. Name one of them.");
    }
    return covered;
  }

  [[nodiscard]] bool same_content(const PackAlgorithm &a, const PackAlgorithm &b) const {
    if (a.path == b.path) return true;
    const Bytes first = read_(a.path);
    return first == read_(b.path);
  }

  [[nodiscard]] FlmFile file_of(const PackAlgorithm &algorithm) const {
    const Bytes content = read_(algorithm.path);
    try {
      return parse_flm(content);
    } catch (const Error &error) {
      throw error.in(printable(algorithm.path));
    }
  }

  ChosenAlgorithm finish(const Candidate &candidate) {
    const PackAlgorithm &listed = *candidate.listed;
    ChosenAlgorithm chosen{listed, file_of(listed), {}, {}};
    const auto flash = common(candidate.range, chosen.file.device.range);
    if (!flash) {
      throw Error(
          Errc::image,
          fmt::format("{}: by the pack it is for {}, but by itself for {}", printable(listed.path),
                      format_range(candidate.range), format_range(chosen.file.device.range)),
          "Pack and algorithm do not fit. Name another algorithm, or use another version "
          "of the pack.");
    }
    chosen.flash = within_memory(*flash);
    chosen.ram = ram_for(listed);
    for (const std::string &warning : chosen.file.warnings) {
      choice_.warnings.push_back(printable(file_name(listed.path)) + ": " + warning);
    }
    return chosen;
  }

  // Algorithms exist for the largest chip of a size class. A pack need not list the memory at all.
  [[nodiscard]] MemoryRange within_memory(MemoryRange flash) const {
    std::uint64_t start = flash.end();
    std::uint64_t end = flash.address;
    for (const PackMemory &memory : chip_.properties.memories) {
      if (!is_for_core(memory.processor)) continue;
      const auto part = common(memory.range, flash);
      if (!part) continue;
      start = std::min<std::uint64_t>(start, part->address);
      end = std::max(end, part->end());
    }
    if (start >= end) return flash;
    return {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end - start)};
  }

  [[nodiscard]] MemoryRange ram_for(const PackAlgorithm &listed) const {
    if (wish_.ram) return *wish_.ram;
    if (!listed.ram_start) return default_ram(listed);
    const std::uint32_t start = *listed.ram_start;
    if (listed.ram_size) {
      const MemoryRange ram{start, *listed.ram_size};
      if (ram.size != 0 && ram.end() <= std::uint64_t{1} << 32U) return ram;
      throw Error(Errc::image,
                  fmt::format("{}: its RAM, {} bytes at {}, is none", printable(listed.path),
                              ram.size, hex(start)),
                  "The pack is wrong there: name the RAM yourself, or use another version.");
    }
    for (const PackMemory &memory : chip_.properties.memories) {
      if (!memory.has('w') || !memory.range.contains(start)) continue;
      return {start, static_cast<std::uint32_t>(memory.range.end() - start)};
    }
    fail_for_user(
        fmt::format("{}: the pack says that its RAM starts at {}, but not how large it is",
                    printable(listed.path), hex(start)),
        "Name the RAM yourself: ram_start and ram_size.");
  }

  [[nodiscard]] MemoryRange default_ram(const PackAlgorithm &listed) const {
    for (const PackMemory &memory : chip_.properties.memories) {
      if (memory.is_ram() && memory.is_default && is_for_core(memory.processor)) {
        return memory.range;
      }
    }
    fail_for_user(
        fmt::format("{}: the pack names no RAM for it, and no default RAM of the chip",
                    printable(listed.path)),
        "Name the RAM yourself, ram_start and ram_size: the chip's data sheet has its address.");
  }

  const PackChip &chip_;
  const Wish &wish_;
  const ReadFile &read_;
  Choice choice_;
  std::string processor_;
};

}  // namespace

Choice choose_algorithms(const PackChip &chip, const Wish &wish, const ReadFile &read) {
  return Chooser(chip, wish, read).choose();
}

}  // namespace flashhost::flm
