#include "flash_job.hpp"

#include "direct_access.hpp"
#include "journal.hpp"
#include "loader_access.hpp"
#include "survey.hpp"
#include "verify.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

namespace flashhost {

namespace {

constexpr int most_passes_without_progress = 3;
constexpr int most_loader_failures = 2;

// Is it worth to prepare again and go on from what the flash then holds?
bool recoverable(const Error &error) {
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

// Does the protection concern the image at all?
bool in_the_way(const Protection &protection, const Image &image) {
  return protection.read ||
         std::any_of(protection.write.begin(), protection.write.end(),
                     [&](const MemoryRange &range) { return !image.in(range).empty(); });
}

// Not by what the flash does: the user does not see from the error what became of it.
bool ended_from_outside(const Error &error) {
  return error.code() == Errc::probe || error.code() == Errc::interrupted ||
         error.code() == Errc::config;
}

// What the job has made of the flash so far.
enum class FlashState : std::uint8_t { untouched, incomplete, complete };

// For a user who cannot look at the target any more, or who has to see to it, or who cut it short.
[[noreturn]] void rethrow(const Error &error, FlashState state) {
  std::string what = error.what();
  std::string hint = error.hint() + (error.hint().empty() ? "" : " ");
  switch (state) {
    case FlashState::untouched:
      what += "; nothing was written";
      hint += "Run flashhost again.";
      break;
    case FlashState::incomplete:
      what += "; the flash is incomplete";
      hint += "Run flashhost again: it completes the job.";
      break;
    case FlashState::complete:
      what += "; the flash is complete, but the target was not left as the board file asks";
      hint += "Power-cycle the board.";
      break;
  }
  throw Error(error.code(), what, hint).see(error.cause());
}

std::string width_names(const std::vector<Width> &widths) {
  std::string text;
  for (const Width width : widths) {
    text += fmt::format("{}{}-bit", text.empty() ? "" : " or ", 8 * static_cast<int>(width));
  }
  return text;
}

class Job {
 public:
  Job(Target &target, const Image &image, const FlashOptions &options, Observer &observer,
      std::stop_token stop)
      : target_(target),
        image_(image),
        options_(options),
        observer_(observer),
        stop_(std::move(stop)),
        journal_(options.journal_directory,
                 journal_key(target.chip(), target.probe_info().serial)) {
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
    bool connected = true;
    for (;;) {
      try {
        if (!connected) {
          loader_runs_ = false;
          target_.reconnect(stop_);
          connected = true;
        }
        pass();
        return report_;
      } catch (const std::bad_alloc &) {
        rethrow({Errc::internal, "out of memory", "Close other programs."}, flash_state_);
      } catch (const Error &error) {
        if (target_.lost() || !recoverable(error) ||
            ++fruitless_passes_ >= most_passes_without_progress) {
          if (target_.lost() || ended_from_outside(error)) rethrow(error, flash_state_);
          throw;
        }
        observer_.message(Level::warning, fmt::format("{}; trying again", error.what()));
        connected = connected && error.code() != Errc::probe && target_.answers();
        if (loader_runs_ && error.code() == Errc::target) note_loader_failure(error);
        take_journal();
        ++report_.passes;
      }
    }
  }

 private:
  void discard_journal() {
    std::string what;
    try {
      const auto record = journal_.load();
      if (!record) return;
      if (record->keeps_bytes()) {
        what = fmt::format(
            "what an interrupted run was to keep is given up, as --discard-journal "
            "says: {}",
            kept_text(*record));
      }
    } catch (const Error &error) {
      what = fmt::format("given up, as --discard-journal says: {}", error.what());
    }
    journal_.remove();
    if (!what.empty()) observer_.message(Level::warning, what);
  }

  void take_journal() {
    left_behind_ = journal_.load();
    if (!left_behind_ || acquaintance_ == Acquaintance::this_run) return;
    keeps_bytes_ = keeps_bytes_ || left_behind_->keeps_bytes();
    acquaintance_ =
        options_.use_journal ? Acquaintance::user : acquaintance(*left_behind_, journal_identity());
  }

  [[nodiscard]] JournalIdentity journal_identity() const {
    return flashhost::journal_identity(target_);
  }

  void step(std::string_view name, std::uint64_t total) {
    observer_.message(Level::debug,
                      fmt::format("{} after {}", name, format_duration(target_.elapsed())));
    observer_.step(name, total);
  }

  void pass() {
    loader_runs_ = false;
    prepare();
    const std::unique_ptr<FlashAccess> access = make_access();
    step("looking at the flash", 0);
    const DeviceState state = look(*access);
    note_progress(state);
    const Plan plan = make_plan(image_, target_.chip(), state, plan_options(target_, options_));
    observer_.message(Level::debug, to_text(plan, target_.chip()));
    account(plan);
    if (!plan.steps.empty()) {
      require_a_way(plan);
      write_journal(plan, state);
      flash_state_ = FlashState::incomplete;
      execute(plan, *access);
    }
    verify(plan, *access);
    flash_state_ = FlashState::complete;
    step("leaving the target", 0);
    access->finish();
    target_.family().finish(target_.probe(), target_.chip());
    remove_journal();
  }

  void remove_journal() {
    try {
      journal_.remove();
    } catch (const Error &error) {
      throw Error(error.code(),
                  fmt::format("the flash is complete, but its journal is left: {}", error.what()),
                  "It is not needed any more: remove it, or run flashhost again. " + error.hint());
    }
  }

  void prepare() {
    step("preparing the target", 0);
    target_.prepare();
    const Protection protection = target_.protection();
    if (!in_the_way(protection, image_)) return;
    if (protection.permanent || !options_.unlock) refuse(protection);
    observer_.message(Level::warning, fmt::format("lifting the protection: {}", protection.detail));
    target_.unprotect(protection);
    report_.unlocked = report_.unlocked || protection.read;
    target_.prepare();
  }

  std::unique_ptr<FlashAccess> make_access() {
    const bool has_loader = !target_.family().loader(target_.chip()).code.empty();
    if (!has_loader) reason_ = "its family has no code for one";
    while (has_loader && loader_failures_ < most_loader_failures) {
      try {
        step("starting the loader", 0);
        auto loader =
            start_loader(target_.probe(), target_.family(), target_.chip(), observer_, stop_);
        loader_runs_ = true;
        return loader;
      } catch (const Error &error) {
        if (error.code() != Errc::target && error.code() != Errc::memory_fault) throw;
        note_loader_failure(error);
        target_.prepare();
      }
    }
    way_ = direct_way(target_.family(), target_.chip(), target_.probe_info());
    if (way_.flash != nullptr) {
      observer_.message(has_loader ? Level::warning : Level::debug,
                        fmt::format("no loader can run on this target ({}): writing through the "
                                    "probe alone, which is slower",
                                    reason_));
    }
    return make_direct_access(target_.probe(), way_, target_.chip(), stop_);
  }

  // Before anything is erased.
  void require_a_way(const Plan &plan) {
    if (loader_runs_) return;
    const ProbeInfo &info = target_.probe_info();
    if (way_.flash == nullptr) {
      throw Error(Errc::refused,
                  fmt::format("no loader can run on this target ({}), and family {} has no way to "
                              "write without one; nothing was written",
                              reason_, target_.family_id()),
                  "Power-cycle the board and try again; -v shows why the loader failed.")
          .see(Cause::bad_ram);
    }
    if (way_.width || plan.programmed_bytes == 0) return;
    throw Error(Errc::refused,
                fmt::format("no loader can run on this target ({}), and without one it is "
                            "programmed by {} accesses, which {} cannot do; nothing was written",
                            reason_, width_names(way_.flash->widths(target_.chip())),
                            info.firmware.empty()
                                ? info.product
                                : fmt::format("{} with firmware {}", info.product, info.firmware)),
                "Update the probe's firmware, or use another probe.")
        .see(Cause::bad_ram);
  }

  void note_loader_failure(const Error &error) {
    ++loader_failures_;
    reason_ = error.what();
    observer_.message(Level::debug, fmt::format("the loader failed: {}", reason_));
  }

  // Fewer sectors to do than ever before is progress; anything else may go on for ever.
  void note_progress(const DeviceState &state) {
    const auto left =
        std::count_if(state.sectors.begin(), state.sectors.end(),
                      [](const SectorState &sector) { return sector.content != Content::same; });
    if (least_left_ && left >= *least_left_) return;
    if (least_left_) fruitless_passes_ = 0;
    least_left_ = left;
  }

  DeviceState look(FlashAccess &access) {
    const JournalRecord *journal = left_behind_ ? &*left_behind_ : nullptr;
    return survey(target_.probe(),
                  [&](const std::vector<MemoryRange> &ranges) { return access.crc(ranges); },
                  target_.chip(), image_, journal,
                  {options_.preserve, options_.erase != EraseMode::sectors, acquaintance_});
  }

  void account(const Plan &plan) {
    report_.image_bytes = plan.image_bytes;
    report_.programmed_bytes += plan.programmed_bytes;
    report_.erased_sectors += plan.erased_sectors;
    report_.mass_erase = report_.mass_erase || plan.mass_erase;
    report_.flash_time += plan.flash_time();
    if (report_.passes == 1) report_.floor = plan.floor;
    report_.verified = options_.verify;
  }

  // On disk before anything is erased: what must come back, and which sectors were in work.
  void write_journal(const Plan &plan, const DeviceState &state) {
    const JournalRecord record = journal_record(plan, state, target_.chip(), journal_identity());
    if (record.sectors.empty()) return;
    keeps_bytes_ = keeps_bytes_ || record.keeps_bytes();
    journal_.store(record);
    acquaintance_ = Acquaintance::this_run;
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
    step(total == 0 ? "erasing" : erases ? "erasing and programming" : "programming", total);
    for (const Step &step : plan.steps) {
      switch (step.kind) {
        case StepKind::erase_all:
          access.erase_all();
          break;
        case StepKind::erase:
          access.erase(step.sector);
          break;
        case StepKind::program:
          access.program(step.address, step.data, advance);
          break;
      }
    }
    access.drain();
  }

  void verify(const Plan &plan, FlashAccess &access) {
    // Once the journal is removed, what it kept is nowhere else.
    if (options_.verify == Verify::none && !keeps_bytes_) return;
    step("verifying", 0);
    const std::optional<Mismatch> mismatch =
        options_.verify == Verify::readback
            ? verify_by_reading(plan, target_.chip(), target_.probe())
            : verify_by_crc(plan, target_.chip(), target_.probe(), access);
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
  Journal journal_;
  std::optional<JournalRecord> left_behind_;
  bool keeps_bytes_ = false;                        // a journal does, of this run or of one before
  Acquaintance acquaintance_ = Acquaintance::weak;  // with what left_behind_ is of
  FlashReport report_;
  FlashState flash_state_ = FlashState::untouched;
  int loader_failures_ = 0;
  std::string reason_;
  bool loader_runs_ = false;
  DirectWay way_;  // where no loader runs
  int fruitless_passes_ = 0;
  std::optional<std::ptrdiff_t> least_left_;
};

}  // namespace

void refuse(const Protection &protection) {
  throw Error(Errc::locked, fmt::format("the flash is protected: {}", protection.detail),
              protection.permanent
                  ? "This protection is final: the chip cannot be written any more."
              : protection.read
                  ? "Set flash.unlock = true in the board file to lift it; that erases the whole "
                    "flash."
                  : "Set flash.unlock = true in the board file to lift it.")
      .see(protection.read ? Cause::read_protection : Cause::write_protection);
}

JournalIdentity journal_identity(Target &target) {
  return {target.chip().device_id, target.chip().unique_id, target.probe_info().serial};
}

PlanOptions plan_options(Target &target, const FlashOptions &options) {
  return {options.erase, options.preserve, options.guard, target.chip().boot_address};
}

FlashReport flash(Target &target, const Image &image, const FlashOptions &options,
                  Observer &observer, std::stop_token stop) {
  FlashReport report;
  try {
    report = Job(target, image, options, observer, std::move(stop)).run();
  } catch (...) {
    target.abandon();
    throw;
  }
  try {
    target.release();
  } catch (const Error &error) {
    rethrow(error, FlashState::complete);
  }
  report.time = target.elapsed();
  observer.message(Level::debug, fmt::format("done after {}", format_duration(report.time)));
  return report;
}

}  // namespace flashhost
