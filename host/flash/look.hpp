// Verbs that only look: plan, verify, read, info. They leave the core as they found it, or, where
// they may be fast, as a job does.
#pragma once

#include "flash_job.hpp"
#include "survey.hpp"
#include "verify.hpp"

#include <functional>
#include <stop_token>

namespace flashhost {

enum class Look : std::uint8_t {
  gently,  // without reset; nothing is written, not even to RAM; halted only while it reads
  fast,    // reset and halted first; checksums come from the loader
};

// Runs body between getting the target ready and leaving it, also when it throws. crc: checksums of
// ranges of flash, by the loader or by reading.
void look(Target &target, Look how, Observer &observer, const std::stop_token &stop,
          const std::function<void(const CrcFunction &crc)> &body);

// What flash would do now; also with what an interrupted run left behind, which it says.
[[nodiscard]] Plan plan_flash(Target &target, const Image &image, const FlashOptions &options,
                              Look how, Observer &observer, const std::stop_token &stop);

// Empty: the flash holds the image. Errc::locked when the flash cannot be read.
[[nodiscard]] std::optional<Mismatch> verify_image(Target &target, const Image &image, Look how,
                                                   Observer &observer, const std::stop_token &stop);

// Any memory of the target. Errc::locked for flash that cannot be read, Errc::memory_fault naming
// the address where nothing answers.
[[nodiscard]] Bytes read_range(Target &target, MemoryRange range, Look how, Observer &observer,
                               const std::stop_token &stop);

[[nodiscard]] Protection read_protection(Target &target, Look how, Observer &observer,
                                         const std::stop_token &stop);

}  // namespace flashhost
