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
      throw Error(Errc::refused, effect.text, "Nothing was changed.").see(Cause::read_protection);
    }
    if (effect.kind == Kind::final && !session.options.irreversible) {
      throw Error(Errc::refused, effect.text,
                  "Nothing was changed. If that is what you want, add --irreversible.")
          .see(Cause::read_protection);
    }
    session.observer.message(effect.kind == Kind::remark ? Level::info : Level::warning,
                             effect.text);
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

void write(const Session &session, const std::string &verb, Work &work, Journal &journal,
           const OptionState &state, OptionChange change) {
  change.found = state.words;
  change.read_protected = state.protection.read;
  Target &target = *work.target;
  const std::string who = about(work.config, target);
  if (change.wanted == change.found) {
    return done(session, verb, who + "nothing to do: the option bytes are so already");
  }
  const std::vector<OptionEffect> effects = effects_of(target, change);
  explain(session, state, change, effects);
  require_consent(session, "Write these option bytes?");
  const OptionProof proof =
      write_option_bytes(target, journal, change, session.observer, session.stop);
  const bool erased = has(effects, OptionEffect::Kind::erases_flash);
  done(
      session, verb,
      who +
          (proof == OptionProof::closed
               ? "option bytes written; the chip does not answer a debugger any more, which is all "
                 "that can be seen of them"
               : "option bytes written and verified") +
          (erased ? "; the flash was erased" : ""));
}

void show(const Session &session, Work &work) {
  Target &target = *work.target;
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  const FlashOptions options = flash_options(work.config.flash, session.options);
  const auto interrupted = peek_options(options.journal_directory,
                                        journal_key(target.chip(), target.probe_info().serial));
  if (interrupted && interrupted->before != state.words && interrupted->wanted != state.words) {
    session.observer.message(
        Level::warning,
        "an earlier run was interrupted while it wrote these option bytes: `flashhost option set` "
        "completes that, `flashhost option restore` writes the old ones back; do not reset the "
        "board before");
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

}  // namespace

void run_option(const Session &session) {
  Work work(session);
  Target &target = *work.target;
  if (session.options.option == config::OptionAction::show) return show(session, work);
  const FlashOptions options = flash_options(work.config.flash, session.options);
  Journal journal = open_journal(target, options, session.observer, session.stop);
  const auto interrupted = interrupted_options(journal, target, options, session.observer);
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  OptionChange change;
  change.before = interrupted ? interrupted->before : state.words;
  if (session.options.option == config::OptionAction::restore) {
    if (!interrupted) {
      return done(session, "option",
                  about(work.config, target) +
                      "nothing to restore: no change of its option bytes was interrupted");
    }
    change.wanted = interrupted->before;
  } else {
    if (!interrupted && session.options.assignments.empty()) {
      throw Error(Errc::usage, "option set needs FIELD=VALUE",
                  "Nothing was changed. `flashhost option` shows the fields.");
    }
    if (interrupted) {
      session.observer.message(Level::warning,
                               "an earlier run was interrupted while it wrote the option bytes: "
                               "completing it");
    }
    change.wanted = with_values(state.fields, interrupted ? interrupted->wanted : state.words,
                                session.options.assignments);
  }
  write(session, "option", work, journal, state, change);
}

void run_protect(const Session &session) {
  Work work(session);
  Target &target = *work.target;
  const Chip &chip = target.chip();
  const MemoryRange range = session.options.range.value_or(chip.flash);
  check_in_flash(range, chip, "Only main flash can be protected: --all is all of it.");
  const FlashOptions options = flash_options(work.config.flash, session.options);
  Journal journal = open_journal(target, options, session.observer, session.stop);
  const auto interrupted = interrupted_options(journal, target, options, session.observer);
  if (interrupted) refuse(*interrupted);
  const OptionState state = read_option_bytes(target, session.observer, session.stop);
  OptionBytes &bytes = option_bytes(target);
  OptionChange change;
  change.before = state.words;
  change.wanted = session.options.protect_read
                      ? bytes.with_read_protection(chip, state.words)
                      : bytes.with_write_protection(chip, state.words, range);
  if (!session.options.protect_read) {
    say(session, "write protection will be on for " +
                     ranges_text(bytes.write_protected(chip, change.wanted)));
  }
  write(session, "protect", work, journal, state, change);
}

void run_unprotect(const Session &session) {
  Work work(session);
  Target &target = *work.target;
  const FlashOptions options = flash_options(work.config.flash, session.options);
  Journal journal = open_journal(target, options, session.observer, session.stop);
  const auto interrupted = interrupted_options(journal, target, options, session.observer);
  const Protection found =
      read_protection(target, ReadMode::non_intrusive, session.observer, session.stop);
  if (!found.any() && !interrupted) {
    return done(session, "unprotect", about(work.config, target) + "nothing to do: no protection");
  }
  if (found.permanent) refuse(found);
  if (found.any()) say(session, "found: " + found.detail);
  if (found.read) {
    session.observer.message(Level::warning,
                             "taking the read protection off erases the whole flash");
  }
  require_consent(session, "Take the protection off?");
  unprotect(target, journal, session.observer, session.stop);
  done(session, "unprotect",
       about(work.config, target) +
           (found.read ? "protection taken off; the flash was erased" : "protection taken off"));
}

}  // namespace flashhost
