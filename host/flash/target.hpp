// One target for one job: attached, identified, made quiet, and put back.
#pragma once

#include "chip_request.hpp"
#include "observer.hpp"
#include "options.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/family.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost {

struct TargetOptions {
  Connect connect = Connect::automatic;
  ChipRequest chip;
  // Where the core is left. none: the target is not reset before a job either.
  ResetAfter reset = ResetAfter::run;
};

// One thread. The destructor releases the target if nothing else did; it never throws.
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

  // Halted and quiet for the loader. By reset, and then by hand what a reset leaves; by hand alone
  // where the options say no reset, or where none works.
  void prepare();
  // For verbs that only read: halts; released by release_reading, or by abandon_reading on a way
  // out by exception, which says what could not be put back instead of throwing.
  void halt_for_reading();
  void release_reading();
  void abandon_reading() noexcept;

  // After a job, whatever it left: no code of ours runs, the flash is idle and locked, and the core
  // is where the options want it. Within 2 s an attempt: what goes wrong once is done again, after
  // getting back the probe if it was lost. Throws when the target does not obey.
  void release();
  // The same for a way out by exception: says what could not be put back instead of throwing.
  // Nothing where nothing was changed, or where the target is lost.
  void abandon() noexcept;
  // The reset verb: nothing but a reset, which there is, too, where the options say none: then it
  // counts as halt.
  void reset();

  // Asks the family's Locks; without them nothing is protected.
  [[nodiscard]] Protection protection();
  // After prepare: takes off what protection() found. Then prepare again. Errc::locked when some is
  // left.
  void unprotect(const Protection &found);

  // Whether the connection is in order.
  [[nodiscard]] bool answers();
  // When it is not: attaches again, for at most about 10 s or until stop, and makes sure that it is
  // the same chip. Otherwise the error of the last attempt, or Errc::target naming both chips; the
  // target is then lost. Any other error: it was not possible to tell.
  void reconnect(const std::stop_token &stop = {});
  // Given up: nothing will be sent to it any more.
  [[nodiscard]] bool lost() const { return lost_; }

  [[nodiscard]] Probe &probe() { return *probe_; }
  [[nodiscard]] Family &family() { return *family_->family; }
  [[nodiscard]] const std::string &family_id() const { return family_->id; }
  [[nodiscard]] const Chip &chip() const { return chip_; }
  [[nodiscard]] const ProbeInfo &probe_info() const { return info_; }
  // Of the probe's clock, since the object was made.
  [[nodiscard]] Nanoseconds elapsed() { return probe_->now() - started_; }

 private:
  void attach();
  void take_over();
  void wait_for_probe(const std::stop_token &stop);
  void identify();
  void check_same_chip();
  void save_debug_state();
  enum class After : std::uint8_t { reset, halt };
  [[nodiscard]] After reset_or_halt();
  void prepare_chip(After after);
  [[nodiscard]] bool stop_flash();  // false: it does not come to rest
  void leave();
  void leave_reading();
  void with_retries(const std::function<void()> &body);
  void put_back(bool after_reset);
  void release_core() noexcept;
  void warn_on_the_way_out(const std::exception &error) noexcept;

  std::unique_ptr<Probe> probe_;
  std::vector<NamedFamily> families_;
  TargetOptions options_;
  Observer &observer_;
  const NamedFamily *family_ = nullptr;
  Chip chip_;
  ProbeInfo info_;
  Nanoseconds started_{};
  UndoLog undo_;
  bool changed_ = false;       // prepare has begun and release has not finished
  bool resume_after_ = false;  // halt_for_reading found it running
  bool held_ = false;          // connecting under reset halted it, and nothing has let it go since
  bool lost_ = false;
};

}  // namespace flashhost
