// Option bytes: read, written with a journal, and completed after an interruption.
#pragma once

#include "inspect.hpp"
#include "journal.hpp"
#include "options.hpp"
#include "target.hpp"

#include <flashhost/option_bytes.hpp>

#include <stop_token>
#include <vector>

namespace flashhost {

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

// The change of option bytes that an earlier run has left half done on this chip. Removes the
// journal where the option bytes are as before or as wanted, and, which it says, with
// discard_journal. Errc::refused when nothing shows that it is of this board and the user does not
// say so. The target is as after connecting.
[[nodiscard]] std::optional<OptionRecord> interrupted_options(Journal &journal, Target &target,
                                                              const FlashOptions &options,
                                                              Observer &observer);
// Errc::refused, saying how to complete that change.
[[noreturn]] void refuse(const OptionRecord &interrupted);

struct OptionChange {
  OptionWords found;            // what read_option_bytes returned
  bool read_protected = false;  // the same
  OptionWords before;  // for the journal: found, or what was there before an interrupted change
  OptionWords wanted;
};
// What writing wanted over found does.
[[nodiscard]] std::vector<OptionEffect> effects_of(Target &target, const OptionChange &change);
[[nodiscard]] bool has(const std::vector<OptionEffect> &effects, OptionEffect::Kind kind);

enum class OptionProof : std::uint8_t {
  read_back,  // they were read back
  closed,     // the chip does not answer a debugger any more, which is what they are to do
};
// Writes the option bytes and reads them back. Does nothing that is not among effects_of the
// change: Errc::refused when the option bytes are not as found, or would have to be written in a
// way that erases the flash. Leaves the target; without a reset as long as they are half written.
OptionProof write_option_bytes(Target &target, Journal &journal, const OptionChange &change,
                               Observer &observer, const std::stop_token &stop);

// Takes off the protection that was found, if any, and completes an interrupted change of option
// bytes, of which it needs only the fields that do not protect. After prepare; prepare again
// afterwards.
void lift_protection(Target &target, Journal &journal, const Protection &found);

// Takes all protection off, and leaves the target. Errc::locked where that is not possible.
void unprotect(Target &target, Journal &journal, Observer &observer, const std::stop_token &stop);

}  // namespace flashhost
