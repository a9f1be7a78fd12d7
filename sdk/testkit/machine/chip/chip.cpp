#include "chip/chip.hpp"

#include <flashhost/machine/models.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace flashhost::machine {
namespace {

constexpr Ticks power_on_time = 2500 * ticks_per_microsecond;
constexpr Ticks reset_pulse = 20 * ticks_per_microsecond;

[[noreturn]] void refuse(const std::string &why) {
  throw std::invalid_argument("simulator: " + why);
}

const std::shared_ptr<const Model> &checked(const Config &config) {
  if (config.model == nullptr) refuse("no model of a chip is given");
  const std::vector<std::string> known = rule_names(*config.model);
  for (const std::string &rule : config.rules_off) {
    if (std::ranges::find(known, rule) == known.end()) refuse("unknown rule '" + rule + "'");
  }
  return config.model;
}

const Part &part_of(const Config &config) {
  const Part *const part = find_part(*config.model, config.part);
  if (part == nullptr) refuse("the model has no part '" + config.part + "'");
  const std::uint32_t unit = 1024;  // of the engine's memory map
  const bool whole = part->flash_size % unit == 0 && part->sram_size % unit == 0 &&
                     part->core_memory_size % unit == 0;
  if (!whole || part->flash_size == 0 || part->sram_size == 0) {
    refuse("the model's part " + config.part + " needs flash and RAM in multiples of 1 KiB");
  }
  const auto within = [&](std::uint32_t address, std::uint32_t size, std::uint32_t first,
                          std::uint32_t end) {
    return address % unit == 0 && address >= first && address < end && size <= end - address;
  };
  const std::uint32_t alias_end = part->flash_address == 0 ? 0 : part->flash_size;
  if (!within(part->flash_address, part->flash_size, alias_end, ccm_base)) {
    refuse("the model's part " + config.part + " has its flash at a wrong address");
  }
  if (!within(part->sram_address, part->sram_size, ccm_base + part->core_memory_size + unit,
              peripheral_base)) {
    refuse("the model's part " + config.part + " has its RAM at a wrong address");
  }
  return *part;
}

std::span<std::uint8_t> checked(std::span<std::uint8_t> flash, const Part &part) {
  if (flash.size() != part.flash_size) {
    refuse("the memory given for the flash of " + std::string(part.name) + " has " +
           std::to_string(flash.size()) + " bytes instead of " + std::to_string(part.flash_size));
  }
  return flash;
}

}  // namespace

Chip::Chip(const Config &config, std::span<std::uint8_t> main_flash)
    : model(checked(config)),
      board(config),
      part(part_of(config)),
      faults(parse_faults(config.faults, part)),
      firmware_runs_(config.firmware_runs),
      main_flash_(checked(main_flash, part)),
      first_vectors_(vectors().begin(), vectors().end()),
      sram_(part.sram_size),
      ccm_(part.core_memory_size),
      die_(model->make_die(part, {board, main_flash, sram_, faults.of_the_chip, config.rules_off,
                                  part.flash_address})),
      bus_(board, die_->flash(), part, sram_, ccm_),
      control_(board, core_facts(part)),
      core_(board, bus_, die_->flash(), control_, config.skip_polling),
      release_(board.timeline.add([this](Ticks) { leave_reset(); })),
      power_loss_(board.timeline.add([this](Ticks) {
        power_lost_ = true;
        board.timeline.attention();
      })),
      late_halt_(board.timeline.add([this](Ticks) {
        halting_ = false;
        if (control_.debug.halt_wanted()) core_.request_halt();
      })),
      power_back_(board.timeline.add([this](Ticks) {
        power_on();
        left_behind_ = true;  // nothing: the firmware has lost its power, too
      })),
      reset_loop_(board, part.sram_address, [this] { return core_.program_counter(); }) {
  board.millivolts = static_cast<int>(faults.voltage.value_or(3300));
  board.request_reset = [this](ResetCause cause) {
    reset_wanted_ = cause;
    board.timeline.attention();
  };
  board.flash_operation = [this](Ticks duration) { count_operation(duration); };
  board.raise_irq = [this](unsigned irq) { core_.interrupt(irq); };
  board.raise_nmi = [this] { core_.hold_nmi(); };
  board.release_nmi = [this] { control_.nvic.release_line(exception::nmi); };
  board.memory_changed = [this](std::uint32_t address, std::uint32_t length) {
    core_.forget_code(address, length);
  };
  control_.clear_active = [this] { core_.clear_active(); };
  control_.core_reset = [this] {
    control_.system_reset();
    core_.reset(true);
    start_resetting();
  };
  for (const auto &[address, peripheral] : die_->peripherals()) bus_.attach(address, *peripheral);
  if (config.witness) set_up_witness();
  bus_.attach_private(control_);
  bus_.bit_band = !control_.facts.v6m();
  core_.map(sram_, ccm_);
  bus_.stuck_sram = faults.bad_sram.value_or(0);
  power_loss_at_ = faults.power_loss_at;
  power_on();
}

