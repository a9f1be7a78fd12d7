#include "option_job.hpp"

#include "stop.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace flashhost {

namespace {

constexpr int most_attempts = 3;

// Whether writing again may succeed after this error.
bool may_pass(const Error &error) {
  switch (error.code()) {
    case Errc::probe:
    case Errc::target:
    case Errc::memory_fault:
    case Errc::timeout:
    case Errc::flash:
    case Errc::verify:
      return true;
    default:
      return false;
  }
}

constexpr const char *how_to_complete =
    "Do not reset the board or switch it off before: `flashhost option set` completes the change, "
    "`flashhost option restore` writes the old ones back.";

void check_written(OptionBytes &options, Target &target, const OptionWords &wanted) {
  const OptionWords now = options.read(target.probe(), target.chip());
  if (now == wanted) return;
  for (const OptionField &field : options.fields(target.chip())) {
    const std::uint32_t value = option_value(field, now);
    const std::uint32_t wish = option_value(field, wanted);
    if (value == wish) continue;
    throw Error(Errc::verify,
                fmt::format("the option {} is 0x{:x} instead of 0x{:x} after it was written",
                            field.name, value, wish),
                how_to_complete)
        .see(Cause::write_protection);
  }
  throw Error(Errc::verify, "the option bytes read back differ from what was written",
              how_to_complete)
      .see(Cause::write_protection);
}

void with_attempts(Target &target, const std::stop_token &stop, const std::function<void()> &body) {
  int attempts = 0;
  target.with_retries(
      body,
      [&](const Error &error, Target::Connection) {
        return may_pass(error) && ++attempts < most_attempts;
      },
      stop);
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
  constexpr int lowest_supply = 1000;
  return probe.info().target_millivolts.value_or(lowest_supply) >= lowest_supply;
}

OptionRecord record_of(const Target &target, OptionWords before, OptionWords wanted) {
  return {journal_identity(target), target.chip().name, std::move(before), std::move(wanted)};
}

}  // namespace

OptionBytes &option_bytes(Target &target) {
  OptionBytes *options = target.family().option_bytes();
  if (options != nullptr) return *options;
  throw Error(
      Errc::refused,
      fmt::format("the family plugin \"{}\" cannot show or set option bytes", target.family_id()),
      "Nothing was changed. A newer version of the plugin may do it.");
}

OptionState read_option_bytes(Target &target, Observer &observer, const std::stop_token &stop) {
  OptionBytes &options = option_bytes(target);
  OptionState state{options.fields(target.chip()), {}, {}};
  with_attempts(target, stop, [&] {
    with_target(target, ReadMode::non_intrusive, observer, stop, [&](const CrcFunction &) {
      state.words = options.read(target.probe(), target.chip());
      state.protection = target.protection();
    });
  });
  return state;
}

std::optional<OptionRecord> interrupted_options(Journal &journal, Target &target,
                                                const FlashOptions &options, Observer &observer) {
  if (options.discard_journal) {
    try {
      if (!journal.load_options()) return std::nullopt;
    } catch (const Error &error) {
      observer.message(Level::warning, error.what());
    }
    observer.message(Level::warning,
                     "--discard-journal: the old option bytes, saved by an interrupted run, are "
                     "deleted");
    journal.remove_options();
    return std::nullopt;
  }
  auto record = journal.load_options();
  if (!record) return record;
  if (options.use_journal || !target.chip().unique_id.empty()) {
    const OptionWords now = option_bytes(target).read(target.probe(), target.chip());
    if (now != record->before && now != record->wanted) return record;
    observer.message(Level::debug, "the journal of option bytes is not needed any more");
    journal.remove_options();
    return std::nullopt;
  }
  throw Error(Errc::refused,
              "a run that wrote option bytes was interrupted, and the chip has no id that shows "
              "whether it is this one",
              "Nothing was changed. If it is this board, run again with --use-journal; if it is "
              "not, with --discard-journal.")
      .see(Cause::interrupted);
}

void refuse(const OptionRecord &interrupted) {
  throw Error(Errc::refused,
              fmt::format("an earlier run was interrupted while it wrote the option bytes of this "
                          "{}",
                          interrupted.chip),
              std::string("Nothing was changed. ") + how_to_complete)
      .see(Cause::interrupted);
}

std::vector<OptionEffect> effects_of(Target &target, const OptionChange &change) {
  std::vector<OptionEffect> effects =
      option_bytes(target).effects(target.chip(), change.found, change.wanted);
  // Half-written option bytes say "protected", but the chip obeys them from its next reset on.
  if (!change.read_protected) {
    std::erase_if(effects, [](const OptionEffect &effect) {
      return effect.kind == OptionEffect::Kind::erases_flash;
    });
  }
  return effects;
}

