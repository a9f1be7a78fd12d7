// Option bytes: read, written with a journal, and completed after an interruption.
#pragma once

#include "inspect.hpp"
#include "journal.hpp"
#include "options.hpp"
#include "target.hpp"

#include <flashhost/option_bytes.hpp>

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

// What to do where the family cannot see or set protection or option bytes. It may lack that for
// good, as one that knows nothing of the chip but the code that erases and programs it.
inline constexpr const char *without_ability =
    "Not every family plugin can do that; its documentation says what it leaves out. If another "
    "plugin has this chip, name that with --family; otherwise use the tool of the chip's maker.";

// The family's ability. Errc::refused when it has none.
[[nodiscard]] OptionBytes &option_bytes(Target &target);

struct OptionState {
  std::vector<OptionField> fields;
  OptionWords words;
  Protection protection;
};
// Resets nothing and halts the core only as long as it reads.
[[nodiscard]] OptionState read_option_bytes(Target &target, Observer &observer,
                                            const std::stop_token &stop);
// Whether the option bytes say that reading is forbidden, and the chip has not loaded that: its
// next reset would close it, and only erasing the flash opens it again.
[[nodiscard]] bool closes_at_reset(Target &target, const OptionState &state);

// The change of option bytes that an earlier run has left half done on this chip. Empty with
// discard_journal. Removes the journal where the option bytes are as before or as wanted.
// Errc::refused when nothing shows that it is of this board and the user does not say so.
// Errc::config when it cannot be of this chip.
[[nodiscard]] std::optional<OptionRecord> interrupted_options(Journal &journal, Target &target,
                                                              const FlashOptions &options);
// The same, only looked at; also one that may be of another board.
[[nodiscard]] std::optional<OptionRecord> peek_interrupted_options(Target &target,
                                                                   const FlashOptions &options);
// Errc::refused, saying how to complete that change.
[[noreturn]] void refuse(const OptionRecord &interrupted);
// Says that the chip was reset meanwhile, and only erasing the flash would open it again.
[[noreturn]] void refuse_to_erase(Errc code);
// Says that an interrupted change is going to be completed.
void say_completing(Observer &observer);
// For what resets the target: refuses as above where an interrupted change makes that dangerous;
// with discard_journal only where a reset would close the chip.
void refuse_to_reset(Target &target, const FlashOptions &options);

struct OptionChange {
  OptionWords found;            // what read_option_bytes returned
  bool read_protected = false;  // the same
  OptionWords before;  // for the journal: found, or what was there before an interrupted change
  OptionWords wanted;
};
// What writing wanted over found does.
[[nodiscard]] std::vector<OptionEffect> effects_of(Target &target, const OptionChange &change);
[[nodiscard]] bool has(const std::vector<OptionEffect> &effects, OptionEffect::Kind kind);

// Writes the option bytes and reads them back. Does nothing that is not among effects_of the
// change: Errc::refused when the option bytes are not as found, or would have to be written in a
// way that erases the flash. Leaves the target; without a reset as long as a reset would close it.
void write_option_bytes(Target &target, Journal &journal, const OptionChange &change,
                        Observer &observer, const std::stop_token &stop);

// For a job: completes the interrupted change, if there is one, as it was wanted. may_erase: where
// the chip was reset in between, and the flash has to be erased. Afterwards prepare.
void complete_options(Target &target, Journal &journal, bool may_erase, Observer &observer);
// For a job: takes off the protection that was found. After prepare; prepare again afterwards.
void lift_protection(Target &target, Journal &journal, const Protection &found, Observer &observer);

}  // namespace flashhost
