#include "chip.hpp"

#include <algorithm>
#include <stdexcept>

namespace target_model {
namespace {

constexpr std::uint32_t cpuid = 0x411FC231;
constexpr Ticks power_on_time = 2500 * ticks_per_microsecond;
constexpr Ticks reset_pulse = 20 * ticks_per_microsecond;

// Peripherals that exist but are only registers here: timers, SPI, USART, I2C, CAN, USB, BKP, PWR,
// DAC, EXTI, ADC.
constexpr std::uint32_t plain_peripherals[] = {
    0x40000000, 0x40000400, 0x40000800, 0x40000C00, 0x40001000, 0x40001400, 0x40002800, 0x40003800,
    0x40003C00, 0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40005400, 0x40005800, 0x40005C00,
    0x40006000, 0x40006400, 0x40006800, 0x40006C00, 0x40007000, 0x40007400, 0x40010400, 0x40012400,
    0x40012800, 0x40012C00, 0x40013000, 0x40013400, 0x40013800, 0x40013C00};

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
      flash_(board, part, faults, checked(main_flash, part)),
      bus_(board, flash_, sram_),
      control_(board, part.two_banks, cpuid),
      core_(board, bus_, flash_, control_, config.skip_polling),
      debug_mcu_(board, std::uint32_t{part.revision_id} << 16 | part.device_id),
      iwdg_(board, debug_mcu_),
      wwdg_(board, debug_mcu_),
      rcc_(board, part, [this] { flash_.hsi_started(); }),
      crc_(board),
      dma1_(board, sram_),
      afio_(board),
      plain_(std::size(plain_peripherals)),
      release_(board.timeline.add([this](Ticks) { leave_reset(); })) {
  board.request_reset = [this](ResetCause cause) {
    reset_wanted_ = cause;
    board.timeline.attention();
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
  wire();
  core_.map(main_flash, sram_);
  if (faults.bad_sram) {
    bus_.stuck_sram = *faults.bad_sram;
    core_.watch_sram();
  }
  power_on();
}

void Chip::wire() {
  constexpr unsigned ports = 7;
  gpio_.reserve(ports);
  for (unsigned port = 0; port < ports; ++port) {
    gpio_.emplace_back(board, edges, port);
    bus_.attach(0x40010800 + port * 0x400, gpio_.back());
    resettable_.push_back(&gpio_.back());
  }
  for (std::size_t i = 0; i < plain_.size(); ++i) {
    bus_.attach(plain_peripherals[i], plain_[i]);
    resettable_.push_back(&plain_[i]);
  }
  bus_.attach(0x40010000, afio_);
  bus_.attach(0x40003000, iwdg_);
  bus_.attach(0x40002C00, wwdg_);
  bus_.attach(0x40020000, dma1_);
  bus_.attach(0x40021000, rcc_);
  bus_.attach(0x40022000, flash_);
  bus_.attach(0x40023000, crc_);
  bus_.attach_private(control_, debug_mcu_);
  for (Peripheral *part_of_it : std::initializer_list<Peripheral *>{
           &afio_, &iwdg_, &wwdg_, &dma1_, &rcc_, &flash_, &crc_, &control_, &debug_mcu_}) {
    resettable_.push_back(part_of_it);
  }
}

void Chip::power_on() {
  std::ranges::generate(sram_, [this] { return static_cast<std::uint8_t>(board.random()); });
  core_.forget_code(sram_base, part.sram_size());
  bus_.apply_stuck_sram();
  control_.debug.power_on();
  debug_mcu_.power_on();
  enter_reset(ResetCause::power_on);
  start_faults();
}

void Chip::power_off() {
  flash_.power_lost();
}

void Chip::start_faults() {
  flash_.apply_faults();
  if (faults.hsi_off) rcc_.run_from_hse();
  if (faults.iwdg) iwdg_.start_with(*faults.iwdg);
  if (faults.dma_writes) {
    rcc_.enable_dma();
    dma1_.write_samples();
  }
}

void Chip::enter_reset(ResetCause cause) {
  in_reset_ = true;
  core_.hold_in_reset();
  board.repace([] {});
  for (Peripheral *peripheral : resettable_) peripheral->system_reset();
  rcc_.record_reset(cause);
  if (flash_.hardware_watchdog() && board.rules.on(Rule::f1_hardware_watchdog)) iwdg_.start();
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
    board.timeline.at(release_, board.timeline.now + reset_pulse);
  }
}

bool Chip::debug_port_answers() const {
  if (in_reset_) return true;
  if (afio_.swd_off()) return false;
  return !board.deep_sleep || debug_mcu_.debug_in_deep_sleep();
}

void Chip::run_until(Ticks end) {
  Timeline &timeline = board.timeline;
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
