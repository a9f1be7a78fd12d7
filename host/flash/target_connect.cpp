// Target: getting hold of it, and getting it back.
#include "stop.hpp"
#include "target.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds comeback_limit = 10s;
constexpr Nanoseconds comeback_interval = 200ms;
constexpr Nanoseconds shortest_absence = 100ms;  // below that it was a hiccup of the wire
constexpr int most_connects = 3;
constexpr Nanoseconds busy_limit = 35s;  // the mass erase of a chip with 2 MiB, at its longest
constexpr Nanoseconds another_limit = 5s;
constexpr Nanoseconds identify_interval = 200ms;

// Whether another attempt may succeed: the chip may still be busy, or one access went wrong.
bool may_pass(const Error &error) {
  return error.code() == Errc::target || error.code() == Errc::memory_fault;
}

// Calls attempt until it returns true or the limit has passed. Returns the error of the last call,
// if that is how it ended; an error that does not pass is thrown at once.
std::optional<Error> keep_trying(Probe &probe, Nanoseconds limit, Nanoseconds interval,
                                 const std::function<bool(const Error &)> &passes,
                                 const std::function<bool()> &attempt) {
  std::optional<Error> failure;
  static_cast<void>(wait_until(probe, limit, interval, [&] {
    try {
      failure.reset();
      return attempt();
    } catch (const Error &error) {
      if (!passes(error)) throw;
      failure = error;
      return false;
    }
  }));
  return failure;
}

std::string who(const Chip &chip) {
  return chip.unique_id.empty()
             ? chip.name
             : fmt::format("{} with the unique id {}", chip.name, hex_bytes(chip.unique_id));
}

std::vector<Chip> all_flash(const Chip &chip) {
  std::vector<Chip> all{chip};
  for (Chip further : chip.further_flash) {
    further.name = chip.name;
    further.device_id = chip.device_id;
    further.revision = chip.revision;
    further.unique_id = chip.unique_id;
    further.stack_ram = chip.stack_ram;
    further.boot_address = further.flash.address;
    all.push_back(std::move(further));
  }
  return all;
}

}  // namespace

