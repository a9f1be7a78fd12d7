// Which flash algorithms of a pack program a chip, and in which RAM they run.
#pragma once

#include "flm_file.hpp"
#include "pdsc.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::flm {

struct Wish {
  std::string processor;  // Pname; empty: the only core, or the first if all algorithms suit all
  // File names of algorithms, with or without folder and extension, in upper or lower case: they
  // are taken before all others. Only so one that is not a default: option bytes, external flash.
  std::vector<std::string> algorithms;
  // Instead of what the pack says.
  std::optional<MemoryRange> ram = {};  // NOLINT(readability-redundant-member-init)
};

struct ChosenAlgorithm {
  PackAlgorithm listed;
  FlmFile file;
  MemoryRange flash;  // what it may erase and program: by the pack, the memory and the file itself
  MemoryRange ram;    // for its code, data, stack and pages
  friend bool operator==(const ChosenAlgorithm &, const ChosenAlgorithm &) = default;
};

struct Choice {
  std::vector<ChosenAlgorithm> algorithms;  // by address, not overlapping; at least one
  std::vector<std::string> warnings;
};

// The content of a file of the pack, by its path in the description.
using ReadFile = std::function<Bytes(const std::string &path)>;

// Throws Errc::config where the user has to name something: a core, one of several
// algorithms that are equally good, an algorithm at all, RAM. Errc::image where an
// algorithm cannot be used.
[[nodiscard]] Choice choose_algorithms(const PackChip &chip, const Wish &wish,
                                       const ReadFile &read);

}  // namespace flashhost::flm
