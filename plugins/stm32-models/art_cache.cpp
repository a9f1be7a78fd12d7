#include "art_cache.hpp"

#include <flashhost/machine/flash_controller.hpp>

#include <algorithm>
#include <utility>

namespace flashhost::machine::stm32 {
namespace {

constexpr std::uint32_t prften = 1U << 8;
constexpr std::uint32_t icen = 1U << 9;
constexpr std::uint32_t dcen = 1U << 10;
constexpr std::uint32_t icrst = 1U << 11;
constexpr std::uint32_t dcrst = 1U << 12;
constexpr std::uint32_t latency = 0xF;

}  // namespace

ArtCache::ArtCache(Board &board, Parts parts, std::span<const std::uint8_t> array)
    : board_(board), parts_(parts), array_(array), view_(array.begin(), array.end()) {}

void ArtCache::power_on() {
  control_ = 0;
  for (Line &line : instructions_) line.valid = false;
  for (Line &line : data_) line.valid = false;
  prefetched_.valid = false;
  last_line_ = ~0U;
  std::ranges::copy(array_, view_.begin());
  board_.memory_changed(flash_base, static_cast<std::uint32_t>(array_.size()));
}

bool ArtCache::instructions_cached() const {
  return (control_ & icen) != 0 && parts_.instructions;
}
bool ArtCache::data_cached() const {
  return (control_ & dcen) != 0 && parts_.data;
}
bool ArtCache::prefetching() const {
  return (control_ & prften) != 0 && parts_.prefetch;
}

ArtCache::Line *ArtCache::find(std::span<Line> lines, std::uint32_t number) {
  const auto found = std::ranges::find_if(
      lines, [&](const Line &line) { return line.valid && line.number == number; });
  return found == lines.end() ? nullptr : &*found;
}

ArtCache::Line &ArtCache::oldest(std::span<Line> lines) {
  return *std::ranges::min_element(lines, {},
                                   [](const Line &line) { return line.valid ? line.used : 0; });
}

std::span<const std::uint8_t> ArtCache::in_array(std::uint32_t number) const {
  return array_.subspan(std::size_t{number} * line_size, line_size);
}

void ArtCache::fill(Line &line, std::uint32_t number, std::span<const std::uint8_t> bytes) {
  line.number = number;
  line.valid = true;
  line.used = ++clock_;
  std::ranges::copy(bytes, line.bytes.begin());
}

void ArtCache::show(std::uint32_t number) {
  std::span<const std::uint8_t> content = in_array(number);
  if (prefetching() && prefetched_.valid && prefetched_.number == number) {
    content = prefetched_.bytes;
  }
  if (instructions_cached()) {
    if (const Line *const line = find(instructions_, number); line != nullptr) {
      content = line->bytes;
    }
  }
  const std::span<std::uint8_t> shown =
      std::span(view_).subspan(std::size_t{number} * line_size, line_size);
  if (std::ranges::equal(content, shown)) return;
  std::ranges::copy(content, shown.begin());
  board_.memory_changed(flash_base + number * line_size, line_size);
  board_.timeline.attention();
}

void ArtCache::show_all_held() {
  for (const Line &line : instructions_) {
    if (line.valid) show(line.number);
  }
  if (prefetched_.valid) show(prefetched_.number);
}

void ArtCache::leave_running() {
  if (const auto line = std::exchange(running_, std::nullopt)) show(*line);
}

void ArtCache::set_control(std::uint32_t value) {
  const std::uint32_t before = control_;
  control_ = value & (latency | prften | icen | dcen);
  last_line_ = ~0U;
  const auto may_reset = [&](std::uint32_t reset, std::uint32_t enable) {
    if ((value & reset) == 0) return false;
    const bool off = (before & enable) == 0 && (control_ & enable) == 0;
    if (!off) board_.note("FLASH_ACR: a cache is reset while it is enabled: nothing happens");
    return off || !parts_.reset_only_when_off;
  };
  if (may_reset(dcrst, dcen)) {
    for (Line &line : data_) line.valid = false;
  }
  if (may_reset(icrst, icen)) {
    for (Line &line : instructions_) {
      if (std::exchange(line.valid, false)) show(line.number);
    }
  }
  if ((control_ & prften) == 0 && std::exchange(prefetched_.valid, false)) show(prefetched_.number);
  leave_running();
  show_all_held();
}

void ArtCache::fill_up() {
  set_control(control_ | prften | icen | dcen);
  for (std::uint32_t line = 0; line < instructions_.size(); ++line) fetch(line * line_size);
  for (std::uint32_t line = 0; line < data_.size(); ++line) {
    if (before_load(line * line_size, sizeof(std::uint32_t))) loaded();
  }
}

void ArtCache::fetch(std::uint32_t offset) {
  const std::uint32_t number = offset / line_size;
  const bool caching = instructions_cached() || prefetching();
  if (number == last_line_ || !caching) return;
  last_line_ = number;
  leave_running();
  if (instructions_cached()) {
    if (Line *const line = find(instructions_, number); line != nullptr) {
      line->used = ++clock_;
    } else {
      const bool ahead = prefetching() && prefetched_.valid && prefetched_.number == number;
      Line &victim = oldest(instructions_);
      const std::uint32_t evicted = victim.number;
      const bool had_content = victim.valid;
      fill(victim, number,
           ahead ? std::span<const std::uint8_t>(prefetched_.bytes) : in_array(number));
      if (had_content) show(evicted);
      show(number);
    }
  }
  const bool more = (std::size_t{number} + 2) * line_size <= array_.size();
  const bool ahead_already = prefetched_.valid && prefetched_.number == number + 1;
  if (prefetching() && more && !ahead_already) {
    const std::uint32_t old = prefetched_.number;
    const bool had_content = prefetched_.valid;
    fill(prefetched_, number + 1, in_array(number + 1));
    if (had_content && old == number) {
      running_ = number;
    } else if (had_content) {
      show(old);
    }
    show(number + 1);
  }
}

std::uint8_t ArtCache::data_byte(std::uint32_t offset) const {
  if (data_cached()) {
    for (const Line &line : data_) {
      if (line.valid && line.number == offset / line_size) return line.bytes[offset % line_size];
    }
  }
  return array_[offset];
}

std::uint32_t ArtCache::load(std::uint32_t offset, unsigned width) const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width && offset + i < array_.size(); ++i) {
    value |= std::uint32_t{data_byte(offset + i)} << (8 * i);
  }
  return value;
}

