#include "parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stm32 {

std::optional<NamedPart> find_part(std::span<const Part> parts, std::string_view name) {
  constexpr std::size_t series_length = 9, package_at = 9, size_at = 10, longest = 20;
  if (name.size() <= size_at || name.size() > longest) return {};
  std::string upper(name);
  for (char &c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if ((c < 'A' || c > 'Z') && (c < '0' || c > '9')) return {};
  }
  for (const Part &part : parts) {
    if (upper.compare(0, series_length, part.series) != 0 || upper[size_at] != part.size) continue;
    const bool any_package = upper[package_at] == 'X';
    if (!any_package && part.packages.find(upper[package_at]) == std::string_view::npos) continue;
    const char package = any_package ? 'x' : upper[package_at];
    return NamedPart{&part, fmt::format("{}{}{}", part.series, package, part.size)};
  }
  return {};
}

std::vector<std::string> part_names(std::span<const Part> parts) {
  std::vector<std::string> names;
  for (const Part &part : parts) {
    for (const char package : part.packages) {
      names.push_back(fmt::format("{}{}{}", part.series, package, part.size));
    }
  }
  return names;
}

char size_letter(std::span<const Part> parts, std::uint32_t device_id, std::uint32_t flash_size) {
  const Part *best = nullptr;
  const auto fits = [&](const Part &part) { return part.flash_kib * kib <= flash_size; };
  const auto better = [&](const Part &part) {
    if (best == nullptr || fits(part) != fits(*best)) return best == nullptr || fits(part);
    return fits(part) ? part.flash_kib > best->flash_kib : part.flash_kib < best->flash_kib;
  };
  for (const Part &part : parts) {
    if (part.device_id == device_id && better(part)) best = &part;
  }
  return best == nullptr ? 'x' : best->size;
}

std::uint32_t least_ram(std::span<const Part> parts, std::uint32_t device_id,
                        std::uint32_t flash_size) {
  const char letter = size_letter(parts, device_id, flash_size);
  std::uint32_t least = 0;
  for (const Part &part : parts) {
    if (part.device_id != device_id || part.size != letter) continue;
    const std::uint32_t size = part.ram_kib * kib;
    least = least == 0 ? size : std::min(least, size);
  }
  return least;
}

std::vector<std::uint32_t> flash_sizes(std::span<const Part> parts, std::uint32_t device_id) {
  std::vector<std::uint32_t> sizes;
  for (const Part &part : parts) {
    if (part.device_id == device_id) sizes.push_back(part.flash_kib * kib);
  }
  std::ranges::sort(sizes);
  const auto repeated = std::ranges::unique(sizes);
  sizes.erase(repeated.begin(), repeated.end());
  return sizes;
}

}  // namespace stm32
