#include "flash_job.hpp"

#include "access.hpp"
#include "bystanders.hpp"
#include "inspect.hpp"
#include "journal.hpp"
#include "option_job.hpp"
#include "read_errors.hpp"
#include "stop.hpp"
#include "verify.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <new>
#include <utility>

namespace flashhost {

namespace {

constexpr int most_passes_without_progress = 3;
// A probe on USB takes a third of that to read a few words, one behind a network more.
constexpr Nanoseconds far_away = std::chrono::milliseconds(10);

// Does the protection concern the image at all?
bool in_the_way(const Protection &protection, const Image &image) {
  return protection.read ||
         std::any_of(protection.write.begin(), protection.write.end(),
                     [&](const MemoryRange &range) { return !image.in(range).empty(); });
}

// Of the flash that is selected.
class Job {
 public:
  Job(Target &target, const Image &image, Journal &journal, const FlashOptions &options,
      Observer &observer, std::stop_token stop)
      : target_(target),
        image_(image),
        options_(options),
        observer_(observer),
        stop_(std::move(stop)),
        access_choice_(target, Use::writing, observer, stop_, options.compress),
        journal_(journal),
        others_(target.probe(), target.chip(), image) {
    refuse_half_written_options();
    if (options_.discard_journal) discard_journal();
    take_journal();
    if (left_behind_) {
      observer_.message(
          Level::warning,
          with_page(fmt::format("an earlier run on this chip was interrupted: completing it{}",
                                left_behind_->keeps_bytes()
                                    ? ", with the bytes that it was to keep from the journal"
                                    : ""),
                    Cause::interrupted));
    }
  }

  FlashReport run() {
    target_.with_retries(
        [&] { pass(); },
        [&](const Error &error, Target::Connection) { return is_worth_a_pass(error); }, stop_);
    return report_;
  }

  // Whether the flash still holds the image, now that other flash was written.
  void verify_again() {
    if (options_.verify == Verify::none) return;
    target_.with_retries(
        [&] {
          prepare();
          const std::unique_ptr<FlashAccess> access = access_choice_.open();
          step("verifying again", 0);
          throw_at(compare_image_by_crc(
              image_, target_.probe(), target_.chip(),
              [&](const std::vector<MemoryRange> &ranges) { return access->crc(ranges); }));
          access->finish();
        },
        [&](const Error &error, Target::Connection) {
          return error.code() != Errc::verify && is_worth_a_pass(error);
        },
        stop_);
  }

 private:
  // A reset could close the chip. With unlock the change is completed, without a reset before.
  void refuse_half_written_options() {
    if (target_.family().option_bytes() == nullptr) return;
    if (options_.discard_journal) {
      refuse_to_reset(target_, options_);
      return journal_.remove_options();
    }
    const auto half_written = interrupted_options(journal_, target_, options_);
    if (half_written && !options_.unlock) refuse(*half_written);
  }

  void discard_journal() {
    std::string what;
    try {
      const auto record = journal_.load();
      if (!record) return;
      if (record->keeps_bytes()) {
        what =
            fmt::format("--discard-journal: the bytes saved by an interrupted run are deleted: {}",
                        kept_text(*record));
      }
    } catch (const Error &error) {
      what = fmt::format("--discard-journal: {}; it is deleted", error.what());
    }
    journal_.remove();
    if (!what.empty()) observer_.message(Level::warning, what);
  }

  void take_journal() {
    left_behind_ = journal_.load();
    if (!left_behind_ || board_match_ == BoardMatch::this_run) return;
    keeps_bytes_ = keeps_bytes_ || left_behind_->keeps_bytes();
    board_match_ = board_match(*left_behind_, target_, options_);
  }

  bool is_worth_a_pass(const Error &error) {
    if (!may_succeed_again(error) || ++fruitless_passes_ >= most_passes_without_progress)
      return false;
    access_choice_.close(error);
    ++report_.passes;
    return true;
  }

  void step(std::string_view name, std::uint64_t total) {
    observer_.message(Level::debug,
                      fmt::format("{} after {}", name, format_duration(target_.elapsed())));
    observer_.step(name, total);
  }