bool has(const std::vector<OptionEffect> &effects, OptionEffect::Kind kind) {
  return std::ranges::any_of(effects,
                             [&](const OptionEffect &effect) { return effect.kind == kind; });
}

OptionProof write_option_bytes(Target &target, Journal &journal, const OptionChange &change,
                               Observer &observer, const std::stop_token &stop) {
  using Kind = OptionEffect::Kind;
  OptionBytes &options = option_bytes(target);
  const std::vector<OptionEffect> allowed = effects_of(target, change);
  bool begun = false;
  OptionProof proof = OptionProof::read_back;
  const auto read = [&] { return options.read(target.probe(), target.chip()); };
  // What a reset loads; half-written option bytes may close the chip.
  const auto may_be_loaded = [&](const OptionWords &words) {
    return words == change.before || words == change.wanted;
  };
  const auto write = [&] {
    if (!begun && stop.stop_requested()) throw stopped_in_time();
    const OptionWords now = read();
    if (!begun && now != change.found) {
      throw Error(Errc::refused, "the option bytes have changed since they were shown",
                  "Nothing was changed. Run flashhost again.");
    }
    if (may_be_loaded(now)) {
      target.prepare();
    } else {
      target.prepare_without_reset();
    }
    const OptionChange rest{now, target.protection().read, change.before, change.wanted};
    if (has(effects_of(target, rest), Kind::erases_flash) && !has(allowed, Kind::erases_flash)) {
      throw Error(Errc::refused,
                  "the chip was reset while its option bytes were half written, and is now "
                  "protected: writing them again erases the flash",
                  "Run `flashhost option set` again: it asks before it does that.")
          .see(Cause::read_protection);
    }
    journal.store(record_of(target, change.before, change.wanted));
    begun = true;
    observer.step("writing the option bytes", 0);
    try {
      options.write(target.probe(), target.chip(), change.wanted);
      check_written(options, target, change.wanted);
    } catch (const Error &error) {
      const bool may_be_closed = has(allowed, Kind::final) &&
                                 (error.code() == Errc::target || error.code() == Errc::probe);
      if (!may_be_closed || !refuses_debugger(target.probe())) throw;
      proof = OptionProof::closed;
    }
  };
  const auto leave_after = [&](const Error &error) {
    try {
      if (begun && !may_be_loaded(read())) target.keep_from_reset();
    } catch (const Error &) {
      target.keep_from_reset();
    }
    target.abandon();
    if (!begun) throw Error(error);
    throw Error(error.code(), fmt::format("{}; the option bytes may be half written", error.what()),
                fmt::format("{} {}", error.hint(), how_to_complete))
        .see(error.cause());
  };
  try {
    with_attempts(target, stop, write);
  } catch (const Error &error) {
    leave_after(error);
  } catch (...) {
    if (begun) target.keep_from_reset();
    target.abandon();
    throw;
  }
  journal.remove_options();
  if (has(allowed, Kind::final)) {
    target.give_up();
  } else {
    target.release();
  }
  return proof;
}

void lift_protection(Target &target, Journal &journal, const Protection &found) {
  OptionBytes *options = target.family().option_bytes();
  if (options == nullptr) return target.unprotect(found);
  const auto interrupted = journal.load_options();
  const OptionWords before =
      interrupted ? interrupted->before : options->read(target.probe(), target.chip());
  const OptionWords wanted = interrupted ? interrupted->wanted : before;
  journal.store(record_of(target, before, wanted));
  if (found.any()) target.unprotect(found);
  OptionWords now = options->read(target.probe(), target.chip());
  const OptionWords unprotected = now;
  for (const OptionField &field : options->fields(target.chip())) {
    if (!field.protects) set_option_value(field, now, option_value(field, wanted));
  }
  if (now != unprotected) {
    target.prepare();
    options->write(target.probe(), target.chip(), now);
  }
  check_written(*options, target, now);
  journal.remove_options();
}

void unprotect(Target &target, Journal &journal, Observer &observer, const std::stop_token &stop) {
  bool begun = false;
  try {
    with_attempts(target, stop, [&] {
      if (!begun && stop.stop_requested()) throw stopped_in_time();
      observer.step("taking the protection off", 0);
      target.prepare();
      const Protection found = target.protection();
      if (found.permanent) refuse(found);
      begun = true;
      lift_protection(target, journal, found);
    });
  } catch (...) {
    target.abandon();
    throw;
  }
  target.release();
}

}  // namespace flashhost
