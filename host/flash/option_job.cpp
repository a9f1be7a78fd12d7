#include "option_job.hpp"

#include "stop.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace flashhost {

namespace {

using Kind = OptionEffect::Kind;

constexpr int most_option_attempts = 3;

void with_attempts(Target &target, const std::stop_token &stop, const std::function<void()> &body) {
  int attempts = 0;
  target.with_retries(
      body,
      [&](const Error &error, Target::Connection) {
        return may_succeed_again(error) && ++attempts < most_option_attempts;
      },
      stop);
}

constexpr const char *how_to_complete =
    "Do not reset the board or switch it off before: `flashhost option set` completes the change, "
    "`flashhost option restore` writes the old ones back.";

OptionWords words_now(Target &target) {
  return option_bytes(target).read(target.probe(), target.chip());
}

// Whether words forbid reading.
bool closed(Target &target, const OptionWords &words) {
  return option_bytes(target).with_read_protection(target.chip(), words) == words;
}

bool closes_at_reset(Target &target, const OptionWords &words) {
  return closed(target, words) && !target.protection().read;
}

void check_written(Target &target, const OptionWords &wanted) {
  const OptionWords now = words_now(target);
  if (now == wanted) return;
  for (const OptionField &field : option_bytes(target).fields(target.chip())) {
    const std::uint32_t value = option_value(field, now);
    const std::uint32_t wish = option_value(field, wanted);
    if (value == wish) continue;
    throw Error(Errc::verify,
                fmt::format("the option {} is 0x{:x} instead of 0x{:x} after it was written",
                            field.name, value, wish))
        .see(Cause::write_protection);
  }
  throw Error(Errc::verify, "the option bytes read back differ from what was written")
      .see(Cause::write_protection);
}

// The probe works and the chip has its supply, but it can be reached in no way.
bool refuses_debugger(Probe &probe) {
  for (const AttachMode mode : {AttachMode::attach, AttachMode::under_reset}) {
    try {
      probe.attach(mode);
      return false;
    } catch (const Error &error) {
      if (error.code() != Errc::target) throw;
    }
  }
  return true;
}

// What the chip is then, for the report of the end.
struct Ends {
  FlashState when_done;
  FlashState as_before;
};

// The journal is removed where the option bytes turn out as they were, or as they should be.
// Returns what became of them, as the end of an error's text, and what to do.
std::pair<std::string, std::string> what_became(Target &target, Journal &journal,
                                                const OptionChange &change, Ends ends,
                                                FlashRecord &record) {
  try {
    const OptionWords now = words_now(target);
    target.keep_from_reset(closes_at_reset(target, now));
    const bool done = now == change.wanted;
    if (done || now == change.before) journal.remove_options();
    if (done) record.set(ends.when_done);
    if (now == change.before) record.set(ends.as_before);
    if (done) return {"; the option bytes are as wanted", ""};
    if (now == change.before) return {"; the option bytes are as before", ""};
  } catch (const Error &) {
    target.keep_from_reset(true);
  }
  return {"; the option bytes may be half written", how_to_complete};
}

// One attempt, in a session of any kind. begun: whether anything was written.
void attempt(Target &target, Journal &journal, const OptionChange &change, bool may_erase,
             FlashState when_done, Observer &observer, bool &begun) {
  OptionBytes &options = option_bytes(target);
  const OptionWords now = words_now(target);
  target.keep_from_reset(closes_at_reset(target, now));
  target.prepare();
  const OptionChange rest{now, target.protection().read, change.before, change.wanted};
  if (has(effects_of(target, rest), Kind::erases_flash) && !may_erase) {
    refuse_to_erase(Errc::refused);
  }
  journal.store({journal_identity(target), target.chip().name, change.before, change.wanted});
  begun = true;
  target.keep_from_reset(true);
  const Ends ends{when_done, observer.flash.get()};
  observer.flash.set(FlashState::partly_written);
  observer.step("writing the option bytes", 0);
  try {
    options.write(target.probe(), target.chip(), change.wanted);
    target.note_reset();
    check_written(target, change.wanted);
  } catch (const Error &error) {
    const auto [became, next] = what_became(target, journal, change, ends, observer.flash);
    throw Error(error.code(), error.what() + became, next.empty() ? error.hint() : next)
        .see(error.cause());
  }
  target.keep_from_reset(false);
  observer.flash.set(when_done);
  journal.remove_options();
}

}  // namespace

OptionBytes &option_bytes(Target &target) {
  OptionBytes *options = target.family().option_bytes();
  if (options != nullptr) return *options;
  throw Error(
      Errc::refused,
      fmt::format("the family plugin \"{}\" cannot show or set option bytes", target.family_id()),
      without_ability);
}

OptionState read_option_bytes(Target &target, Observer &observer, const std::stop_token &stop) {
  OptionState state{option_bytes(target).fields(target.chip()), {}, {}};
  with_attempts(target, stop, [&] {
    with_target(target, ReadMode::non_intrusive, observer, stop, [&](const CrcFunction &) {
      state.words = words_now(target);
      state.protection = target.protection();
    });
  });
  return state;
}

bool closes_at_reset(Target &target, const OptionState &state) {
  return !state.protection.read && closed(target, state.words);
}

std::optional<OptionRecord> peek_interrupted_options(Target &target, const FlashOptions &options) {
  auto record = peek_options(options.journal_directory,
                             journal_key(target.chip(), target.probe_info().serial));
  if (!record) return record;
  const OptionWords now = words_now(target);
  if (now == record->before || now == record->wanted) record.reset();
  return record;
}

