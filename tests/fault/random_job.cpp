#include "random_job.hpp"

#include "dice.hpp"
#include "firmware.hpp"
#include "random_faults.hpp"
#include "test_models.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace flashhost::testing {

namespace {

constexpr std::size_t largest_image = 4096;
constexpr std::uint32_t kib = 1024;

enum class Look : std::uint8_t { whole_flash, image_only };  // and erase

struct Choice {
  unsigned weight;
  const char *part;
  std::uint32_t area;             // where images and old content go, from the start of the flash
  const char *quick;              // the flash's times, most of the time
  Look look;                      // what is small enough
  std::uint32_t second_bank = 0;  // its start, where there may be one: images and old content, too
};
constexpr const char *f1_times = "flash_time=0.1x", *f4_times = "flash_time=0.02x";
using enum Look;
constexpr Choice choices[] = {{45, "STM32F103C4", 16 * kib, f1_times, whole_flash},
                              {10, "STM32F100C4", 16 * kib, f1_times, whole_flash},
                              {10, "STM32F103C8", 12 * kib, f1_times, whole_flash},
                              {4, "STM32F103RC", 16 * kib, f1_times, image_only},
                              {2, "STM32F103RF", 16 * kib, f1_times, image_only},
                              {12, "STM32F401CB", 48 * kib, f4_times, image_only},
                              {12, "STM32F410C8", 48 * kib, f4_times, whole_flash},
                              {3, "STM32F405RG", 40 * kib, f4_times, image_only},
                              {2, "STM32F429ZG", 40 * kib, f4_times, image_only},
                              {12, "STM32F030F4", 16 * kib, f1_times, whole_flash},
                              {6, "STM32F042K6", 16 * kib, f1_times, whole_flash},
                              {6, "STM32F334C4", 16 * kib, f1_times, whole_flash},
                              {6, "STM32F303K8", 16 * kib, f1_times, image_only},
                              {14, "STM32G030K8", 16 * kib, f1_times, whole_flash},
                              {6, "STM32G071RB", 16 * kib, f1_times, image_only},
                              {5, "STM32G0B1RC", 16 * kib, f1_times, image_only, 128 * kib},
                              {5, "STM32G0B1RE", 16 * kib, f1_times, image_only, 256 * kib},
                              {8, "STM32C011F6", 16 * kib, f1_times, whole_flash},
                              {3, "STM32U031R8", 16 * kib, f1_times, whole_flash},
                              {6, "STM32L412KB", 16 * kib, f1_times, image_only},
                              {4, "STM32L432KC", 16 * kib, f1_times, image_only},
                              {6, "STM32L476RE", 16 * kib, f1_times, image_only, 256 * kib},
                              {6, "STM32G431KB", 16 * kib, f1_times, image_only},
                              {4, "STM32G474RE", 24 * kib, f1_times, image_only, 256 * kib},
                              {6, "STM32WB15CC", 16 * kib, f1_times, image_only},
                              {3, "STM32WLE5JC", 16 * kib, f1_times, image_only}};

const Choice &draw_choice(Dice &dice) {
  unsigned all = 0;
  for (const Choice &choice : choices) all += choice.weight;
  unsigned at = dice.below(all);
  return *std::ranges::find_if(choices, [&](const Choice &choice) {
    const bool here = at < choice.weight;
    if (!here) at -= choice.weight;
    return here;
  });
}

std::uint32_t draw_size(Dice &dice) {
  switch (dice.below(4)) {
    case 0:
      return dice.between(1, 9);
    case 1:
    case 2:
      return dice.between(1, 400);
    default:
      return dice.between(100, 1800);
  }
}

Bytes draw_bytes(Dice &dice, std::size_t size) {
  Bytes bytes = pattern(size, dice.below(1U << 30));
  const unsigned kind = dice.below(10);
  if (kind == 0) std::ranges::fill(bytes, std::uint8_t{0xFF});
  if (kind == 1) std::ranges::fill(bytes, std::uint8_t{0x00});
  if (kind == 2) std::fill_n(bytes.begin(), size / 2, std::uint8_t{0xFF});
  return bytes;
}

void put(Bytes &flash, const Segment &segment) {
  std::ranges::copy(segment.data, flash.begin() + (segment.address - flash_base));
}

// Ascending, with gaps or without, at any address and of any length.
std::vector<Segment> draw_segments(Dice &dice, const Choice &choice) {
  std::vector<Segment> segments;
  std::size_t left = largest_image;
  std::uint32_t at = 0;
  std::uint32_t end = choice.area;
  if (dice.percent(60)) {
    segments.push_back({flash_base, firmware(dice.between(smallest_firmware, 1500), 2)});
    at = static_cast<std::uint32_t>(segments.back().data.size());
    left -= at;
  }
  const unsigned more = dice.between(segments.empty() ? 1 : 0, 3);
  for (unsigned i = 0; i < more && left > 0; ++i) {
    if (at < choice.second_bank && dice.percent(40)) {
      at = choice.second_bank;
      end = at + choice.area;
    }
    at += dice.percent(20) ? 0 : dice.below(dice.percent(50) ? 100 : choice.area / 4);
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(draw_size(dice), left));
    if (at + size > end) break;
    segments.push_back({flash_base + at, draw_bytes(dice, size)});
    at += size;
    left -= size;
  }
  if (segments.empty()) segments.push_back({flash_base + dice.below(choice.area), Bytes{0x5A}});
  return segments;
}

