#include "family/on_board.hpp"

#include "flash/loader_access.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace flashhost::conformance {

using namespace std::chrono_literals;
using machine::Ack;

void Told::message(Level level, const std::string &text) {
  all += text + "\n";
  if (level >= Level::warning) warnings += text + "\n";
}

std::string in_words(const Way &way) {
  if (!way.direct) return "by the loader";
  return fmt::format("by the direct path, {}-bit accesses", 8 * static_cast<int>(*way.direct));
}

namespace {

// Bytes without given content are erased.
Bytes filled(const machine::Config &config, Bytes content) {
  const machine::Part *part = machine::find_part(*config.model, config.part);
  const auto chip = find_chip(tested_family().family->parts(), config.part);
  if (part != nullptr && chip) content.resize(part->flash_size, chip->erased_value);
  return content;
}

}  // namespace

Session::Session(const machine::Config &config, Bytes content)
    : board_(config, filled(config, std::move(content))) {}

std::unique_ptr<Probe> Session::fresh_probe() {
  return std::make_unique<bench::WatchingProbe>(board_.probe(host_), hooks_);
}

Target &Session::connect(const TargetOptions &options) {
  return connect_with(tested_family(), options);
}

Target &Session::connect_with(const NamedFamily &family, const TargetOptions &options) {
  target_.reset();
  target_ = std::make_unique<Target>(fresh_probe(), std::vector{family}, options, told_);
  target_->connect();
  return *target_;
}

Target &Session::prepared(const TargetOptions &options) {
  connect(options).prepare();
  return *target_;
}

std::unique_ptr<FlashAccess> Session::start(const Way &way) {
  Family &family = *tested_family().family;
  if (!way.direct) return start_loader(probe(), family, chip(), told_, {});
  return make_direct_access(probe(), {family.direct_flash(), way.direct}, chip(), told_, {});
}

void Session::with(const Way &way, const std::function<void(FlashAccess &)> &act) {
  try {
    const auto access = start(way);
    act(*access);
    access->drain();
    access->finish();
  } catch (const Error &error) {
    throw error.in(in_words(way));
  }
}

std::vector<Way> Session::ways() {
  Family &family = *tested_family().family;
  std::vector<Way> ways;
  if (!family.loader(chip()).code.empty()) ways.push_back({});
  if (DirectFlash *direct = family.direct_flash()) {
    for (const Width width : direct->widths(chip())) ways.emplace_back(width);
  }
  return ways;
}

void Session::by_each_way(const std::function<void(FlashAccess &)> &act) {
  for (const Way &way : ways()) {
    SCOPED_TRACE(in_words(way));
    prepared();
    with(way, act);
  }
}

std::optional<std::uint32_t> Session::word(std::uint32_t address) {
  return bench::read_word(board_.target(), address);
}

bool Session::set_word(std::uint32_t address, std::uint32_t value) {
  machine::Target &target = board_.target();
  target.clear_sticky_error();
  const bool done = target.write(address, 4, value) == Ack::ok;
  target.clear_sticky_error();
  return done;
}

Registers Session::tidy_registers() {
  Registers registers;
  for (const machine::NamedRegister &entry : board_.target().tidy_registers()) {
    if (const auto value = word(entry.address)) registers[entry.address] = *value;
  }
  return registers;
}

std::optional<std::uint32_t> Session::status_now(const Chip &chip, std::uint32_t address) {
  const StatusRegister *source = status_register(chip, address);
  std::uint32_t value = 0;
  if (source == nullptr) return std::nullopt;
  const Ack ack = board_.target().read(source->address, 4, value);
  if (ack == Ack::fault) board_.target().clear_sticky_error();
  return ack == Ack::ok ? std::optional(value) : std::nullopt;
}

Writes Session::writes_of(const std::function<void()> &act) {
  Writes writes;
  const bench::WatchingProbe::HookScope scope(hooks_);
  hooks_.before_write = [&](std::uint32_t address, auto data, Width width) {
    writes.push_back({address,
                      {data.begin(), data.end()},
                      width == Width::automatic ? 4U : static_cast<unsigned>(width)});
  };
  act();
  return writes;
}

