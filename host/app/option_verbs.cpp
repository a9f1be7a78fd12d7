// The verbs for option bytes: option, protect, unprotect.
#include "consent.hpp"
#include "flash/erase.hpp"
#include "flash/option_job.hpp"
#include "option_text.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace flashhost {

namespace {

void say(const Session &session, const std::string &text) {
  session.observer.message(Level::info, text);
}

// "0x08000000..0x08000fff, 0x08004000..0x08004fff"
std::string ranges_text(const std::vector<MemoryRange> &ranges) {
  std::string text;
  for (const MemoryRange &range : ranges) text += (text.empty() ? "" : ", ") + format_range(range);
  return text.empty() ? "none" : text;
}

// Says what the change does. Throws when it is impossible, or not wanted.
void explain(const Session &session, const OptionState &state, const OptionChange &change,
             const std::vector<OptionEffect> &effects) {
  using Kind = OptionEffect::Kind;
  for (const std::string &line : change_lines(state.fields, change.found, change.wanted)) {
    say(session, line);
  }
  for (const OptionEffect &effect : effects) {
    if (effect.kind == Kind::impossible) {
      throw Error(Errc::refused, effect.text).see(Cause::read_protection);
    }
    if (effect.kind == Kind::final && !session.options.irreversible) {
      throw Error(Errc::refused, effect.text, "If that is what you want, add --irreversible.")
          .see(Cause::read_protection);
    }
    session.observer.message(Level::warning, effect.text);
  }
}

struct Work {
  config::Config config;
  PluginLoader plugins;
  Connection target;

  explicit Work(const Session &session)
      : config(board(session)),
        plugins(plugin_loader(session)),
        target(connect_target(plugins, config, session)) {}
};

// What an interrupted change adds to a change: its beginning, and that it has to be written even if
// nothing is left to change.
using Interrupted = std::optional<OptionRecord>;

void write(const Session &session, const std::string &verb, Work &work, Journal &journal,
           const OptionState &state, const Interrupted &interrupted, const OptionWords &wanted) {
  using Kind = OptionEffect::Kind;
  Target &target = *work.target;
  const OptionChange change{state.words, state.protection.read,
                            interrupted ? interrupted->before : state.words, wanted};
  const std::string who = about(work.config, target);
  if (change.wanted == change.found && !interrupted && !closes_at_reset(target, state)) {
    return done(session, verb, who + "nothing to do: the option bytes are so already");
  }
  const std::vector<OptionEffect> effects = effects_of(target, change);
  explain(session, state, change, effects);
  if (interrupted && verb != "unprotect" && has(effects, Kind::erases_flash)) {
    refuse_to_erase(Errc::locked);
  }
  require_consent(session, "Write these option bytes?");
  write_option_bytes(target, journal, change, session.observer, session.stop);
  done(session, verb,
       who + "option bytes written and verified" +
           (has(effects, Kind::erases_flash) ? "; the flash was erased" : ""));
}

void show(const Session &session, Work &work) {
  Target &target = *work.target;
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  const FlashOptions options = flash_options(work.config.flash, session.options);
  try {
    if (peek_interrupted_options(target, options)) {
      session.observer.message(
          Level::warning,
          "an earlier run was interrupted while it wrote option bytes on this chip, or one with "
          "the same id: `flashhost option set` completes that, `flashhost option restore` writes "
          "the "
          "old ones back; do not reset the board before");
    }
  } catch (const Error &error) {
    session.observer.message(Level::warning, error.what());
  }
  if (closes_at_reset(target, state)) {
    session.observer.message(Level::warning,
                             "the chip has not loaded these option bytes yet: its next reset "
                             "protects it against reading");
  }
  if (session.console != nullptr) session.console->wipe();
  if (session.json != nullptr) {
    for (const OptionField &field : state.fields) {
      const std::uint32_t value = option_value(field, state.words);
      session.json->option(field.name, value, field.meaning, option_meaning(field, value));
    }
  } else {
    for (const std::string &line : option_lines(state.fields, state.words)) session.out.line(line);
  }
  done(session, "option",
       about(work.config, target) +
           (state.protection.any() ? state.protection.detail : "no protection is on"));
}

// For a family that cannot set option bytes.
void unprotect_by_locks(const Session &session, Work &work) {
  Target &target = *work.target;
  if (target.family().locks() == nullptr) {
    throw Error(Errc::refused,
                fmt::format("the family plugin \"{}\" can neither see nor lift protection",
                            target.family_id()),
                without_ability);
  }
  const Protection found =
      read_protection(target, ReadMode::non_intrusive, session.observer, session.stop);
  const std::string who = about(work.config, target);
  if (!found.any()) return done(session, "unprotect", who + "nothing to do: no protection");
  if (found.permanent) refuse(found);
  say(session, "found: " + found.detail);
  if (found.read) {
    session.observer.message(Level::warning,
                             "taking the read protection off erases the whole flash");
  }
  require_consent(session, "Take the protection off?");
  target.prepare();
  target.unprotect(found);
  target.release();
  done(session, "unprotect",
       who + "protection taken off" + (found.read ? "; the flash was erased" : ""));
}

}  // namespace