Bytes draw_content(Dice &dice, const std::vector<Segment> &segments, const Choice &choice) {
  const std::uint32_t size = test::flash_size(choice.part);
  Bytes flash(size, 0xFF);
  if (dice.percent(75))
    put(flash, {flash_base, firmware(dice.between(smallest_firmware, 4000), 1)});
  for (unsigned i = dice.below(3); i > 0; --i) {
    const std::uint32_t length = draw_size(dice);
    const std::uint32_t bank = dice.percent(50) ? choice.second_bank : 0;
    const std::uint32_t at = bank + 2 * kib + dice.below(choice.area - 4 * kib);
    put(flash, {flash_base + at, draw_bytes(dice, length)});
  }
  if (dice.percent(15)) {
    for (const Segment &segment : segments) put(flash, segment);
    if (dice.percent(50)) {
      const Segment &segment = segments[dice.below(segments.size())];
      flash[segment.address - flash_base + dice.below(segment.data.size())] ^= 0x20;
    } else if (dice.percent(50)) {  // bits to clear
      const Segment &segment = segments[dice.below(segments.size())];
      const auto first = dice.below(segment.data.size());
      for (std::size_t i = first; i < segment.data.size() && i < first + 16; ++i)
        flash[segment.address - flash_base + i] |= 0x24;
    }
  }
  if (dice.percent(30)) put(flash, {flash_base + size - 64, pattern(64, 9)});
  return flash;
}

FlashOptions draw_options(Dice &dice, Look look) {
  FlashOptions options;
  options.erase = look == image_only ? EraseMode::sectors
                  : dice.percent(45) ? EraseMode::automatic
                  : dice.percent(60) ? EraseMode::sectors
                                     : EraseMode::mass;
  options.preserve = dice.percent(80);
  options.guard = dice.percent(80);
  options.unlock = dice.percent(50);
  options.verify = dice.percent(60)   ? Verify::crc
                   : dice.percent(65) ? Verify::readback
                                      : Verify::none;
  return options;
}

