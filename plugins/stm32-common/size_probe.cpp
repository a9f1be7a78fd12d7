#include "size_probe.hpp"

#include "parts.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>

namespace stm32 {

namespace {

constexpr std::uint32_t granule = 1024, sample_count = 8;
using Block = std::array<std::uint8_t, 256>;

// Reads blocks of flash, each once. Nothing where the target refuses.
class Blocks {
 public:
  explicit Blocks(flashhost::ProbeReader &probe) : probe_(probe) {}

  const std::optional<Block> &at(std::uint32_t offset) {
    auto [place, is_new] = read_.try_emplace(offset);
    if (is_new) {
      try {
        Block block{};
        probe_.read_memory(flash_base + offset, block, flashhost::Width::word);
        place->second = block;
      } catch (const flashhost::Error &error) {
        if (error.code() != flashhost::Errc::memory_fault) throw;
      }
    }
    return place->second;
  }

 private:
  flashhost::ProbeReader &probe_;
  std::map<std::uint32_t, std::optional<Block>> read_;
};

// Spread over [from, to), the first and the last granule among them.
std::vector<std::uint32_t> samples(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t> offsets;
  const std::uint32_t step = std::max((to - from) / sample_count, granule);
  for (std::uint32_t offset = from; offset < to; offset += step) offsets.push_back(offset);
  offsets.push_back(to - granule);
  return offsets;
}

bool shown(Blocks &blocks, std::uint32_t from, std::uint32_t to) {
  const auto offsets = samples(from, to);
  bool only_zeros = true;
  for (const std::uint32_t offset : offsets) {
    const auto &block = blocks.at(offset);
    if (!block) return false;
    only_zeros = only_zeros && std::ranges::all_of(*block, [](auto byte) { return byte == 0; });
  }
  if (only_zeros) return false;  // how a bus reads where nothing is
  // Address lines that the die does not decode repeat its content at a power of two.
  for (std::uint32_t period = granule; period <= std::bit_floor(from); period *= 2) {
    const bool differs = std::ranges::any_of(offsets, [&](std::uint32_t offset) {
      const auto &lower = blocks.at(offset & (period - 1));
      return lower && *lower != *blocks.at(offset);
    });
    if (!differs) return false;
  }
  return true;
}

}  // namespace

std::uint32_t largest_shown(flashhost::ProbeReader &probe,
                            const std::vector<std::uint32_t> &sizes) {
  Blocks blocks(probe);
  std::uint32_t size = sizes.front();
  for (auto next = sizes.begin() + 1; next != sizes.end(); ++next) {
    if (!shown(blocks, size, *next)) break;
    size = *next;
  }
  return size;
}

}  // namespace stm32