  void pass() {
    if (report_.passes > 1) take_journal();
    prepare();
    if (access_choice_.tries_loader()) step("starting the loader", 0);
    const std::unique_ptr<FlashAccess> access = access_choice_.open();
    step("looking at the flash", 0);
    const auto crc = [&](const std::vector<MemoryRange> &ranges) {
      return access->crc(ranges, [&] { others_.read_ahead(); });
    };
    // What only an algorithm is known of may take seconds for the CRCs of all of its flash.
    const Questions questions{
        .all_at_once = access->reading_time() >= far_away && !target_.chip().check_others,
        .target_computes = access->computes_crcs(),
        .bits_to_clear = report_.passes == 1};
    const auto [state, plan] =
        inspect(target_, crc, image_, left_behind_, board_match_, protection_, options_, questions);
    note_progress(plan, state);
    if (report_.passes == 1) report_unreadable(state);
    observer_.message(Level::debug, to_text(plan, target_.chip()));
    const std::string about_mass_erase = mass_erase_text(plan);
    if (report_.passes == 1 && !about_mass_erase.empty()) {
      observer_.message(Level::info, about_mass_erase);
    }
    account(plan);
    if (!plan.steps.empty()) {
      access_choice_.require_a_way(plan);
      look_at_others(plan, *access);
      write_journal(plan, state);
      observer_.flash.set(FlashState::partly_written);
      execute(plan, *access);
    }
    // Where nothing was to be done, the look at the flash has compared just that.
    if (!plan.steps.empty() || options_.verify == Verify::readback) verify(plan, *access);
    if (observer_.flash.get() != FlashState::unchanged) {
      observer_.flash.set(options_.verify == Verify::none ? FlashState::written
                                                          : FlashState::written_and_verified);
    }
    step("leaving the target", 0);
    access->finish();
    target_.finish();
    remove_journal();
  }

  void remove_journal() {
    try {
      journal_.remove();
    } catch (const Error &error) {
      throw Error(error.code(), fmt::format("the journal of this job is left: {}", error.what()),
                  "It is not needed any more: remove it, or run flashhost again. " + error.hint());
    }
  }

  void prepare() {
    step("preparing the target", 0);
    if (options_.unlock && journal_.load_options()) {
      // Erasing is agreed to where the chip was closed before this run did anything.
      if (!found_closed_) found_closed_ = target_.protection().read;
      complete_options(target_, journal_, *found_closed_, observer_);
    }
    target_.prepare();
    protection_ = target_.protection();
    if (!found_closed_) found_closed_ = protection_.read;
    if (!in_the_way(protection_, image_)) return;
    if (protection_.permanent || !options_.unlock) refuse(protection_);
    observer_.message(Level::warning,
                      fmt::format("lifting the protection: {}", protection_.detail));
    lift_protection(target_, journal_, protection_, observer_);
    report_.unlocked = report_.unlocked || protection_.read;
    target_.prepare();
    protection_ = {};
  }

  // Progress is a new minimum of sectors that are left; without that, passes could go on for ever.
  void note_progress(const Plan &plan, const DeviceState &state) {
    // After a mass erase all have to be done, also those that are right before.
    const bool all = !least_left_ && plan.mass_erase;
    const auto left = std::ranges::count_if(state.sectors, [&](const SectorState &sector) {
      return all || sector.content != Content::same;
    });
    if (least_left_ && left >= *least_left_) return;
    if (least_left_) fruitless_passes_ = 0;
    least_left_ = left;
  }

  void report_unreadable(const DeviceState &state) {
    constexpr const char *meaning =
        "cannot be read without error (the error correcting code does not fit), as after a power "
        "loss while it was programmed or erased";
    std::vector<MemoryRange> parts;
    bool lost = false;
    for (const SectorState &sector : state.sectors) {
      for (const MemoryRange &part : sector.unreadable) {
        add_range(parts, part);
        // Where found is set, what is to be kept comes from the journal.
        const bool kept = !sector.old.empty() && sector.found.empty();
        lost = lost || (kept && !image_.covers(part));
      }
    }
    if (!parts.empty()) {
      observer_.message(
          Level::warning,
          with_page(fmt::format("{} {}; its sectors are erased and written again{}", list_of(parts),
                                meaning,
                                lost ? "; of what is to be kept there, these bytes are lost" : ""),
                    Cause::torn_words));
    }
    if (state.unreadable_others.empty()) return;
    observer_.message(
        Level::warning,
        with_page(
            fmt::format("{} {}; it is outside the image and left alone: a "
                        "firmware that reads it will fail. `flashhost erase --range` mends it",
                        list_of(state.unreadable_others), meaning),
            Cause::torn_words));
  }

