#include <flashhost/access.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

constexpr std::uint32_t word_size = 4, half_size = 2;

std::uint32_t limit_of(const AccessLimits &limits, std::uint32_t unit) {
  return unit == word_size ? limits.word : unit == half_size ? limits.half : limits.byte;
}

class Cutter {
 public:
  Cutter(std::uint32_t address, const AccessLimits &limits) : address_(address), limits_(limits) {}

  void append(std::uint32_t offset, std::uint32_t size, std::uint32_t unit) {
    while (size != 0) {
      std::uint32_t part = std::min(size, limit_of(limits_, unit));
      if (limits_.boundary != 0) {
        part = std::min(part, limits_.boundary - (address_ + offset) % limits_.boundary);
      }
      if (part == 0) {
        throw Error(Errc::internal, fmt::format("the probe has no accesses of {} bytes", unit));
      }
      blocks_.push_back({offset, part, unit});
      offset += part;
      size -= part;
    }
  }

  // The widest unit that fits address and size both.
  [[nodiscard]] std::uint32_t common_unit(std::uint32_t offset, std::uint32_t size) const {
    const std::uint32_t both = (address_ + offset) | size;
    if (both % word_size == 0) return word_size;
    return both % half_size == 0 && limits_.half != 0 ? half_size : 1;
  }

  [[nodiscard]] std::vector<AccessBlock> take() { return std::move(blocks_); }

 private:
  std::uint32_t address_;
  AccessLimits limits_;
  std::vector<AccessBlock> blocks_;
};

}  // namespace

std::vector<AccessBlock> cut_into_blocks(std::uint32_t address, std::size_t size, Width width,
                                         const AccessLimits &limits) {
  if (std::uint64_t{address} + size > std::uint64_t{1} << 32) {
    throw Error(Errc::internal, fmt::format("access of {} at {} ends beyond the address space",
                                            format_size(size), hex(address)));
  }
  const auto length = static_cast<std::uint32_t>(size);
  Cutter cutter(address, limits);
  if (width != Width::automatic) {
    const auto unit = static_cast<std::uint32_t>(width);
    if (address % unit != 0 || length % unit != 0) {
      throw Error(Errc::internal, fmt::format("access of {} at {} is not a multiple of {} bytes",
                                              format_size(length), hex(address), unit));
    }
    cutter.append(0, length, unit);
    return cutter.take();
  }
  const std::uint32_t head = (word_size - address % word_size) % word_size;
  if (length < head + word_size) {
    cutter.append(0, length, cutter.common_unit(0, length));
    return cutter.take();
  }
  const std::uint32_t tail = (length - head) % word_size;
  cutter.append(0, head, cutter.common_unit(0, head));
  cutter.append(head, length - head - tail, word_size);
  cutter.append(length - tail, tail, cutter.common_unit(length - tail, tail));
  return cutter.take();
}

}  // namespace flashhost
