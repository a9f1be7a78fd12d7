#include "sim_transport.hpp"

#include "sim_probe.hpp"
#include "wire_cost.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <memory>

namespace flashhost::sim {

namespace {

void refuse_hindered(const UsbFaults &faults, const std::string &serial) {
  if (faults.no_permission) {
    throw Error(Errc::probe, fmt::format("no permission to use the probe {}", serial),
                "Install the udev rule 70-flashhost-stlink.rules: copy it to /etc/udev/rules.d, "
                "run `udevadm control --reload` as root, plug the probe in again.")
        .see(Cause::which_probe);
  }
  if (faults.busy) {
    throw Error(Errc::probe, fmt::format("the probe {} is in use by another program", serial),
                "Close the debugger, openocd, st-util or IDE that holds it.")
        .see(Cause::which_probe);
  }
}

}  // namespace

void SimTransport::configure(const Settings &settings) {
  settings_ = read_settings(settings, models_);
}

void SimTransport::ensure_configured() {
  if (settings_.board.model == nullptr) configure(Settings());
}

std::vector<ProbeDescription> SimTransport::list() {
  ensure_configured();
  constexpr bool simulated = true;
  return {{probe_serial(settings_), probe_product, settings_.board.part, {}, {}, {}, simulated}};
}

std::unique_ptr<Probe> SimTransport::open(const OpenOptions &options) {
  ensure_configured();
  const std::string serial = probe_serial(settings_);
  if (!serial.starts_with(options.serial)) {
    throw Error(Errc::probe, fmt::format(R"(no probe with the serial number "{}")", options.serial),
                fmt::format("There is one probe: {} ({}).", serial, probe_product))
        .see(Cause::which_probe);
  }
  refuse_hindered(settings_.probe_faults.usb, serial);
  const auto speed = swd_speed(options.speed_hz);
  if (!speed) {
    throw Error(
        Errc::config,
        fmt::format("the probe has no SWD clock as slow as {} Hz", options.speed_hz.value_or(0)),
        fmt::format("Its slowest is {} kHz.", swd_speeds().back() / 1000));
  }
  return std::make_unique<SimProbe>(host_, settings_, *speed);
}

}  // namespace flashhost::sim