void run_option(const Session &session) {
  Work work(session);
  Target &target = *work.target;
  if (session.options.option == config::OptionAction::show) return show(session, work);
  const FlashOptions options = flash_options(work.config.flash, session.options);
  Journal journal = open_journal(target, options, session.observer, session.stop);
  const Interrupted interrupted = interrupted_options(journal, target, options);
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  if (session.options.option == config::OptionAction::restore) {
    if (!interrupted) {
      return done(session, "option",
                  about(work.config, target) +
                      "nothing to restore: no change of its option bytes was interrupted");
    }
    return write(session, "option", work, journal, state, interrupted, interrupted->before);
  }
  if (!interrupted && session.options.assignments.empty()) {
    throw Error(Errc::usage, "option set needs FIELD=VALUE",
                "`flashhost option` shows the fields.");
  }
  if (interrupted) say_completing(session.observer);
  write(session, "option", work, journal, state, interrupted,
        with_values(state.fields, interrupted ? interrupted->wanted : state.words,
                    session.options.assignments));
}

void run_protect(const Session &session) {
  Work work(session);
  Target &target = *work.target;
  const Chip &chip = target.chip();
  const MemoryRange range = session.options.range.value_or(chip.flash);
  check_in_flash(range, chip, "Only main flash can be protected: --all is all of it.");
  const FlashOptions options = flash_options(work.config.flash, session.options);
  Journal journal = open_journal(target, options, session.observer, session.stop);
  const Interrupted interrupted = interrupted_options(journal, target, options);
  if (interrupted) refuse(*interrupted);
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  OptionBytes &bytes = option_bytes(target);
  const OptionWords wanted = session.options.protect_read
                                 ? bytes.with_read_protection(chip, state.words)
                                 : bytes.with_write_protection(chip, state.words, range);
  if (!session.options.protect_read) {
    say(session,
        "write protection will be on for " + ranges_text(bytes.write_protected(chip, wanted)));
  }
  write(session, "protect", work, journal, state, interrupted, wanted);
}

void run_unprotect(const Session &session) {
  Work work(session);
  Target &target = *work.target;
  if (target.family().option_bytes() == nullptr) return unprotect_by_locks(session, work);
  const FlashOptions options = flash_options(work.config.flash, session.options);
  Journal journal = open_journal(target, options, session.observer, session.stop);
  const Interrupted interrupted = interrupted_options(journal, target, options);
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  if (!state.protection.any() && !interrupted && !closes_at_reset(target, state)) {
    return done(session, "unprotect", about(work.config, target) + "nothing to do: no protection");
  }
  if (state.protection.any()) say(session, "found: " + state.protection.detail);
  if (interrupted) say_completing(session.observer);
  write(session, "unprotect", work, journal, state, interrupted,
        option_bytes(target).without_protection(target.chip(),
                                                interrupted ? interrupted->wanted : state.words));
}

}  // namespace flashhost
