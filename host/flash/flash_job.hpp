// The flash verb: image in, report out. Prepare, survey, plan, execute, verify; again when
// something came in between; and nothing lost on any way out.
#pragma once

#include "image.hpp"
#include "observer.hpp"
#include "plan.hpp"
#include "target.hpp"

#include <filesystem>
#include <stop_token>
#include <string>

namespace flashhost {

struct FlashOptions {
  EraseMode erase = EraseMode::automatic;
  bool preserve = true;
  bool guard = true;
  bool unlock = false;
  Verify verify = Verify::crc;
  ResetAfter reset = ResetAfter::run;
  std::filesystem::path journal_directory;
  bool discard_journal = false;
};

struct FlashReport {
  std::uint64_t image_bytes = 0;
  std::uint64_t programmed_bytes = 0;
  std::uint32_t erased_sectors = 0;
  bool mass_erase = false;
  int passes = 1;
  Verify verified = Verify::crc;
  Nanoseconds time{};        // of the probe's clock, from connecting to the last reset
  Nanoseconds flash_time{};  // erase and program times of what was done, typical
  Nanoseconds floor{};       // of the cheapest admissible plan
};

// target: connected. Leaves it as options.reset says, also when it throws.
[[nodiscard]] FlashReport flash(Target &target, const Image &image, const FlashOptions &options,
                                Observer &observer, std::stop_token stop);

// The plan verb: writes nothing, not even to RAM; halts the core only while it reads.
[[nodiscard]] Plan plan_only(Target &target, const Image &image, const FlashOptions &options);
// The same in less time: resets the target, looks with the loader, leaves it as options.reset says.
[[nodiscard]] Plan plan_fast(Target &target, const Image &image, const FlashOptions &options,
                             Observer &observer, std::stop_token stop);

// "120 KiB written and verified in 3.4 s (35 KiB/s, 1.05x the flash's own time)"
[[nodiscard]] std::string to_text(const FlashReport &report);

}  // namespace flashhost
