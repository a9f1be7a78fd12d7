#include <flashhost/parts.hpp>

#include <algorithm>
#include <set>

namespace flashhost {

namespace {

constexpr std::size_t longest_rest = 9;  // of an order code

bool is_order_code(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  for (char &c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

// Removes the first position of a pattern and returns the characters that it allows.
std::string_view take_place(std::string_view &pattern) {
  const std::size_t end = pattern.front() == '[' ? pattern.find(']') : std::string_view::npos;
  const bool bracket = end != std::string_view::npos;
  const std::string_view place = bracket ? pattern.substr(1, end - 1) : pattern.substr(0, 1);
  pattern.remove_prefix(bracket ? end + 1 : 1);
  return place;
}

// The name at the start of `text` (in capitals), as the pattern spells it; empty: no match.
std::string match(std::string_view pattern, std::string_view text) {
  std::string name;
  while (!pattern.empty()) {
    const bool bracket = pattern.front() == '[';
    const std::string_view place = take_place(pattern);
    if (text.empty()) return {};
    const char c = text.front();
    text.remove_prefix(1);
    const bool any = bracket && c == 'X';
    if (!any && place.find(c) == std::string_view::npos) return {};
    name += any ? 'x' : c;
  }
  return text.size() <= longest_rest && std::ranges::all_of(text, is_order_code) ? name : "";
}

void expand(std::string_view pattern, const std::string &begun, std::vector<std::string> &names) {
  if (pattern.empty()) {
    names.push_back(begun);
    return;
  }
  for (const char c : take_place(pattern)) expand(pattern, begun + c, names);
}

}  // namespace

std::string common_name(std::string_view pattern) {
  std::string name;
  while (!pattern.empty()) {
    const bool bracket = pattern.front() == '[';
    const std::string_view place = take_place(pattern);
    name += bracket ? 'x' : place.front();
  }
  return name;
}

std::vector<std::string> part_names(std::span<const Part> parts) {
  std::vector<std::string> names;
  for (const Part &part : parts) expand(part.pattern, "", names);
  return names;
}

std::optional<Chip> find_chip(std::span<const Part> parts, std::string_view name) {
  const std::string wanted = in_capitals(name);
  const Part *best = nullptr;
  std::string best_name;
  for (const Part &part : parts) {
    std::string found = match(part.pattern, wanted);
    if (found.size() <= best_name.size()) continue;
    best = &part;
    best_name = std::move(found);
  }
  if (best == nullptr) return {};
  Chip chip = best->chip;
  chip.name = std::move(best_name);
  return chip;
}

CommonPart common_part(std::span<const Part> parts, std::uint32_t device_id,
                       std::uint32_t flash_size, std::string_view series) {
  const std::vector<std::uint32_t> sizes = flash_sizes(parts, device_id);
  const auto beyond = std::ranges::upper_bound(sizes, flash_size);
  if (sizes.empty()) return {};
  const std::uint32_t size = beyond == sizes.begin() ? sizes.front() : *std::prev(beyond);
  CommonPart common;
  bool of_series = false;
  for (const Part &part : parts) {
    if (part.chip.device_id != device_id || part.chip.flash.size != size) continue;
    const bool first = common.name.empty();
    common.ram_size = first ? part.chip.ram.size : std::min(common.ram_size, part.chip.ram.size);
    if (of_series || (!first && !part.pattern.starts_with(series))) continue;
    of_series = part.pattern.starts_with(series);
    common.name = common_name(part.pattern);
  }
  return common;
}

std::vector<std::uint32_t> flash_sizes(std::span<const Part> parts, std::uint32_t device_id) {
  std::set<std::uint32_t> sizes;
  for (const Part &part : parts) {
    if (part.chip.device_id == device_id) sizes.insert(part.chip.flash.size);
  }
  return {sizes.begin(), sizes.end()};
}

}  // namespace flashhost