void Chip::set_up_witness() {
  bus_.attach(witness::base, witness_.emplace(board));
  board.halts_late = [this] {
    const Ticks delay = witness_->halt_delay();
    if (delay == 0) return false;
    if (!halting_) board.timeline.at(late_halt_, board.timeline.now + delay);
    return halting_ = true;
  };
}

void Chip::scramble_memories() {
  for (std::vector<std::uint8_t> *memory : {&sram_, &ccm_}) {
    for (std::size_t at = 0; at < memory->size(); at += sizeof(std::uint64_t)) {
      const std::uint64_t undefined = board.random();
      std::memcpy(&(*memory)[at], &undefined, sizeof undefined);
    }
  }
  core_.forget_code(part.sram_address, part.sram_size);
  bus_.apply_stuck_sram();
}

void Chip::power_on() {
  scramble_memories();
  control_.debug.power_on();
  die_->power_on();
  die_->flash().power_on();
  powered_ = true;
  contacted_ = left_behind_ = false;
  enter_reset(ResetCause::power_on);
}

void Chip::power_off() {
  die_->flash().power_lost();
  powered_ = false;
  power_loss_at_ = 0;
  reset_parts(ResetCause::power_on);
  board.timeline.cancel(release_);
}

void Chip::count_operation(Ticks duration) {
  if (++operations_ != power_loss_at_) return;
  board.timeline.at(power_loss_, board.timeline.now + duration / 2);
  if (faults.power_back_after) {
    board.timeline.at(power_back_, board.timeline.now + duration / 2 + *faults.power_back_after);
  }
}

void Chip::reset_parts(ResetCause cause) {
  in_reset_ = true;
  reset_loop_.stop();
  core_.hold_in_reset();
  board.repace([] {});
  control_.system_reset();
  if (witness_) witness_->system_reset();
  die_->system_reset(cause);
}

void Chip::enter_reset(ResetCause cause) {
  reset_parts(cause);
  Statistics &counts = board.statistics;
  ++(cause == ResetCause::power_on ? counts.power_ons : counts.system_resets);
  if (cause == ResetCause::pin) ++counts.pin_resets;
  const Ticks length = cause == ResetCause::power_on ? power_on_time : reset_pulse;
  board.timeline.at(release_, pin_low_ ? never : board.timeline.now + length);
}

void Chip::leave_reset() {
  in_reset_ = false;
  core_.reset(firmware_runs_);
  if (firmware_runs_) start_resetting();
  if (contacted_) contact();
}

void Chip::start_resetting() {
  const bool old_firmware = std::ranges::equal(vectors(), first_vectors_);
  if (faults.reset_loop && old_firmware && !core_.halted()) reset_loop_.start(*faults.reset_loop);
}

void Chip::contact() {
  contacted_ = true;
  if (left_behind_ || in_reset_) return;
  left_behind_ = true;
  leave_behind();
}

void Chip::set_reset_pin(std::uint8_t level) {
  if (faults.nrst_not_wired) return;
  const bool low = level == 0;
  if (low == pin_low_) return;
  if (low) contact();
  left_behind_ = true;
  pin_low_ = low;
  if (!powered_) return;
  if (low) {
    enter_reset(ResetCause::pin);
  } else {
    if (powered_) board.timeline.at(release_, board.timeline.now + reset_pulse);
  }
}

bool Chip::debug_port_answers(Ticks grace) const {
  if (!powered_ || die_->flash().debug_forbidden()) return false;
  if (in_reset_) return true;
  if (witness_ && witness_->silent(grace)) return false;
  if (die_->debug_pins_off()) return false;
  return !board.deep_sleep || die_->debug_in_deep_sleep();
}

void Chip::run_until(Ticks end) {
  Timeline &timeline = board.timeline;
  timeline.end = end;
  for (;;) {
    timeline.run_due();
    if (std::exchange(power_lost_, false)) power_off();
    if (const auto cause = std::exchange(reset_wanted_, std::nullopt); cause && powered_) {
      enter_reset(*cause);
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

}  // namespace flashhost::machine