Fault draw_probe_fault(Dice &dice, Verify verify) {
  using enum FaultKind;
  Fault fault;
  // Without verification nobody finds out about a lie.
  fault.kind = verify == Verify::none
                   ? dice.one_of({refused, no_answer, target_reset, vanishes, cut_off, killed})
                   : dice.one_of({refused, no_answer, target_reset, vanishes, cut_off, killed,
                                  read_damaged, write_damaged, write_lost, last_word_lost});
  fault.call = dice.between(1, 130);
  const bool goes = fault.kind == vanishes || fault.kind == cut_off;
  if (goes) fault.attaches_in_vain = dice.one_of({0U, 0U, 0U, 0U, 1U, 2U, for_good});
  return fault;
}

const char *name_of(FaultKind kind) {
  constexpr const char *names[] = {"refused",    "no_answer",      "read_damaged", "write_damaged",
                                   "write_lost", "last_word_lost", "target_reset", "vanishes",
                                   "cut_off",    "killed"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace

Image RandomJob::image() const {
  return merge({{"image", {segments, std::nullopt}}});
}

RandomJob draw_job(std::uint64_t seed) {
  Dice dice(seed);
  const Choice &choice = draw_choice(dice);
  RandomJob job;
  job.board.part = choice.part;
  job.board.nrst = dice.percent(75);
  job.board.seed = 1 + dice.below(1000);
  job.segments = draw_segments(dice, choice);
  job.before = draw_content(dice, job.segments, choice);
  job.options = draw_options(dice, choice.look);
  job.target.reset = dice.percent(60)   ? ResetAfter::run
                     : dice.percent(50) ? ResetAfter::halt
                                        : ResetAfter::none;
  if (dice.percent(10)) job.target.connect = Connect::under_reset;
  if (dice.percent(95)) job.board.faults.emplace_back(choice.quick);
  FaultContext context{choice.part, {}, choice.area, job.board.faults};
  for (const Segment &segment : job.segments) {
    context.image.push_back({segment.address, static_cast<std::uint32_t>(segment.data.size())});
  }
  for (unsigned i = dice.one_of({0U, 0U, 1U, 1U, 2U, 3U}); i > 0; --i) {
    const std::string fault = draw_fault(dice, context);
    if (!fault.empty()) context.faults.push_back(fault);
  }
  job.board.faults = context.faults;
  for (unsigned i = dice.one_of({0U, 0U, 1U, 1U, 2U}); i > 0; --i) {
    job.probe_faults.push_back(draw_probe_fault(dice, job.options.verify));
  }
  job.same_board = dice.percent(50);
  if (dice.percent(20)) job.board.speed_hz = 480'000;
  return job;
}

std::string describe(const RandomJob &job) {
  constexpr const char *erase[] = {"auto", "sectors", "mass"};
  constexpr const char *verify[] = {"crc", "readback", "none"};
  constexpr const char *reset[] = {"run", "halt", "none"};
  const FlashOptions &options = job.options;
  std::string text = fmt::format(
      "{}, NRST {}, SWD at {} kHz, board faults [{}]\n  erase {}, preserve {}, guard {}, unlock "
      "{}, verify {}, "
      "reset {}{}\n  image",
      job.board.part, job.board.nrst ? "wired" : "not wired", job.board.speed_hz / 1000,
      fmt::join(job.board.faults, ", "), erase[static_cast<int>(options.erase)], options.preserve,
      options.guard, options.unlock, verify[static_cast<int>(options.verify)],
      reset[static_cast<int>(job.target.reset)],
      job.target.connect == Connect::under_reset ? ", connect under-reset" : "");
  for (const Segment &segment : job.segments) {
    text += fmt::format(" {}+{}", hex(segment.address), segment.data.size());
  }
  text += "\n  probe faults";
  for (const Fault &fault : job.probe_faults) {
    text += fmt::format(" {} at call {}", name_of(fault.kind), fault.call);
    if (fault.attaches_in_vain != 0) text += fmt::format(" ({} in vain)", fault.attaches_in_vain);
  }
  return text + (job.same_board ? "\n  the next run is on the same board" : "");
}

}  // namespace flashhost::testing
