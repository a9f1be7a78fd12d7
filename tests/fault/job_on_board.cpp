#include "job_on_board.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace flashhost::testing {

namespace {

void put(Bytes &flash, std::size_t at, const Bytes &bytes) {
  std::ranges::copy(bytes, flash.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

Image Scenario::image() const {
  return merge({{"image", {segments, std::nullopt}}});
}

Bytes Scenario::wanted() const {
  return overlaid(before, segments);
}

Bytes overlaid(Bytes flash, const std::vector<Segment> &segments) {
  for (const Segment &segment : segments) put(flash, segment.address - flash_base, segment.data);
  return flash;
}

Scenario f1_scenario() {
  constexpr std::size_t flash_size = 0x4000, last_page = 0x3C00;
  Scenario scenario;
  scenario.board = {"STM32F103C4", {fast_f1}};
  scenario.before = firmware(3000, 1, old_marker);
  scenario.before.resize(flash_size, 0xFF);
  put(scenario.before, last_page, pattern(1000, 4));
  scenario.segments = {{flash_base, firmware(1500, 2, new_marker)},
                       {flash_base + 2345, pattern(99, 3)}};
  scenario.plan = {flash_base, 3072};
  return scenario;
}

Scenario f4_scenario() {
  constexpr std::size_t flash_size = 0x20000, sector1 = 0x4000, sector2 = 0x8000;
  Scenario scenario;
  scenario.board = {"STM32F401CB", {fast_f4}};
  scenario.options.erase = EraseMode::sectors;  // a look at all of the flash would take long
  scenario.before = firmware(900, 1, old_marker);
  scenario.before.resize(flash_size, 0xFF);
  put(scenario.before, sector1, pattern(500, 5));
  put(scenario.before, sector2, pattern(100, 4));
  scenario.segments = {{flash_base, firmware(600, 2, new_marker)},
                       {flash_base + sector1 + 345, pattern(99, 3)}};
  scenario.plan = {flash_base, sector2};
  return scenario;
}

Scenario clearing_f4_scenario() {
  Scenario scenario = f4_scenario();
  scenario.options.erase = EraseMode::automatic;
  const Segment &data = scenario.segments.back();
  Bytes before = data.data;
  for (std::size_t i = 0; i < before.size(); i += 5) before[i] |= 0xA5U;
  put(scenario.before, data.address - flash_base, before);
  return scenario;
}

Scenario packed_f4_scenario() {
  constexpr std::size_t sector1 = 0x4000, repeated = 700, size = 9000;
  Scenario scenario = f4_scenario();
  scenario.board.speed_hz = 480'000;
  Bytes data;
  for (std::uint32_t seed = 7; data.size() < size; ++seed) {
    const Bytes part = pattern(repeated, seed % 3);
    data.insert(data.end(), part.begin(), part.end());
  }
  scenario.segments.back() = {flash_base + sector1, data};
  return scenario;
}

Scenario putting_back(Scenario scenario) {
  scenario.options.erase = EraseMode::mass;
  scenario.plan = {flash_base, static_cast<std::uint32_t>(scenario.before.size())};
  return scenario;
}

Scenario slow_f4_scenario() {
  Scenario scenario = f4_scenario();
  scenario.board.faults = {"flash_time=4x"};
  return scenario;
}

namespace {

enum class Banks : std::uint8_t { one, two };

// On flash with an error correcting code. With two banks the image is in both.
Scenario ecc_scenario(const char *part, std::size_t flash_size, Banks banks) {
  constexpr std::size_t page = 2048;
  const std::size_t other = banks == Banks::two ? flash_size / 2 : page;
  Scenario scenario;
  scenario.board = {part, {fast_f1}};
  scenario.options.erase = EraseMode::sectors;  // a look at all of the flash would take long
  scenario.before = firmware(1900, 1, old_marker);
  scenario.before.resize(flash_size, 0xFF);
  put(scenario.before, other, pattern(500, 5));
  put(scenario.before, other + page, pattern(1000, 4));
  scenario.segments = {{flash_base, firmware(700, 2, new_marker)},
                       {flash_base + static_cast<std::uint32_t>(other) + 345, pattern(99, 3)}};
  scenario.plan = {flash_base, static_cast<std::uint32_t>(other + page)};
  return scenario;
}

Scenario f0_or_f3_scenario(const char *part, std::uint32_t planned) {
  Scenario scenario = f1_scenario();
  scenario.board.part = part;
  scenario.plan.size = planned;
  return scenario;
}

}  // namespace

Scenario scenario_of(Series series) {
  constexpr std::size_t kib = 1024;
  constexpr std::uint32_t three_small_pages = 3072, two_large_pages = 4096;
  switch (series) {
    case Series::f0:
      return f0_or_f3_scenario("STM32F030F4", three_small_pages);
    case Series::f1:
      return f1_scenario();
    case Series::f3:
      return f0_or_f3_scenario("STM32F334C4", two_large_pages);
    case Series::f4:
      return f4_scenario();
    case Series::f4_clear:
      return clearing_f4_scenario();
    case Series::f4_packed:
      return packed_f4_scenario();
    case Series::g0:
      return ecc_scenario("STM32G071RB", 128 * kib, Banks::one);
    case Series::g0b:
      return ecc_scenario("STM32G0B1RE", 512 * kib, Banks::two);
    case Series::l4:
      return ecc_scenario("STM32L476RE", 512 * kib, Banks::two);
    case Series::f1_put_back:
      return putting_back(f1_scenario());
    case Series::g0_put_back:
      return putting_back(scenario_of(Series::g0));
  }
  throw std::logic_error("a series without a scenario");
}

std::string name_of(Series series) {
  constexpr std::array names{"f0", "f1",  "f3", "f4",          "f4_clear",   "f4_packed",
                             "g0", "g0b", "l4", "f1_put_back", "g0_put_back"};
  return names.at(static_cast<std::size_t>(series));
}

JobOnBoard::JobOnBoard(Scenario scenario)
    : scenario_(std::move(scenario)),
      image_(scenario_.image()),
      before_(scenario_.before),
      wanted_(scenario_.wanted()) {
  scenario_.options.journal_directory = journals();
  start_anew();
}

JobResult JobOnBoard::run(Fault fault, const Work &work) {
  JobResult result = testing::run(*board_, {work, {fault}, on_attach_, scenario_.target});
  const bool lost = fault.kind == FaultKind::vanishes || fault.kind == FaultKind::cut_off;
  if (result.good && lost) {
    EXPECT_EQ(left_behind(), "") << "call " << fault.call;
  }
  return result;
}

JobResult JobOnBoard::job(Fault fault) {
  const Bytes found = now();
  JobResult result = run(fault, [&](Target &target, Observer &observer) {
    return flash(target, image_, scenario_.options, observer, stop_.get_token());
  });
  // What the end of the job says of the flash is true. The loader of a killed run may have done the
  // rest of its work meanwhile.
  if (result.flash == FlashState::unchanged) {
    EXPECT_TRUE(now() == found || (result.good && now() == wanted_)) << "call " << fault.call;
  } else if (result.flash == FlashState::written_and_verified) {
    EXPECT_TRUE(now() == wanted_) << "call " << fault.call;
  } else {
    EXPECT_FALSE(result.good) << "call " << fault.call;
  }
  return result;
}

void JobOnBoard::start_anew() {
  std::filesystem::remove_all(journals());
  board_ = std::make_unique<Board>(scenario_.board, before_);
  registers_ = read_registers(board_->target());
}

bool JobOnBoard::outside_is_untouched() const {
  const Bytes found = now();
  const auto begin = static_cast<std::ptrdiff_t>(scenario_.plan.address - flash_base);
  const auto end = begin + static_cast<std::ptrdiff_t>(scenario_.plan.size);
  return std::equal(found.begin(), found.begin() + begin, before_.begin()) &&
         std::equal(found.begin() + end, found.end(), before_.begin() + end);
}

std::string JobOnBoard::left_behind() {
  std::string text = testing::left_behind(board_->target(), registers_, scenario_.target.reset);
  if (scenario_.target.reset == ResetAfter::run && starts_firmware(now())) {
    text += interrupt_masks(board_->target());
  }
  return text;
}

}  // namespace flashhost::testing
