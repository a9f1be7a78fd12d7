#include "pdsc.hpp"

#include "names.hpp"
#include "pdsc_xml.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <functional>

namespace flashhost::flm {

namespace {

constexpr const char *damaged =
    "The description (.pdsc) is damaged, or no pack description: get the pack again.";

[[noreturn]] void fail(const std::string &reason) {
  throw Error(Errc::image, reason, damaged);
}

// A part with what it inherits. owner: the device whose variant it is, or its own name.
struct Listed {
  const std::string &name;
  const std::string &owner;
  const std::string &vendor;
  const Properties &properties;
};
using Visit = std::function<void(const Listed &)>;

// Depth first; there are four levels at most.
void visit_parts(const Level &level, const Properties &inherited, const std::string &vendor,
                 const std::string &owner, const Visit &visit) {
  Properties properties = inherited;
  inherit(properties, level.own);
  const std::string &own_vendor = level.vendor.empty() ? vendor : level.vendor;
  for (const Level &child : level.children) {
    visit_parts(child, properties, own_vendor, level.name, visit);
  }
  const bool is_part = level.depth >= Level::device && level.children.empty();
  if (!is_part || level.name.empty()) return;
  visit({level.name, level.depth == Level::device ? level.name : owner, own_vendor, properties});
}

void visit_parts(const std::vector<Level> &families, const Visit &visit) {
  for (const Level &family : families) visit_parts(family, {}, {}, {}, visit);
}

// "STMicroelectronics:13" without its number.
std::string vendor_of(const std::string &text) {
  return text.substr(0, text.find(':'));
}

// Access letters do not tell flash: some packs list it as "rw", and boot ROM as "rx".
bool is_programmed(const Properties &properties, MemoryRange range) {
  const auto &all = properties.algorithms;
  return std::any_of(all.begin(), all.end(), [&](const PackAlgorithm &algorithm) {
    return algorithm.is_flm() && algorithm.is_default && algorithm.range &&
           algorithm.range->overlaps(range);
  });
}

PackDevice device_of(const Listed &part) {
  PackDevice device{part.name, vendor_of(part.vendor), {}, 0, 0};
  for (const PackProcessor &processor : part.properties.processors) {
    device.cores.push_back(processor.core);
  }
  const bool guess = !is_programmed(part.properties, {0, 0xFFFFFFFF});
  for (const PackMemory &memory : part.properties.memories) {
    if (!memory.problem.empty() || !memory.alias.empty() || memory.has('p')) continue;
    if (is_programmed(part.properties, memory.range) || (guess && !memory.has('w'))) {
      device.flash_size += memory.range.size;
    } else if (memory.has('w')) {
      device.ram_size += memory.range.size;
    }
  }
  return device;
}

// What a name stands for.
struct Hits {
  std::vector<std::string> names;
  PackChip first;
  bool differ = false;

  void add(const Listed &part) {
    if (names.empty()) {
      first = PackChip{part.name, vendor_of(part.vendor), part.properties, {}};
    } else if (first.properties != part.properties) {
      differ = true;
    }
    names.push_back(part.name);
  }
};

PackChip chip_of(const Hits &hits, std::string_view name) {
  if (hits.differ) {
    throw Error(Errc::config,
                fmt::format("'{}' stands for several chips that are not alike: {}", printable(name),
                            list_of(hits.names)),
                "Name one of them in full.");
  }
  PackChip chip = hits.first;
  if (!same_name(chip.name, name)) {
    chip.warnings.push_back(fmt::format("'{}' is taken for {}{}.", printable(name),
                                        list_of(hits.names),
                                        hits.names.size() > 1 ? ", which are alike" : ""));
  }
  return chip;
}

void check(const PackChip &chip) {
  const auto refuse = [&](std::string_view kind, const std::string &which,
                          const std::string &problem) {
    if (problem.empty()) return;
    fail(
        fmt::format("chip {}, {} '{}': {}", printable(chip.name), kind, printable(which), problem));
  };
  for (const PackMemory &memory : chip.properties.memories) {
    refuse("memory", memory.name, memory.problem);
  }
  for (const PackAlgorithm &algorithm : chip.properties.algorithms) {
    if (algorithm.is_flm()) refuse("algorithm", algorithm.path, algorithm.problem);
  }
}

}  // namespace

Pdsc::Pdsc(std::span<const std::uint8_t> xml) {
  if (xml.size() > max_size) {
    fail(fmt::format("it has {}; more than {} are refused", format_size(xml.size()),
                     format_size(max_size)));
  }
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(xml.data(), xml.size());
  if (!result) {
    fail(fmt::format("it is no XML: {} (offset {})", result.description(), result.offset));
  }
  const pugi::xml_node package = document.child("package");
  if (!package) fail("its first element is not <package>");
  const std::string version =
      package.child("releases").child("release").attribute("version").as_string("?");
  name_ = printable(fmt::format("{}.{}.{}", package.child("vendor").text().as_string("?"),
                                package.child("name").text().as_string("?"), version));
  families_ = read_families(package.child("devices"));
}

std::vector<PackDevice> Pdsc::devices() const {
  std::vector<PackDevice> devices;
  visit_parts(families_, [&](const Listed &part) { devices.push_back(device_of(part)); });
  return devices;
}

PackChip Pdsc::chip(std::string_view name) const {
  Hits exact;
  Hits shortened;
  std::vector<std::string> all;
  visit_parts(families_, [&](const Listed &part) {
    if (same_name(part.name, name)) {
      exact.add(part);
    } else if (!name.empty() && (begins_with(part.name, name) || same_name(part.owner, name))) {
      shortened.add(part);
    }
    all.push_back(part.name);
  });
  if (exact.names.empty() && shortened.names.empty()) {
    const auto similar = nearest(name, all);
    throw Error(Errc::config, fmt::format("the pack {} has no chip '{}'", name_, printable(name)),
                similar ? fmt::format("Did you mean {}?", printable(*similar))
                        : "Its chips are in its description (.pdsc). Is it the right pack?");
  }
  PackChip chip = chip_of(exact.names.empty() ? shortened : exact, name);
  check(chip);
  return chip;
}

}  // namespace flashhost::flm