std::optional<OptionRecord> interrupted_options(Journal &journal, Target &target,
                                                const FlashOptions &options) {
  if (options.discard_journal) return std::nullopt;
  auto record = journal.load_options();
  if (!record) return record;
  if (!options.use_journal && target.chip().unique_id.empty()) {
    throw Error(Errc::refused,
                "a run that wrote option bytes was interrupted, and the chip has no id that shows "
                "whether it is this one",
                "If it is this board, run again with --use-journal; if it is "
                "not, with --discard-journal.")
        .see(Cause::interrupted);
  }
  const OptionWords now = words_now(target);
  if (record->before.size() != now.size()) {
    throw Error(Errc::config,
                fmt::format("the journal of option bytes has {} words, but this chip has {}",
                            record->before.size(), now.size()),
                "Another version of the family plugin wrote it: complete the change with that one, "
                "or give it up with --discard-journal.")
        .see(Cause::interrupted);
  }
  if (now != record->before && now != record->wanted) return record;
  journal.remove_options();
  return std::nullopt;
}

void refuse(const OptionRecord &interrupted) {
  throw Error(Errc::refused,
              fmt::format("an earlier run was interrupted while it wrote the option bytes of this "
                          "{}",
                          interrupted.chip),
              how_to_complete)
      .see(Cause::interrupted);
}

void refuse_to_erase(Errc code) {
  throw Error(code,
              "the chip was reset while its option bytes were half written, and is now protected "
              "against reading",
              "`flashhost unprotect` takes that off, which erases the flash.")
      .see(Cause::read_protection);
}

void say_completing(Observer &observer) {
  observer.message(Level::warning,
                   "an earlier run was interrupted while it wrote the option bytes: completing it");
}

void refuse_to_reset(Target &target, const FlashOptions &options) {
  if (target.family().option_bytes() == nullptr) return;
  const auto record = peek_interrupted_options(target, options);
  if (!record) return;
  if (!options.discard_journal || closes_at_reset(target, words_now(target))) refuse(*record);
}

std::vector<OptionEffect> effects_of(Target &target, const OptionChange &change) {
  std::vector<OptionEffect> effects =
      option_bytes(target).effects(target.chip(), change.found, change.wanted);
  if (change.read_protected) return effects;
  // Half-written option bytes say "protected", but the chip obeys them from its next reset on.
  std::erase_if(effects,
                [](const OptionEffect &effect) { return effect.kind == Kind::erases_flash; });
  if (closed(target, change.found) && closed(target, change.wanted)) {
    effects.push_back({Kind::remark,
                       "the option bytes say that a debugger cannot read the flash, and from now "
                       "on the chip obeys that"});
  }
  return effects;
}

bool has(const std::vector<OptionEffect> &effects, OptionEffect::Kind kind) {
  return std::ranges::any_of(effects,
                             [&](const OptionEffect &effect) { return effect.kind == kind; });
}

void write_option_bytes(Target &target, Journal &journal, const OptionChange &change,
                        Observer &observer, const std::stop_token &stop) {
  const std::vector<OptionEffect> allowed = effects_of(target, change);
  const bool final = has(allowed, Kind::final);
  bool begun = false;
  try {
    with_attempts(target, stop, [&] {
      if (!begun) throw_if_stopped(stop);
      if (!begun && words_now(target) != change.found) {
        throw Error(Errc::refused, "the option bytes have changed since they were shown",
                    "Run flashhost again.");
      }
      try {
        attempt(target, journal, change, has(allowed, Kind::erases_flash),
                FlashState::written_and_verified, observer, begun);
      } catch (const Error &error) {
        if (!begun || !final || !may_succeed_again(error) || !refuses_debugger(target.probe()))
          throw;
        target.give_up();
        observer.flash.set(FlashState::written);
        throw Error(Errc::verify,
                    "the option bytes were sent, and the chip does not answer a debugger any more",
                    "That is what these option bytes are to do, but whether the chip took them "
                    "cannot be seen. Power-cycle the board: where the wires are right and "
                    "`flashhost info` still gets no answer, it did.")
            .see(Cause::read_protection);
      }
    });
  } catch (...) {
    target.abandon();
    throw;
  }
  // What is closed for ever is not reset before the user wants it.
  if (final) return target.give_up();
  try {
    target.release();
  } catch (const Error &error) {
    throw Error(error.code(), fmt::format("{}; the option bytes are as wanted", error.what()),
                error.hint())
        .see(error.cause());
  }
}

void complete_options(Target &target, Journal &journal, bool may_erase, Observer &observer) {
  const auto record = journal.load_options();
  if (!record || target.family().option_bytes() == nullptr) return;
  say_completing(observer);
  bool begun = false;
  attempt(target, journal, {{}, false, record->before, record->wanted}, may_erase,
          FlashState::partly_written, observer, begun);
}

void lift_protection(Target &target, Journal &journal, const Protection &found,
                     Observer &observer) {
  OptionBytes *options = target.family().option_bytes();
  if (options == nullptr) return target.unprotect(found);
  const OptionWords before = words_now(target);
  const OptionWords wanted = options->without_protection(target.chip(), before);
  const OptionChange change{before, found.read, before, wanted};
  for (const OptionEffect &effect : effects_of(target, change)) {
    observer.message(Level::warning, effect.text);
  }
  bool begun = false;
  attempt(target, journal, change, found.read, FlashState::partly_written, observer, begun);
  target.check_unprotected();
}

}  // namespace flashhost
