// What is there, and what a job would do about it. The verbs that only read - plan, verify, read,
// info - leave the core as they found it, or, where they may be fast, as a job does.
#pragma once

#include "flash_access.hpp"
#include "image.hpp"
#include "journal.hpp"
#include "journal_fit.hpp"
#include "observer.hpp"
#include "options.hpp"
#include "plan.hpp"
#include "target.hpp"
#include "verify.hpp"

#include <functional>
#include <optional>
#include <stop_token>

namespace flashhost {

enum class ReadMode : std::uint8_t {
  non_intrusive,  // without reset; nothing is written, not even to RAM; halted only while it reads
  fast,           // reset and halted first; checksums come from the loader
};

// Runs body between getting the target ready and leaving it, also when it throws. crc: checksums of
// ranges of flash, by the loader or by reading.
void with_target(Target &target, ReadMode mode, Observer &observer, const std::stop_token &stop,
                 const std::function<void(const CrcFunction &crc)> &body);

// What a journal of this target is known by.
[[nodiscard]] JournalIdentity journal_identity(const Target &target);
// The journal of a target, locked against other runs. Waits up to a minute for one that works on a
// chip with the same id.
[[nodiscard]] Journal open_journal(const Target &target, const FlashOptions &options,
                                   Observer &observer, const std::stop_token &stop);
[[nodiscard]] BoardMatch board_match(const JournalRecord &journal, const Target &target,
                                     const FlashOptions &options);

struct Inspection {
  DeviceState state;
  Plan plan;
};
// The survey of a target that is halted or prepared, and the plan that is made from it. known: how
// sure it is that the journal, if there is one, is of this board. protection: as it is then; a chip
// with a page that is protected against writing refuses a mass erase. Throws as survey and
// make_plan do. questions: as of survey.
[[nodiscard]] Inspection inspect(Target &target, const CrcFunction &crc, const Image &image,
                                 const std::optional<JournalRecord> &journal, BoardMatch known,
                                 const Protection &protection, const FlashOptions &options,
                                 const Questions &questions = {});

// Which of the target's flashes a job has to do with, by their indices: those that the image
// touches, in the order in which they are written; first of all the one in which an interrupted run
// was at work. At least one. Errors as of peek_journal.
[[nodiscard]] std::vector<std::size_t> flashes_to_write(const Target &target, const Image &image,
                                                        const FlashOptions &options);

// Errc::locked, saying what flash.unlock would do about it.
[[noreturn]] void refuse(const Protection &protection);

// What flash would do now to the selected flash; also with what an interrupted run left behind,
// which it says. image: what is for this flash.
[[nodiscard]] Plan plan_flash(Target &target, const Image &image, const FlashOptions &options,
                              ReadMode mode, Observer &observer, const std::stop_token &stop);

// Selects the flashes with these indices, one after the other, calls body with the part of the
// image that is for it, and selects the first flash again.
void for_each_flash(Target &target, const Image &image, const std::vector<std::size_t> &indices,
                    const std::function<void(const Image &part)> &body);

// Empty: the flash holds the image. Errc::locked when the flash cannot be read.
[[nodiscard]] std::optional<Mismatch> verify_image(Target &target, const Image &image,
                                                   ReadMode mode, Observer &observer,
                                                   const std::stop_token &stop);

// Any memory of the target. Errc::locked for flash that cannot be read, Errc::memory_fault naming
// the address where nothing answers.
[[nodiscard]] Bytes read_range(Target &target, MemoryRange range, ReadMode mode, Observer &observer,
                               const std::stop_token &stop);

[[nodiscard]] Protection read_protection(Target &target, ReadMode mode, Observer &observer,
                                         const std::stop_token &stop);

}  // namespace flashhost
