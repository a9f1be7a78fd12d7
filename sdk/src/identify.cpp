#include <flashhost/error.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <map>
#include <type_traits>
#include <utility>

namespace flashhost {

namespace {

// A flash that is still busy may refuse an access: an important read is tried this often.
constexpr int most_attempts = 3;
constexpr std::chrono::milliseconds between_attempts(20);

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t granule = 1024, sample_count = 8;
using Block = std::array<std::uint8_t, 256>;

// Reads blocks of flash, each only once. Empty when the target refuses the read.
class Blocks {
 public:
  Blocks(ProbeReader &probe, std::uint32_t base) : probe_(probe), base_(base) {}

  const std::optional<Block> &at(std::uint32_t offset) {
    auto [place, is_new] = read_.try_emplace(offset);
    if (is_new) {
      try {
        Block block{};
        probe_.read_memory(base_ + offset, block, Width::word);
        place->second = block;
      } catch (const Error &error) {
        if (error.code() != Errc::memory_fault) throw;
      }
    }
    return place->second;
  }

 private:
  ProbeReader &probe_;
  std::uint32_t base_;
  std::map<std::uint32_t, std::optional<Block>> read_;
};

// Granules spread over [from, to), including the first and the last.
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
  if (only_zeros) return false;  // some buses read zeros where there is no memory
  // A die that does not decode the upper address lines repeats its content at a power of two.
  for (std::uint32_t period = granule; period <= std::bit_floor(from); period *= 2) {
    const bool differs = std::ranges::any_of(offsets, [&](std::uint32_t offset) {
      const auto &lower = blocks.at(offset & (period - 1));
      return lower && *lower != *blocks.at(offset);
    });
    if (!differs) return false;
  }
  return true;
}

// read: returns something optional.
template <class Read>
std::invoke_result_t<Read> read_until_two_agree(ProbeReader &probe, std::uint32_t address,
                                                Read read) {
  auto last = read();
  for (int attempt = 1; attempt <= most_attempts; ++attempt) {
    auto next = read();
    if (next && next == last) return next;
    last = std::move(next);
    probe.sleep(between_attempts);
  }
  if (!last) return {};
  throw Error(
      Errc::target, fmt::format("the chip's id at {} reads differently each time", hex(address)),
      "The wires damage what they carry: shorten them, or lower transport.speed (--speed 950kHz).")
      .see(Cause::line_errors);
}

bool believable(const Chip &chip, std::uint32_t size, const std::vector<std::uint32_t> &sold) {
  if (std::ranges::find(sold, size) != sold.end()) return true;
  constexpr std::uint32_t least = 4 * kib;
  return size >= least && size < sold.front() && std::has_single_bit(size) &&
         !wrong_flash_size(chip, size);
}

}  // namespace

std::optional<std::uint32_t> read_if_there(ProbeReader &probe, std::uint32_t address) {
  try {
    return probe.read_word(address);
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return {};
  }
}

std::uint32_t read_surely(ProbeReader &probe, std::uint32_t address) {
  for (int attempt = 1; attempt < most_attempts; ++attempt) {
    if (const auto word = read_if_there(probe, address)) return *word;
    probe.sleep(between_attempts);
  }
  return probe.read_word(address);
}

std::optional<std::uint32_t> read_id_word(ProbeReader &probe, std::uint32_t address) {
  return read_until_two_agree(probe, address, [&] { return read_if_there(probe, address); });
}

std::optional<Bytes> read_id_bytes(ProbeReader &probe, std::uint32_t address, std::size_t length) {
  return read_until_two_agree(probe, address, [&]() -> std::optional<Bytes> {
    try {
      Bytes bytes(length);
      probe.read_memory(address, bytes, Width::word);
      return bytes;
    } catch (const Error &error) {
      if (error.code() != Errc::memory_fault) throw;
      return {};
    }
  });
}

Bytes plausible_unique_id(std::span<const std::uint8_t> id) {
  constexpr std::size_t word = 4;
  const bool repeated =
      id.size() <= word || std::ranges::equal(id.subspan(word), id.first(id.size() - word));
  return repeated ? Bytes{} : Bytes(id.begin(), id.end());
}

Bytes read_unique_id(ProbeReader &probe, std::uint32_t address, std::size_t length) {
  return plausible_unique_id(read_id_bytes(probe, address, length).value_or(Bytes{}));
}

std::uint32_t largest_shown(ProbeReader &probe, std::uint32_t flash_address,
                            const std::vector<std::uint32_t> &sizes) {
  Blocks blocks(probe, flash_address);
  std::uint32_t size = sizes.front();
  for (auto next = sizes.begin() + 1; next != sizes.end(); ++next) {
    if (!shown(blocks, size, *next)) break;
    size = *next;
  }
  return size;
}

void take_reported_size(ProbeReader &probe, Chip &chip, std::uint32_t reported_kib,
                        std::span<const Part> parts) {
  std::vector<std::uint32_t> sold = flash_sizes(parts, chip.device_id);
  std::erase_if(sold, [&](std::uint32_t size) { return wrong_flash_size(chip, size).has_value(); });
  if (sold.empty()) throw Error(Errc::internal, "no part of this device id fits the die");
  const std::uint64_t reported = std::uint64_t{reported_kib} * kib;
  const auto bytes = static_cast<std::uint32_t>(reported);
  if (bytes == reported && believable(chip, bytes, sold)) return set_flash_size(chip, bytes);
  const std::uint32_t size = largest_shown(probe, chip.flash.address, sold);
  set_flash_size(chip, size);
  chip.size_doubt = {fmt::format("the flash size register reads 0x{:04x}, which is no size of a {}",
                                 reported_kib, chip.die),
                     size == sold.front()
                         ? "the smallest of the line"
                         : "the largest that was seen to answer with content of its own"};
}

}  // namespace flashhost
