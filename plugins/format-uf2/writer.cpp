#include "block.hpp"
#include "families.hpp"
#include "uf2.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace flashhost::uf2 {

namespace {

// What every boot loader can write; and then the offset in the file says the address.
constexpr std::size_t page = 256;

void put(std::span<std::uint8_t> block, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) block[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::size_t pages(const Segment &segment) {
  const std::uint64_t first = segment.address / page;
  return static_cast<std::size_t>((segment.end() + page - 1) / page - first);
}

}  // namespace

Bytes write(const ParsedFile &content) {
  std::optional<std::uint32_t> family;
  if (!content.made_for.empty()) {
    family = family_id(content.made_for);
    if (!family) {
      throw Error(Errc::image, fmt::format("there is no UF2 family id for {}", content.made_for),
                  "Use another format, such as Intel HEX.");
    }
  }
  if (content.segments.empty()) {
    throw Error(Errc::image, "a UF2 file cannot be without data, and there is none");
  }
  std::size_t total = 0;
  for (const Segment &segment : content.segments) total += pages(segment);
  Bytes file(total * block_size);
  std::size_t number = 0;
  for (const Segment &segment : content.segments) {
    for (std::size_t at = 0; at < segment.data.size();) {
      const auto address = static_cast<std::uint32_t>(segment.address + at);
      const std::size_t size = std::min(page - address % page, segment.data.size() - at);
      const auto block = std::span(file).subspan(number * block_size, block_size);
      put(block, first_magic_at, first_magic);
      put(block, second_magic_at, second_magic);
      put(block, flags_at, family ? has_family : 0);
      put(block, address_at, address);
      put(block, size_at, static_cast<std::uint32_t>(size));
      put(block, number_at, static_cast<std::uint32_t>(number));
      put(block, total_at, static_cast<std::uint32_t>(total));
      put(block, family_at, family.value_or(0));
      std::copy_n(segment.data.begin() + static_cast<std::ptrdiff_t>(at), size,
                  block.begin() + payload_at);
      put(block, last_magic_at, last_magic);
      at += size;
      ++number;
    }
  }
  return file;
}

}  // namespace flashhost::uf2