bool may_succeed_again(const Error &error) {
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

Target::Target(std::unique_ptr<Probe> probe, std::vector<NamedFamily> families,
               TargetOptions options, Observer &observer)
    : probe_(std::move(probe)),
      families_(std::move(families)),
      options_(std::move(options)),
      observer_(observer),
      started_(probe_->now()) {}

Target::~Target() {
  abandon();
}

void Target::connect(const std::stop_token &stop) {
  for (int attempt = 1;; ++attempt) {
    try {
      attach();
      return take_over(stop);
    } catch (const Error &error) {
      if (error.code() != Errc::probe || attempt == most_connects) throw;
      observer_.message(Level::warning, fmt::format("{}; trying again", error.what()));
    }
    wait_for_probe(stop);
  }
}

void Target::take_over(const std::stop_token &stop) {
  info_ = probe_->info();
  const std::string firmware = info_.firmware.empty() ? "" : " " + info_.firmware;
  observer_.message(
      Level::debug,
      fmt::format(
          "{} {}{}, SWD at {}, target at {}", info_.product, info_.serial, firmware,
          info_.speed_hz ? fmt::format("{} kHz", *info_.speed_hz / 1000) : "a clock of its own",
          info_.target_millivolts ? fmt::format("{:.2f} V", *info_.target_millivolts / 1000.0)
                                  : "unknown voltage"));
  identify(stop);
}

void Target::attach() {
  if (options_.connect != Connect::under_reset) {
    try {
      probe_->attach(AttachMode::attach);
      return;
    } catch (const Error &error) {
      if (options_.connect == Connect::attach || error.code() != Errc::target) throw;
      observer_.message(Level::debug, fmt::format("no answer without reset: {}", error.what()));
    }
  }
  probe_->attach(AttachMode::under_reset);
  state_ = State::held;
}

std::optional<Error> Target::ask_while_busy(std::string_view for_whom,
                                            const std::function<bool(const Error &)> &passes,
                                            const std::function<bool()> &attempt) {
  bool told = false;
  const auto tell = [&](const Error &error) {
    if (!passes(error)) return false;
    if (error.code() == Errc::target && !std::exchange(told, true)) {
      observer_.message(Level::warning,
                        fmt::format("{}; waiting for up to {}: the chip may still be erasing, {}",
                                    error.what(), format_duration(busy_limit), for_whom));
    }
    return true;
  };
  return keep_trying(*probe_, busy_limit, identify_interval, tell, attempt);
}

void Target::identify(const std::stop_token &stop) {
  IdentifiedChip found;
  const auto is_busy = [](const Error &error) { return error.code() == Errc::target; };
  const auto failure = ask_while_busy("for a run that was killed", is_busy, [&] {
    throw_if_stopped(stop);
    found = identify_chip(*probe_, families_, options_.chip, info_);
    return true;
  });
  if (failure) throw Error(*failure);
  family_ = found.family;
  flashes_ = all_flash(found.chip);
  for (Chip &flash : flashes_) family_->family->settle(*probe_, flash);
  select_flash(0);
  for (const std::string &remark : chip_.remarks) observer_.message(Level::warning, remark);
}

void Target::select_flash(std::size_t index) {
  chip_ = flashes_.at(index);
}

bool Target::answers() {
  try {
    static_cast<void>(probe_->state());
    return true;
  } catch (const Error &) {
    return false;
  }
}

void Target::reconnect(const std::stop_token &stop) {
  const Nanoseconds since = probe_->now();
  wait_for_probe(stop);
  const Nanoseconds gone = probe_->now() - since;
  check_same_chip(stop);
  observer_.message(Level::warning, gone < shortest_absence
                                        ? std::string("connected to the target again")
                                        : fmt::format("the connection was gone for {} and is back",
                                                      format_duration(gone)));
}

void Target::with_retries(const std::function<void()> &body,
                          const std::function<bool(const Error &, Connection)> &again,
                          const std::stop_token &stop) {
  for (bool connected = true;;) {
    try {
      if (!connected) reconnect(stop);
      connected = true;
      return body();
    } catch (const Error &error) {
      if (lost()) throw;
      connected = connected && error.code() != Errc::probe && answers();
      if (!again(error, connected ? Connection::in_order : Connection::gone)) throw;
      observer_.message(Level::warning, fmt::format("{}; trying again", error.what()));
    }
  }
}

void Target::wait_for_probe(const std::stop_token &stop) {
  const auto mode = options_.connect == Connect::under_reset && may_reset_ ? AttachMode::under_reset
                                                                           : AttachMode::attach;
  const State before = std::exchange(state_, State::lost);
  const Nanoseconds since = probe_->now();
  const auto is_away = [](const Error &error) {
    return error.code() == Errc::probe || may_pass(error);
  };
  const auto failure = keep_trying(*probe_, comeback_limit, comeback_interval, is_away, [&] {
    if (!stop.stop_requested()) probe_->attach(mode);
    return true;
  });
  if (stop.stop_requested()) {
    throw Error(Errc::probe, "interrupted while waiting for the probe to come back");
  }
  if (failure) {
    throw Error(failure->code(),
                fmt::format("the connection did not come back within {}: {}",
                            format_duration(probe_->now() - since), failure->what()),
                failure->hint())
        .see(failure->cause());
  }
  const bool held = before == State::untouched && mode == AttachMode::under_reset;
  state_ = held ? State::held : before;
}

void Target::check_same_chip(const std::stop_token &stop) {
  Answers found;
  const auto is_same = [&] {
    return found.claims.size() == 1 && found.claims.front().family == family_ &&
           found.claims.front().chip.device_id == chip_.device_id &&
           found.claims.front().chip.unique_id == chip_.unique_id;
  };
  // While the loader is still at work, flash and what hangs on its bus may not answer; and one
  // access that fails makes a chip look like another.
  const Nanoseconds since = probe_->now();
  const auto failure = ask_while_busy("for this run", may_pass, [&] {
    if (stop.stop_requested()) return true;
    found = ask_families(*probe_, families_);
    return is_same() || probe_->now() - since >= another_limit;
  });
  if (failure) throw Error(*failure);
  if (is_same()) return;
  state_ = State::lost;
  if (stop.stop_requested()) {
    throw Error(Errc::target, "interrupted while waiting for the chip to answer");
  }
  throw Error(Errc::target,
              fmt::format("the probe is back, but connected to another chip: {} instead of {}",
                          found.claims.size() == 1 ? who(found.claims.front().chip)
                                                   : "one of an unknown family",
                          who(chip_)),
              "That chip was not touched. Connect the first one again and run flashhost again.")
      .see(Cause::wrong_chip);
}

}  // namespace flashhost