  void account(const Plan &plan) {
    report_.image_bytes = plan.image_bytes;
    report_.programmed_bytes += plan.programmed_bytes;
    report_.put_back_bytes += plan.put_back_bytes;
    report_.erased_sectors += plan.erased_sectors;
    const auto keeps = [](const SectorPlan &sector) {
      return sector.keeps && sector.action != Action::skip;
    };
    report_.kept_sectors =
        std::max(report_.kept_sectors,
                 static_cast<std::uint32_t>(std::ranges::count_if(plan.sectors, keeps)));
    report_.mass_erase = report_.mass_erase || plan.mass_erase;
    report_.flash_time += plan.flash_time();
    if (report_.passes == 1) report_.floor = plan.floor;
    report_.verified = options_.verify;
  }

  // Before the first pass: what this job leaves alone. Later: that it is as it was.
  void look_at_others(const Plan &plan, FlashAccess &access) {
    if (others_.remembers()) {
      others_.check(plan, access, observer_);
    } else {
      others_.remember(plan, access);
    }
  }

  // On disk before anything is erased: what must come back, and which sectors were in work.
  void write_journal(const Plan &plan, const DeviceState &state) {
    JournalRecord record = journal_record(plan, state, target_.chip(), journal_identity(target_));
    if (record.sectors.empty()) return;
    keeps_bytes_ = keeps_bytes_ || record.keeps_bytes();
    add_bystanders(record, others_.for_journal(plan));
    journal_.store(record);
    board_match_ = BoardMatch::this_run;
  }

  void execute(const Plan &plan, FlashAccess &access) {
    std::uint64_t total = 0;
    for (const Step &step : plan.steps) total += step.data.size();
    std::uint64_t written = 0;
    const auto advance = [&](std::uint32_t bytes) {
      written += bytes;
      observer_.progress(written);
    };
    const bool erases = plan.mass_erase || plan.erased_sectors > 0;
    bool tried = false;
    access.expect_bytes(total);
    step(total == 0 ? "erasing" : erases ? "erasing and programming" : "programming", total);
    for (const Step &step : plan.steps) {
      switch (step.kind) {
        case StepKind::erase_all:
          access.erase_all();
          break;
        case StepKind::erase:
          access.erase(step.sector);
          if (!std::exchange(tried, true)) {
            others_.check_first_erase(step.sector, plan, access, observer_);
          }
          break;
        case StepKind::program:
          access.program(step.address, step.data, advance);
          break;
      }
    }
    if (verifies_by_crc() && !target_.chip().check_others) {
      access.expect_crc_and_finish(verified_ranges(plan, target_.chip()));
    }
    access.drain();
    others_.check(plan, access, observer_);
  }

  // The journal, removed at the end, has the only copy of the bytes to keep: they are verified
  // before, whatever was asked for.
  [[nodiscard]] bool verifies_by_crc() const {
    return options_.verify == Verify::crc || (options_.verify == Verify::none && keeps_bytes_);
  }

  void verify(const Plan &plan, FlashAccess &access) {
    if (options_.verify == Verify::none && !keeps_bytes_) return;
    step("verifying", 0);
    throw_at(options_.verify == Verify::readback
                 ? verify_by_reading(plan, target_.chip(), target_.probe(), access)
                 : verify_by_crc(plan, target_.chip(), target_.probe(), access));
  }

  static void throw_at(const std::optional<Mismatch> &mismatch) {
    if (!mismatch) return;
    throw Error(Errc::verify, "verification failed: " + to_text(*mismatch),
                "The flash does not keep what was programmed: worn-out or damaged flash, or a "
                "supply that is too low.")
        .see(Cause::bad_cell);
  }

