// One target for one job: attached, identified, made quiet, and put back.
#pragma once

#include "chip_request.hpp"
#include "observer.hpp"
#include "options.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/family.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

// Whether doing again what failed with this error may succeed.
[[nodiscard]] bool may_succeed_again(const Error &error);

struct TargetOptions {
  Connect connect = Connect::automatic;
  ChipRequest chip;
  // Where the core is left. none: the target is not reset before a job either.
  ResetAfter reset = ResetAfter::run;
};

// One thread. The destructor abandons the target.
class Target {
 public:
  Target(std::unique_ptr<Probe> probe, std::vector<NamedFamily> families, TargetOptions options,
         Observer &observer);
  ~Target();
  Target(const Target &) = delete;
  Target &operator=(const Target &) = delete;

  // Connects as the options say, finds the family and the chip. Leaves the core as it was. A probe
  // that is lost meanwhile gets some seconds to come back.
  void connect(const std::stop_token &stop = {});

  // Makes the target halted and quiet for the loader: resets it, then changes register by register
  // what a reset leaves. If the options forbid a reset, or none works, the registers alone.
  void prepare();
  // For verbs that only read.
  void halt_for_reading();
  // While a reset would do harm: nothing here resets the target, and it is left with its core
  // halted.
  void keep_from_reset(bool keep) { may_reset_ = !keep; }
  // The family has reset the target after prepare.
  void note_reset();

  // The family's last step, after everything was programmed and verified.
  void finish();

  // Leaves the target as State, below, says. Within 2 s an attempt: what goes wrong once is done
  // again, after getting back the probe if it was lost. Throws when the target does not obey.
  void release();
  // For a way out by exception: the same over the present connection, in at most two attempts. What
  // could not be put back becomes a warning.
  void abandon() noexcept;
  // The reset verb: a reset and nothing else. ResetAfter::none counts as halt here.
  void reset();

  // Asks the family's Locks; without them nothing is protected.
  [[nodiscard]] Protection protection();
  // After prepare: takes off what protection() found. Then prepare again.
  void unprotect(const Protection &found);
  // Errc::locked when some protection is left after it was taken off.
  void check_unprotected();

  // Whether the connection is in order.
  [[nodiscard]] bool answers();
  // When it is not: attaches again, for at most about 10 s or until stop, and makes sure that it is
  // the same chip, for up to 35 s or until stop while it does not answer. Otherwise the error of
  // the last attempt, or Errc::target naming both chips; the target is then lost. Any other error:
  // the chip could not be identified.
  void reconnect(const std::stop_token &stop = {});
  // Repeats body until it succeeds, or until `again` says that its error does not allow another
  // attempt. Reconnects before an attempt if the connection is gone.
  enum class Connection : std::uint8_t { in_order, gone };
  void with_retries(const std::function<void()> &body,
                    const std::function<bool(const Error &, Connection)> &again,
                    const std::stop_token &stop = {});
  // Given up: nothing will be sent to it any more.
  void give_up() { state_ = State::lost; }
  [[nodiscard]] bool lost() const { return state_ == State::lost; }

  [[nodiscard]] Probe &probe() { return *probe_; }
  [[nodiscard]] Family &family() { return *family_->family; }
  [[nodiscard]] const std::string &family_id() const { return family_->id; }
  [[nodiscard]] const std::string &family_version() const { return family_->version; }
  // The chip with the flash that is worked on: after connecting, its own.
  [[nodiscard]] const Chip &chip() const { return chip_; }
  // Known once the target was prepared.
  [[nodiscard]] const std::optional<cortex_m::Core> &core() const { return core_; }
  // The chip and, behind it, its further flash.
  [[nodiscard]] const std::vector<Chip> &flashes() const { return flashes_; }
  // From now on `chip` is that one, by its index; prepare the target again.
  void select_flash(std::size_t index);
  [[nodiscard]] const ProbeInfo &probe_info() const { return info_; }
  // Of the probe's clock, since the object was made.
  [[nodiscard]] Nanoseconds elapsed() { return probe_->now() - started_; }

 private:
  // What was done to the core, and what leaving the target has to do about it.
  enum class State : std::uint8_t {
    untouched,     // the core was not stopped, or everything is restored: nothing to do
    held,          // halted by connecting under reset: it is let go
    read_halted,   // halted for reading, and was halted before: the debug registers are put back
    read_running,  // halted for reading, and was running or held: the same, and it runs on
    prepared,      // prepare has begun: the flash gets idle and locked, registers are put back, and
                   // the core, with no code of ours on it, is left where the options want it
    lost,          // whatever it was, given up: nothing is sent
  };

  void attach();
  void take_over(const std::stop_token &stop);
  void wait_for_probe(const std::stop_token &stop);
  void identify(const std::stop_token &stop);
  void check_same_chip(const std::stop_token &stop);
  // Calls attempt until it returns true, for as long as the longest erase takes: meanwhile a chip
  // may answer nobody, which is told once. Returns the error of the last call, if that is how it
  // ended; an error that does not pass is thrown at once.
  [[nodiscard]] std::optional<Error> ask_while_busy(
      std::string_view for_whom, const std::function<bool(const Error &)> &passes,
      const std::function<bool()> &attempt);
  void save_debug_state();
  enum class After : std::uint8_t { reset, halt };
  [[nodiscard]] After reset_or_halt();
  void prepare_chip(After after);
  [[nodiscard]] bool stop_flash();  // false: it does not come to rest
  void leave(State state);
  void leave_prepared();
  void put_back(bool after_reset);
  void warn_on_the_way_out(const std::exception &error) noexcept;

  std::unique_ptr<Probe> probe_;
  std::vector<NamedFamily> families_;
  TargetOptions options_;
  Observer &observer_;
  const NamedFamily *family_ = nullptr;
  std::vector<Chip> flashes_;  // as identified and settled
  Chip chip_;                  // one of them
  ProbeInfo info_;
  Nanoseconds started_{};
  std::optional<cortex_m::Core> core_;
  UndoLog undo_;
  State state_ = State::untouched;
  bool may_reset_ = true;
};

}  // namespace flashhost
