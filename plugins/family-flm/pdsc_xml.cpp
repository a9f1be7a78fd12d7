#include "pdsc_xml.hpp"

#include "names.hpp"
#include "pdsc.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace flashhost::flm {

namespace {

// An element for each level, and the attribute with its name.
struct Kind {
  const char *element;
  const char *name;
};
constexpr std::array<Kind, 4> kinds = {{{"family", "Dfamily"},
                                        {"subFamily", "DsubFamily"},
                                        {"device", "Dname"},
                                        {"variant", "Dvariant"}}};

std::string text(const pugi::xml_node &node, const char *attribute) {
  return node.attribute(attribute).as_string();
}

bool flag(const pugi::xml_node &node, const char *attribute) {
  const std::string value = text(node, attribute);
  return value == "1" || value == "true";
}

// Decimal or 0x. Empty: there is none, or it is not a number, which is then the problem.
std::optional<std::uint32_t> number(const pugi::xml_node &node, const char *attribute,
                                    std::string &problem) {
  const std::string value = text(node, attribute);
  if (value.empty()) return {};
  const auto found = parse_address(value);
  if (!found && problem.empty()) {
    problem = fmt::format("its {}, '{}', is no number below 2^32", attribute, printable(value));
  }
  return found;
}

std::optional<MemoryRange> range(const pugi::xml_node &node, std::string &problem) {
  const auto start = number(node, "start", problem);
  const auto size = number(node, "size", problem);
  if (!start || !size) return {};
  const MemoryRange range{*start, *size};
  if (range.end() > std::uint64_t{1} << 32U && problem.empty()) {
    problem = fmt::format("{} bytes at {} reach beyond the 32-bit address space", range.size,
                          hex(range.address));
  }
  return range;
}

PackProcessor read_processor(const pugi::xml_node &node) {
  return {text(node, "Pname"), text(node, "Dcore"), text(node, "Dfpu"), text(node, "Dmpu"),
          text(node, "Dtz")};
}

PackMemory read_memory(const pugi::xml_node &node) {
  PackMemory memory;
  memory.name = node.attribute("name") ? text(node, "name") : text(node, "id");
  memory.access = text(node, "access");
  if (memory.access.empty()) memory.access = contains(memory.name, "RAM") ? "rwx" : "rx";
  const auto found = range(node, memory.problem);
  if (!found && memory.problem.empty()) memory.problem = "it has no start or no size";
  memory.range = found.value_or(MemoryRange{});
  memory.is_default = flag(node, "default");
  memory.startup = flag(node, "startup");
  memory.alias = text(node, "alias");
  memory.processor = text(node, "Pname");
  return memory;
}

PackAlgorithm read_algorithm(const pugi::xml_node &node, unsigned level) {
  PackAlgorithm algorithm;
  algorithm.path = text(node, "name");
  if (algorithm.path.empty()) algorithm.problem = "it has no name";
  algorithm.range = range(node, algorithm.problem);
  algorithm.ram_start = number(node, "RAMstart", algorithm.problem);
  algorithm.ram_size = number(node, "RAMsize", algorithm.problem);
  algorithm.is_default = flag(node, "default");
  algorithm.style = text(node, "style");
  algorithm.processor = text(node, "Pname");
  algorithm.level = level;
  return algorithm;
}

Properties read_properties(const pugi::xml_node &node, unsigned level) {
  Properties own;
  for (const auto &child : node.children("processor"))
    own.processors.push_back(read_processor(child));
  for (const auto &child : node.children("memory")) own.memories.push_back(read_memory(child));
  for (const auto &child : node.children("algorithm")) {
    own.algorithms.push_back(read_algorithm(child, level));
  }
  for (const auto &child : node.children("flashinfo"))
    own.flash_infos.push_back(text(child, "name"));
  for (const auto &sequences : node.children("sequences")) {
    for (const auto &child : sequences.children("sequence")) {
      if (child.first_child()) own.sequences.push_back(text(child, "name"));
    }
  }
  return own;
}

// A family may have devices without a subFamily between.
Level read_level(const pugi::xml_node &node, unsigned level, std::size_t &count) {
  if (++count > Pdsc::max_levels) {
    throw Error(Errc::image,
                fmt::format("it has more than {} families, devices and variants, which is refused",
                            Pdsc::max_levels),
                "No pack has so many: the description (.pdsc) is damaged or made by a faulty "
                "program.");
  }
  Level result{static_cast<Level::Depth>(level),
               text(node, kinds.at(level).name),
               text(node, "Dvendor"),
               read_properties(node, level),
               {}};
  for (unsigned next = level + 1; next < kinds.size(); ++next) {
    if (next == Level::variant && level != Level::device) break;
    for (const auto &child : node.children(kinds.at(next).element)) {
      result.children.push_back(read_level(child, next, count));
    }
  }
  return result;
}

}  // namespace

std::vector<Level> read_families(const pugi::xml_node &devices) {
  std::vector<Level> families;
  std::size_t count = 0;
  for (const auto &node : devices.children(kinds[0].element)) {
    families.push_back(read_level(node, 0, count));
  }
  return families;
}

}  // namespace flashhost::flm
