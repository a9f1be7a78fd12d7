// Target: making it quiet, and putting it back.
#include "target.hpp"

#include <flashhost/error.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds idle_limit = 1500ms;
constexpr Nanoseconds idle_interval = 1ms;
constexpr int most_attempts = 3;  // to leave the target
constexpr int most_refusals = 1;  // a target that does not obey twice would not the third time

}  // namespace

// Saves everything or nothing, since later calls rely on it.
void Target::save_debug_state() {
  if (!undo_.empty()) return;
  UndoLog found;
  cortex_m::save_debug_state(*probe_, found);
  undo_ = std::move(found);
}

void Target::prepare() {
  save_debug_state();
  state_ = State::prepared;
  prepare_chip(reset_or_halt());
}

Target::After Target::reset_or_halt() {
  if (options_.reset != ResetAfter::none && may_reset_) {
    try {
      const cortex_m::ResetWay way = cortex_m::reset_and_halt(*probe_);
      observer_.message(Level::debug, way == cortex_m::ResetWay::pin
                                          ? "reset by NRST, halted at the reset vector"
                                          : "reset by SYSRESETREQ, halted at the reset vector");
      return After::reset;
    } catch (const Error &error) {
      if (error.code() != Errc::target) throw;
      observer_.message(Level::warning, fmt::format("{}; going on without a reset", error.what()));
    }
  }
  cortex_m::halt_catching_reset(*probe_);
  observer_.message(Level::debug, "halted, without a reset");
  return After::halt;
}

// A reset undid everything else; what survives it is kept from the first time on.
void Target::note_reset() {
  std::erase_if(undo_, [](const UndoStep &step) { return !step.survives_reset; });
}

void Target::prepare_chip(After after) {
  if (after == After::reset) note_reset();
  const std::size_t before = undo_.size();
  // Allocates nothing: the steps must not be lost when memory has run out.
  const auto forget_repeats = [&] {
    const auto fresh = undo_.begin() + static_cast<std::ptrdiff_t>(std::min(before, undo_.size()));
    const auto is_known = [&](const UndoStep &step) {
      return step.survives_reset && std::any_of(undo_.begin(), fresh, [&](const UndoStep &old) {
               return old.survives_reset && old.address == step.address;
             });
    };
    undo_.erase(std::remove_if(fresh, undo_.end(), is_known), undo_.end());
  };
  try {
    core_ = cortex_m::quiesce(
        *probe_, undo_,
        after == After::reset ? cortex_m::Found::just_reset : cortex_m::Found::running);
    family_->family->prepare(*probe_, chip_, undo_);
    family_->family->settle(*probe_, chip_);
  } catch (...) {
    forget_repeats();
    throw;
  }
  forget_repeats();
}

void Target::halt_for_reading() {
  const bool halted = state_ != State::held && probe_->state() == CoreState::halted;
  save_debug_state();
  state_ = halted ? State::read_halted : State::read_running;
  probe_->halt();
}

bool Target::stop_flash() {
  probe_->halt();
  const bool idle = wait_until(*probe_, idle_limit, idle_interval, [&] {
    return std::ranges::none_of(chip_.status.registers, [&](const StatusRegister &source) {
      return is_busy(chip_, probe_->read_word(source.address));
    });
  });
  if (!idle) observer_.message(Level::debug, "the flash is still busy; the reset will stop it");
  return idle;
}

Protection Target::protection() {
  Locks *locks = family().locks();
  return locks == nullptr ? Protection{} : locks->protection(*probe_, chip_);
}

void Target::unprotect(const Protection &found) {
  observer_.flash.set(FlashState::partly_written);
  family().locks()->unprotect(*probe_, chip_, found);
  check_unprotected();
}

void Target::check_unprotected() {
  const Protection left = protection();
  if (left.any()) {
    throw Error(Errc::locked,
                "the protection was taken off and the chip was reset, but " + left.detail,
                "Power-cycle the board, then run flashhost again.")
        .see(left.read ? Cause::read_protection : Cause::write_protection);
  }
}

void Target::finish() {
  const bool may_reset = may_reset_ && options_.reset != ResetAfter::none;
  if (may_reset) {
    family().finish(*probe_, chip_);
  } else {
    family().finish_without_reset(*probe_, chip_);
  }
}

void Target::put_back(bool after_reset) {
  std::string failed = cortex_m::restore(*probe_, undo_, after_reset);
  if (failed.empty()) return;
  static_cast<void>(probe_->state());  // Errc::probe where that is the reason
  failed = cortex_m::restore(*probe_, undo_, after_reset);
  if (failed.empty()) return;
  throw Error(Errc::target, "could not put the target back as it was: " + failed,
              "Power-cycle the board.");
}

// May be repeated from its beginning, wherever it ended.
void Target::leave(State state) {
  switch (state) {
    case State::untouched:
    case State::lost:
      return;
    case State::held:
      return cortex_m::release(*probe_);
    case State::read_running:
      probe_->resume();
      return put_back(true);
    case State::read_halted:
      return put_back(true);
    case State::prepared:
      return leave_prepared();
  }
}

void Target::leave_prepared() {
  const bool idle = stop_flash();
  if (!may_reset_) return put_back(false);
  if (options_.reset == ResetAfter::none && idle) {
    // Written back by hand; the core stays halted, so restore leaves C_DEBUGEN alone.
    return put_back(false);
  }
  try {
    static_cast<void>(cortex_m::reset_and_halt(*probe_));
  } catch (const Error &) {
    // The undo steps lock the flash as well.
    static_cast<void>(cortex_m::restore(*probe_, undo_, false));
    throw;
  }
  // The core is halted, and stays so until it is let go: C_DEBUGEN is not for restore.
  std::erase_if(undo_, [](const UndoStep &step) { return step.address == cortex_m::dhcsr; });
  put_back(true);
  if (options_.reset == ResetAfter::run) cortex_m::release(*probe_);
}

void Target::release() {
  if (lost()) return;
  const State left = std::exchange(state_, State::untouched);
  int attempts = 0;
  int refusals = 0;
  const auto again = [&](const Error &, Connection connection) {
    if (++attempts == most_attempts) return false;
    return connection == Connection::gone || ++refusals <= most_refusals;
  };
  try {
    with_retries([&] { leave(left); }, again);
  } catch (const std::bad_alloc &) {
    if (!lost()) state_ = left;  // the destructor tries again
    throw;
  }
  state_ = State::untouched;  // and no longer held by getting it back under reset
  undo_.clear();
}

void Target::abandon() noexcept {
  if (lost()) return;
  const State left = std::exchange(state_, State::untouched);
  try {
    try {
      leave(left);
    } catch (const std::exception &) {
      if (!answers()) throw;
      leave(left);
    }
    undo_.clear();
  } catch (const std::exception &error) {
    warn_on_the_way_out(error);
  }
}

void Target::reset() {
  if (options_.reset == ResetAfter::none) options_.reset = ResetAfter::halt;
  save_debug_state();
  state_ = State::prepared;
  release();
}

void Target::warn_on_the_way_out(const std::exception &error) noexcept {
  try {
    observer_.message(Level::warning,
                      fmt::format("the target could not be put back as it was, power-cycle it: {}",
                                  error.what()));
  } catch (...) {
    state_ = State::untouched;
  }
}

}  // namespace flashhost