bool ArtCache::before_load(std::uint32_t offset, unsigned width) {
  if (std::size_t{offset} + width > array_.size()) return false;
  if (data_cached()) {
    for (std::uint32_t number = offset / line_size; number <= (offset + width - 1) / line_size;
         ++number) {
      if (Line *const line = find(data_, number); line != nullptr) {
        line->used = ++clock_;
      } else {
        fill(oldest(data_), number, in_array(number));
      }
    }
  }
  for (std::uint32_t at = offset; at < offset + width; ++at) {
    const std::uint8_t seen = data_byte(at);
    if (view_[at] == seen) continue;
    patches_.push_back({at, view_[at]});
    view_[at] = seen;
  }
  return !patches_.empty();
}

void ArtCache::loaded() {
  for (const Patch &patch : patches_) view_[patch.offset] = patch.code;
  patches_.clear();
}

void ArtCache::changed(std::uint32_t offset, std::uint32_t length) {
  const std::uint32_t last = (offset + length - 1) / line_size;
  const auto held = [&](std::uint32_t number) {
    return (prefetched_.valid && prefetched_.number == number) ||
           find(instructions_, number) != nullptr;
  };
  for (std::uint32_t number = offset / line_size; number <= last; ++number) {
    if (held(number)) {
      show(number);
    } else {
      std::ranges::copy(in_array(number), view_.begin() + std::ptrdiff_t{number} * line_size);
    }
  }
  board_.memory_changed(flash_base + offset, length);
}

void ArtCache::changed_with_data(std::uint32_t offset, std::uint32_t length) {
  for (std::uint32_t at = offset; at < offset + length; ++at) {
    if (Line *const line = find(data_, at / line_size); line != nullptr) {
      line->bytes[at % line_size] = array_[at];
    }
  }
  changed(offset, length);
}

}  // namespace flashhost::machine::stm32
