#include "target.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds idle_limit = 1500ms;
constexpr Nanoseconds idle_interval = 1ms;

std::string names(const std::vector<NamedFamily> &families) {
  std::string list;
  for (const NamedFamily &family : families) list += (list.empty() ? "" : ", ") + family.id;
  return list;
}

}  // namespace

std::optional<Chip> described_chip(const std::vector<NamedFamily> &families,
                                   const TargetOptions &options) {
  if (!options.chip) return std::nullopt;
  for (const NamedFamily &family : families) {
    if (auto chip = family.family->describe(*options.chip)) {
      if (options.flash_size && *options.flash_size < chip->flash.size) {
        chip->flash.size = *options.flash_size;
      }
      return chip;
    }
  }
  throw Error(Errc::config,
              fmt::format("no family knows a chip named \"{}\" (asked: {})", *options.chip,
                          names(families)),
              "`flashhost list chips` prints the names that can be used.");
}

Target::Target(std::unique_ptr<Probe> probe, std::vector<NamedFamily> families,
               TargetOptions options, Observer &observer)
    : probe_(std::move(probe)),
      families_(std::move(families)),
      options_(std::move(options)),
      observer_(observer),
      started_(probe_->now()) {}

Target::~Target() {
  if (changed_) abandon(ResetAfter::run);
}

void Target::connect() {
  attach();
  info_ = probe_->info();
  observer_.message(Level::debug,
                    fmt::format("{} {} {}, SWD at {} kHz, target at {}", info_.product,
                                info_.serial, info_.firmware, info_.speed_hz / 1000,
                                info_.target_millivolts
                                    ? fmt::format("{:.2f} V", *info_.target_millivolts / 1000.0)
                                    : "unknown voltage"));
  identify();
}

void Target::attach() {
  if (options_.connect == Connect::under_reset) {
    probe_->attach(AttachMode::under_reset);
    return;
  }
  try {
    probe_->attach(AttachMode::attach);
    return;
  } catch (const Error &error) {
    if (options_.connect == Connect::attach || error.code() != Errc::target) throw;
    observer_.message(Level::debug, fmt::format("no answer without reset: {}", error.what()));
  }
  probe_->attach(AttachMode::under_reset);
}

void Target::identify() {
  const IdentifyOptions options{described_chip(families_, options_), options_.flash_size};
  std::vector<std::pair<const NamedFamily *, Chip>> found;
  for (const NamedFamily &family : families_) {
    if (auto chip = family.family->identify(*probe_, options)) {
      found.emplace_back(&family, std::move(*chip));
    }
  }
  if (found.empty()) {
    throw Error(Errc::target,
                fmt::format("the chip is not one of the installed families ({})", names(families_)),
                "`flashhost list chips` prints what they know. Another family is a plugin: see "
                "docs/plugin-authors.md.");
  }
  if (found.size() > 1) {
    throw Error(Errc::target,
                fmt::format("the families {} and {} both claim this chip", found[0].first->id,
                            found[1].first->id),
                "Name the right one in the board file: family.plugin.");
  }
  family_ = found.front().first;
  chip_ = std::move(found.front().second);
  for (const std::string &remark : chip_.remarks) observer_.message(Level::warning, remark);
}

void Target::prepare() {
  changed_ = true;
  if (undo_.empty()) cortex_m::save_debug_state(*probe_, undo_);
  const cortex_m::ResetWay way = cortex_m::reset_and_halt(*probe_);
  observer_.message(Level::debug, way == cortex_m::ResetWay::pin
                                      ? "reset by NRST, halted at the reset vector"
                                      : "reset by SYSRESETREQ, halted at the reset vector");
  prepare_chip();
}

void Target::prepare_chip() {
  // The reset undid everything else; what survives it is kept from the first time on.
  std::erase_if(undo_, [](const UndoStep &step) { return !step.survives_reset; });
  UndoLog fresh;
  const auto keep = [&] {
    for (UndoStep &step : fresh) {
      const bool known = std::any_of(undo_.begin(), undo_.end(), [&](const UndoStep &old) {
        return old.survives_reset && old.address == step.address;
      });
      if (!known || !step.survives_reset) undo_.push_back(std::move(step));
    }
  };
  try {
    cortex_m::quiesce(*probe_, fresh);
    family_->family->prepare(*probe_, chip_, fresh);
  } catch (...) {
    keep();
    throw;
  }
  keep();
}

void Target::halt_for_reading() {
  resume_after_ = probe_->state() != CoreState::halted;
  if (undo_.empty()) cortex_m::save_debug_state(*probe_, undo_);
  probe_->halt();
}

void Target::release_reading() {
  if (resume_after_) probe_->resume();
  resume_after_ = false;
  put_back(true);
}

void Target::stop_flash() {
  probe_->halt();
  const bool idle = wait_until(*probe_, idle_limit, idle_interval, [&] {
    return std::none_of(chip_.sectors.begin(), chip_.sectors.end(), [&](const Sector &sector) {
      // The first sector of each bank stands for its controller: asking all would only cost time.
      const bool asks = &sector == &chip_.sectors.front() || &sector == &chip_.sectors.back();
      return asks && family_->family->flash_busy(
                         chip_, family_->family->flash_status(*probe_, chip_, sector.address));
    });
  });
  if (!idle) observer_.message(Level::debug, "the flash is still busy; the reset will stop it");
}

void Target::put_back(bool after_reset) {
  const std::string failed = cortex_m::restore(*probe_, undo_, after_reset);
  undo_.clear();
  if (failed.empty()) return;
  throw Error(Errc::target, "could not put the target back as it was: " + failed,
              "Power-cycle the board.");
}

void Target::release(ResetAfter reset) {
  changed_ = false;
  if (family_ == nullptr) return put_back(true);
  stop_flash();
  if (reset == ResetAfter::none) {
    // Written back by hand; the core stays halted, so restore leaves C_DEBUGEN alone.
    put_back(false);
    return;
  }
  // The flash is locked by the undo steps before the reset as well as by it.
  UndoLog lock;
  std::copy_if(undo_.begin(), undo_.end(), std::back_inserter(lock),
               [](const UndoStep &step) { return !step.survives_reset; });
  static_cast<void>(cortex_m::restore(*probe_, lock, false));
  static_cast<void>(cortex_m::reset_and_halt(*probe_));
  put_back(true);
  if (reset == ResetAfter::run) cortex_m::release(*probe_);
}

void Target::abandon(ResetAfter reset) noexcept {
  if (!changed_) return;
  try {
    release(reset);
  } catch (const std::exception &error) {
    try {
      observer_.message(Level::warning, fmt::format("on the way out: {}", error.what()));
    } catch (...) {
      changed_ = false;
    }
  }
}

}  // namespace flashhost
