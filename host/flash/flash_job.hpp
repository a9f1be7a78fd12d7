// The flash verb: image in, report out. Prepare, survey, plan, execute, verify; again after errors
// that another pass may overcome. No way out loses data.
#pragma once

#include "image.hpp"
#include "observer.hpp"
#include "plan.hpp"
#include "target.hpp"

#include <stop_token>
#include <string>

namespace flashhost {

struct FlashReport {
  std::uint64_t image_bytes = 0;  // this and what follows: of all flash together
  std::uint64_t programmed_bytes = 0;
  std::uint64_t put_back_bytes = 0;  // of those: in sectors that the image does not touch
  std::uint32_t erased_sectors = 0;
  std::uint32_t kept_sectors = 0;  // erased, with bytes that the image does not cover: written back
  bool mass_erase = false;
  bool unlocked = false;  // read protection was lifted, which erased the whole flash
  int passes = 1;
  Verify verified = Verify::crc;
  Nanoseconds time{};        // of the probe's clock, from connecting to the last reset
  Nanoseconds flash_time{};  // erase and program times of what was done, typical
  Nanoseconds floor{};       // of the cheapest admissible plan
};

// target: connected. Leaves it as its TargetOptions say, also when it throws. Where the chip has
// further flash, what the image has for it is written, too.
[[nodiscard]] FlashReport flash(Target &target, const Image &image, const FlashOptions &options,
                                Observer &observer, const std::stop_token &stop);

// "120 KiB written and verified in 3.4 s (35 KiB/s)"; in detail: "... (35 KiB/s, 1.05x the flash's
// own time)"
[[nodiscard]] std::string to_text(const FlashReport &report, bool in_detail);

}  // namespace flashhost