void Session::replay(const Writes &writes) {
  machine::Target &target = board_.target();
  for (const Written &written : writes) {
    for (std::uint32_t at = 0; at < written.data.size(); at += written.width) {
      std::uint32_t value = 0;
      for (std::uint32_t i = 0; i < written.width && at + i < written.data.size(); ++i) {
        value |= std::uint32_t{written.data[at + i]} << (8 * i);
      }
      for (int attempt = 0; attempt < 100; ++attempt) {
        if (target.write(written.address + at, written.width, value) != Ack::wait) break;
        target.advance(1ms);
      }
      target.clear_sticky_error();
    }
  }
}

std::vector<std::uint8_t> Session::special_content() {
  constexpr std::uint32_t most = 0x8000;
  std::vector<std::uint8_t> bytes;
  for (const NamedRange &special : chip().special) {
    // A range that shows the start of the flash a second time (boot alias) is skipped.
    if (special.range.address < 0x100) continue;
    for (std::uint32_t at = 0; at + 4 <= std::min(special.range.size, most); at += 4) {
      const auto value = word(special.range.address + at);
      for (int byte = 0; value && byte < 4; ++byte) {
        bytes.push_back(static_cast<std::uint8_t>(*value >> (8 * byte)));
      }
    }
  }
  return bytes;
}

std::string Session::difference(const Bytes &wanted) const {
  const Bytes found = board_.flash();
  const std::size_t size = std::min(found.size(), wanted.size());
  const auto first = std::ranges::mismatch(found, wanted).in1 - found.begin();
  if (static_cast<std::size_t>(first) == size) return "";
  std::size_t count = 0;
  for (std::size_t i = 0; i < size; ++i) count += found[i] != wanted[i] ? 1U : 0U;
  return fmt::format(
      "{} bytes of the flash are not as they should be, the first at offset 0x{:x}: "
      "{:#04x} instead of {:#04x}",
      count, first, found[static_cast<std::size_t>(first)],
      wanted[static_cast<std::size_t>(first)]);
}

Bytes FamilyOnBoard::old_content() {
  Bytes content = random_bytes(model_part(part()).flash_size, 77);
  for (std::uint8_t &byte : content) byte &= 0x7F;
  return content;
}

std::vector<Sector> FamilyOnBoard::chosen_sectors(const Chip &chip) {
  std::set<std::size_t> chosen{0, chip.sectors.size() - 1};
  std::set<std::uint32_t> sizes;
  for (std::size_t i = 0; i < chip.sectors.size(); ++i) {
    if (sizes.insert(chip.sectors[i].size).second) chosen.insert(i);
    if (i == 0) continue;
    const std::uint32_t here = chip.sectors[i].address, before = chip.sectors[i - 1].address;
    if (status_register(chip, here) != status_register(chip, before) ||
        chip.sectors[i].size < chip.sectors[i - 1].size) {
      chosen.insert({i - 1, i});
    }
  }
  chosen.insert(chip.sectors.size() / 3);
  std::vector<Sector> sectors;
  sectors.reserve(chosen.size());
  for (const std::size_t number : chosen) sectors.push_back(chip.sectors[number]);
  return sectors;
}

void FamilyOnBoard::expect_about(Nanoseconds busy, Nanoseconds reported) {
  EXPECT_GE(busy * 10, reported * 9) << format_duration(busy) << " is less than the "
                                     << format_duration(reported) << " that the family reports";
  EXPECT_LE(busy * 10, reported * 11) << format_duration(busy) << " is more than the "
                                      << format_duration(reported) << " that the family reports";
}

Bytes with_bytes(const Chip &chip, Bytes content, std::uint32_t address, const Bytes &data) {
  const std::uint32_t offset = address - chip.flash.address;
  if (offset > content.size() || data.size() > content.size() - offset) {
    throw std::out_of_range(
        fmt::format("the flash that the family reports ({}) is not that of the board ({} bytes), "
                    "or the chip was not identified",
                    format_range(chip.flash), content.size()));
  }
  std::ranges::copy(data, content.begin() + offset);
  return content;
}

Bytes erased(const Chip &chip, Bytes content, MemoryRange range) {
  return with_bytes(chip, std::move(content), range.address, Bytes(range.size, chip.erased_value));
}

}  // namespace flashhost::conformance