  Target &target_;
  const Image &image_;
  const FlashOptions &options_;
  Observer &observer_;
  std::stop_token stop_;
  AccessChoice access_choice_;
  Journal &journal_;
  std::optional<JournalRecord> left_behind_;
  Protection protection_;             // of the chip as it was prepared last
  std::optional<bool> found_closed_;  // protected against reading when the job began
  bool keeps_bytes_ = false;  // the journal of this run or of an earlier one has bytes to keep
  BoardMatch board_match_ = BoardMatch::weak;  // how sure it is that left_behind_ is of this board
  Bystanders others_;                          // of the sectors that this job changes
  FlashReport report_;
  int fruitless_passes_ = 0;
  std::optional<std::ptrdiff_t> least_left_;
};

void add(FlashReport &sum, const FlashReport &report) {
  sum.image_bytes += report.image_bytes;
  sum.programmed_bytes += report.programmed_bytes;
  sum.put_back_bytes += report.put_back_bytes;
  sum.erased_sectors += report.erased_sectors;
  sum.kept_sectors += report.kept_sectors;
  sum.mass_erase = sum.mass_erase || report.mass_erase;
  sum.unlocked = sum.unlocked || report.unlocked;
  sum.passes += report.passes - 1;
  sum.verified = report.verified;
  sum.flash_time += report.flash_time;
  sum.floor += report.floor;
}

// A chip with further flash: one job after the other.
class Jobs {
 public:
  Jobs(Target &target, const Image &image, Journal &journal, const FlashOptions &options,
       Observer &observer, std::stop_token stop)
      : target_(target),
        image_(image),
        journal_(journal),
        options_(options),
        observer_(observer),
        stop_(std::move(stop)) {}

  FlashReport run() {
    const std::vector<std::size_t> order = flashes_to_write(target_, image_, options_);
    FlashReport sum;
    for (const std::size_t index : order) {
      target_.select_flash(index);
      observer_.message(Level::debug, "the flash " + format_range(target_.chip().flash));
      One &one = jobs_.emplace_back(index, *this);
      const FlashReport report = one.job.run();
      add(sum, report);
      if (report.programmed_bytes != 0 || report.erased_sectors != 0) last_written_ = &one;
      const bool more = jobs_.size() < order.size();
      if (more && observer_.flash.get() != FlashState::unchanged) {
        observer_.flash.set(FlashState::partly_written);
      }
    }
    if (last_written_ != nullptr) verify_the_earlier();
    target_.select_flash(0);
    return sum;
  }

 private:
  struct One {
    One(std::size_t flash, const Jobs &all)
        : index(flash),
          image(all.image_.part(all.target_.chip().flash)),
          job(all.target_, image, all.journal_, all.options_, all.observer_, all.stop_) {}
    std::size_t index;
    Image image;
    Job job;
  };

  // Two ranges may be the same memory, and an algorithm may write where it should not.
  void verify_the_earlier() {
    for (One &one : jobs_) {
      if (&one == last_written_) return;
      target_.select_flash(one.index);
      try {
        one.job.verify_again();
      } catch (const Error &error) {
        if (error.code() != Errc::verify) throw;
        observer_.flash.set(FlashState::partly_written);
        const std::string range = format_range(target_.chip().flash);
        const MemoryRange other = target_.flashes()[last_written_->index].flash;
        throw Error(error.code(),
                    fmt::format("{} was right until {} was written: {}", range, format_range(other),
                                error.what()),
                    "They may be the same memory at two addresses, for which the image has "
                    "different bytes; or the code that writes one of them is not for this chip.")
            .see(Cause::wrong_chip);
      }
    }
  }

  Target &target_;
  const Image &image_;
  Journal &journal_;
  const FlashOptions &options_;
  Observer &observer_;
  std::stop_token stop_;
  std::list<One> jobs_;                // they refer to their images
  const One *last_written_ = nullptr;  // the last of them that has changed something
};

FlashReport write_image(Target &target, const Image &image, const FlashOptions &options,
                        Observer &observer, const std::stop_token &stop) {
  Journal journal = open_journal(target, options, observer, stop);
  if (target.flashes().size() > 1) {
    return Jobs(target, image, journal, options, observer, stop).run();
  }
  return Job(target, image, journal, options, observer, stop).run();
}

}  // namespace

FlashReport flash(Target &target, const Image &image, const FlashOptions &options,
                  Observer &observer, const std::stop_token &stop) {
  FlashReport report;
  try {
    report = write_image(target, image, options, observer, stop);
  } catch (...) {
    target.abandon();
    throw;
  }
  try {
    target.release();
  } catch (const Error &error) {
    throw Error(error.code(),
                fmt::format("{}; the target was not left as the board file asks", error.what()),
                error.hint() + (error.hint().empty() ? "" : " ") + "Power-cycle the board.")
        .see(error.cause());
  }
  report.time = target.elapsed();
  observer.message(Level::debug, fmt::format("done after {}", format_duration(report.time)));
  return report;
}

}  // namespace flashhost
