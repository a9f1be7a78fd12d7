#include "sim_probe.hpp"

#include "run_report.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace flashhost::sim {

namespace {

using namespace std::chrono_literals;
using machine::Ack;

// How long the board has been powered when the probe is opened: its firmware is running.
constexpr Nanoseconds powered_before = 20ms;
constexpr Nanoseconds register_limit = 5ms;
// An ST-Link measures correctly only within this range.
constexpr int lowest_millivolts = 1500;
constexpr int highest_millivolts = 5500;

}  // namespace

std::string probe_serial(const SimSettings &settings) {
  return "SIM-" + settings.board.part;
}

SimBoard::SimBoard(const machine::Config &config, std::unique_ptr<FlashStorage> storage)
    : flash(std::move(storage)), target(config, flash->cells()) {
  if (config.firmware_runs) target.advance(powered_before);
}

SimProbe::SimProbe(Host &host, const SimSettings &settings, std::uint32_t speed_hz)
    : SimProbe(host, settings, speed_hz,
               std::make_shared<SimBoard>(
                   settings.board, open_flash(settings.state_file, settings.firmware,
                                              settings.flash_bytes, settings.flash_address))) {}

SimProbe::SimProbe(Host &host, SimSettings settings, std::uint32_t speed_hz,
                   std::shared_ptr<SimBoard> board)
    : host_(host),
      settings_(std::move(settings)),
      board_(std::move(board)),
      target_(board_->target),
      wire_(target_, speed_hz, settings_.probe_faults),
      resets_before_(target_.statistics().system_resets) {}

SimProbe::~SimProbe() {
  try {
    log_what_is_left();
    run_firmware();
    log_model_notes();
  } catch (const std::exception &problem) {
    host_.log(Level::error, problem.what());
  }
}

// The registers that show whether a debugger has restored what it changed.
void SimProbe::log_what_is_left() {
  if (!connected_ || !host_.enabled(Level::debug)) return;
  std::string text = "left behind:";
  for (const auto &[name, value] : target_.left_behind()) {
    text += fmt::format(" {} {}", name, value ? hex(*value) : "does not answer");
  }
  host_.log(Level::debug, text);
}

// Since this probe was opened; a blank flash holds none.
bool SimProbe::firmware_was_started() {
  if (!connected_ || !target_.powered()) return false;
  if (target_.statistics().system_resets == resets_before_) return false;
  constexpr std::uint32_t reset_vector = 4;
  constexpr std::uint32_t blank = ~std::uint32_t{0};
  std::uint32_t start = 0;
  return target_.read(reset_vector, 4, start) != Ack::ok || start != blank;
}

void SimProbe::run_firmware() {
  if (settings_.run_time == Nanoseconds::zero() || !firmware_was_started()) return;
  std::uint32_t status = 0;
  const Ack ack = target_.read(cortex_m::dhcsr, 4, status);
  if (ack == Ack::ok && (status & cortex_m::dhcsr_s_halt) != 0) return;
  target_.clear_pin_edges();
  target_.advance(settings_.run_time);
  for (const std::string &line : describe_run(target_.pin_edges(), settings_.run_time)) {
    host_.log(Level::info, line);
  }
  if (target_.read(cortex_m::dhcsr, 4, status) == Ack::ok &&
      (status & cortex_m::dhcsr_s_lockup) != 0) {
    host_.log(Level::warning, "the firmware ended in lockup");
  }
}

void SimProbe::log_model_notes() {
  const machine::Statistics &done = target_.statistics();
  host_.debug(
      "model: {} page erases, {} mass erases, {} units programmed, busy {}, {} resets, "
      "{} instructions, {} in all",
      done.page_erases, done.mass_erases, done.programmed_units, format_duration(done.busy),
      done.system_resets, done.instructions, format_duration(target_.now()));
  for (const std::string &note : done.notes) {
    host_.warning("model: undefined on hardware: {}", note);
  }
}

ProbeInfo SimProbe::info() {
  ProbeInfo result;
  result.product = probe_product;
  result.serial = probe_serial(settings_);
  result.speed_hz = wire_.speed_hz();
  if (connected_) result.debug_port_id = target_.debug_port_id();
  wire_.command([&] {
    const int millivolts = target_.millivolts();
    if (millivolts >= lowest_millivolts && millivolts <= highest_millivolts) {
      result.target_millivolts = millivolts;
    }
  });
  return result;
}

void SimProbe::connect(AttachMode mode) {
  Ack ack = Ack::no_response;
  wire_.command([&] { ack = target_.connect(); });
  if (ack != Ack::ok) throw cortex_m::no_answer(mode);
  wire_.command([] {});  // the ids
  const std::uint32_t id = target_.debug_port_id();
  if (id == 0 || id == ~std::uint32_t{0}) {
    throw Error(Errc::target, fmt::format("the target answers on SWD with the id {}", hex(id)),
                "That is a bad connection rather than a chip. Check the wires.");
  }
  connected_ = true;
  host_.debug("debug port {}, SWD at {} kHz", hex(id), wire_.speed_hz() / 1000);
}

void SimProbe::attach(AttachMode mode) {
  wire_.find_again();
  if (mode == AttachMode::under_reset) {
    attach_under_reset();
  } else {
    connect(mode);
  }
}

void SimProbe::attach_under_reset() {
  try {
    drive_nrst(0);
    connect(AttachMode::under_reset);
    halt_at_release([&] { drive_nrst(1); });
  } catch (...) {
    target_.set_nrst(1);
    throw;
  }
}

void SimProbe::drive_nrst(std::uint8_t level) {
  wire_.command([&] { target_.set_nrst(level); });
}

void SimProbe::pulse_reset_pin() {
  try {
    drive_nrst(0);
    drive_nrst(1);
  } catch (...) {
    target_.set_nrst(1);  // a probe that starts anew lets go of the pin
    throw;
  }
}

void SimProbe::read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) {
  wire_.read(address, out, width);
}

void SimProbe::write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                            Width width) {
  wire_.write(address, data, width);
}

void SimProbe::transfer_register(std::uint32_t selector) {
  wire_.probe_write(cortex_m::dcrsr, selector);
  const Nanoseconds deadline = target_.now() + register_limit;
  while ((wire_.probe_read(cortex_m::dhcsr) & cortex_m::dhcsr_s_regrdy) == 0) {
    if (target_.now() < deadline) continue;
    throw Error(Errc::target, "the core does not hand over its registers (S_REGRDY stays 0)");
  }
}

std::uint32_t SimProbe::read_register(CoreRegister which) {
  std::uint32_t value = 0;
  wire_.command([&] {
    require_halted(wire_.probe_read(cortex_m::dhcsr));
    transfer_register(static_cast<std::uint32_t>(which));
    value = wire_.probe_read(cortex_m::dcrdr);
  });
  return value;
}

void SimProbe::write_register(CoreRegister which, std::uint32_t value) {
  wire_.command([&] {
    require_halted(wire_.probe_read(cortex_m::dhcsr));
    wire_.probe_write(cortex_m::dcrdr, value);
    transfer_register(cortex_m::dcrsr_write | static_cast<std::uint32_t>(which));
  });
}

Nanoseconds SimProbe::now() {
  return target_.now();
}

void SimProbe::sleep(Nanoseconds time) {
  if (time > Nanoseconds::zero()) target_.advance(time);
}

}  // namespace flashhost::sim
