#include "chip.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace target_model {
namespace {

constexpr Ticks power_on_time = 2500 * ticks_per_microsecond;
constexpr Ticks reset_pulse = 20 * ticks_per_microsecond;

std::span<std::uint8_t> checked(std::span<std::uint8_t> flash, const Part &part) {
  if (flash.size() != part.flash_size()) {
    throw std::invalid_argument("simulator: the memory given for the flash of " +
                                std::string(part.name) + " has " + std::to_string(flash.size()) +
                                " bytes instead of " + std::to_string(part.flash_size()));
  }
  return flash;
}

}  // namespace

Chip::Chip(const Config &config, std::span<std::uint8_t> main_flash)
    : board(config),
      part(find_part(config.part)),
      faults(parse_faults(config.faults)),
      firmware_runs_(config.firmware_runs),
      sram_(part.sram_size()),
      ccm_(part.ccm_size()),
      die_(make_die(board, part, faults, edges, checked(main_flash, part), sram_)),
      bus_(board, die_->flash(), sram_, ccm_),
      control_(board, part.two_banks || part.series == Series::f4, facts_of(part).cpuid),
      core_(board, bus_, die_->flash(), control_, facts_of(part).core, config.skip_polling),
      release_(board.timeline.add([this](Ticks) { leave_reset(); })),
      blackout_(board.timeline.add([this](Ticks) { black_out(); })) {
  board.millivolts = static_cast<int>(faults.voltage.value_or(3300));
  board.request_reset = [this](ResetCause cause) {
    reset_wanted_ = cause;
    board.timeline.attention();
  };
  board.flash_operation = [this](Ticks time) {
    if (operations_left_ == 0) return;
    --operations_left_;
    const bool now = operations_left_ == 0 && time != never;
    if (now) board.timeline.at(blackout_, board.timeline.now + time / 2);
  };
  board.raise_irq = [this](unsigned irq) { core_.interrupt(irq); };
  board.memory_changed = [this](std::uint32_t address, std::uint32_t length) {
    core_.forget_code(address, length);
  };
  control_.clear_active = [this] { core_.clear_active(); };
  control_.core_reset = [this] {
    control_.system_reset();
    core_.reset(true);
  };
  die_->attach(bus_);
  bus_.attach_private(control_, die_->debug_mcu());
  core_.map(sram_, ccm_);
  bus_.stuck_sram = faults.bad_sram.value_or(0);
  power_on();
}

void Chip::power_on() {
  powered_ = true;
  operations_left_ = 0;
  board.timeline.cancel(blackout_);
  for (std::vector<std::uint8_t> *memory : {&sram_, &ccm_}) {
    for (std::size_t at = 0; at < memory->size(); at += sizeof(std::uint64_t)) {
      const std::uint64_t undefined = board.random();
      std::memcpy(&(*memory)[at], &undefined, sizeof undefined);
    }
  }
  core_.forget_code(sram_base, part.sram_size());
  bus_.apply_stuck_sram();
  control_.debug.power_on();
  die_->power_on();
  die_->flash().power_on();
  enter_reset(ResetCause::power_on);
  die_->start_faults();
}

void Chip::power_off() {
  die_->flash().power_lost();
}

void Chip::black_out() {
  power_off();
  enter_reset(ResetCause::power_on);
  powered_ = false;
  board.timeline.cancel(release_);
  board.timeline.attention();
}

void Chip::enter_reset(ResetCause cause) {
  if (!powered_) return;
  in_reset_ = true;
  core_.hold_in_reset();
  board.repace([] {});
  control_.system_reset();
  die_->system_reset(cause);
  if (cause != ResetCause::power_on) ++board.statistics.system_resets;
  const Ticks length = cause == ResetCause::power_on ? power_on_time : reset_pulse;
  board.timeline.at(release_, pin_low_ ? never : board.timeline.now + length);
}

void Chip::leave_reset() {
  in_reset_ = false;
  core_.reset(firmware_runs_);
}

void Chip::set_reset_pin(std::uint8_t level) {
  if (faults.nrst_not_wired) return;
  const bool low = level == 0;
  if (low == pin_low_) return;
  pin_low_ = low;
  if (low) {
    enter_reset(ResetCause::pin);
  } else {
    if (powered_) board.timeline.at(release_, board.timeline.now + reset_pulse);
  }
}

bool Chip::debug_port_answers() const {
  if (!powered_) return false;
  if (die_->flash().debug_forbidden()) return false;
  if (in_reset_) return true;
  if (die_->swd_off()) return false;
  return !board.deep_sleep || die_->debug_mcu().debug_in_deep_sleep();
}

void Chip::run_until(Ticks end) {
  Timeline &timeline = board.timeline;
  timeline.end = end;
  for (;;) {
    timeline.run_due();
    if (reset_wanted_) {
      const ResetCause cause = *reset_wanted_;
      reset_wanted_.reset();
      enter_reset(cause);
    }
    if (timeline.now >= end) break;
    timeline.limit = std::min(end, timeline.next());
    const Ticks limit = timeline.limit;
    core_.run();
    if (timeline.limit == limit && timeline.now < limit && !core_.can_run()) {
      timeline.now = std::min(limit, std::max(timeline.now, timeline.next()));
    }
  }
}

}  // namespace target_model
