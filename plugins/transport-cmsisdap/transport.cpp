#include "transport.hpp"

#include "usb_bus.hpp"
#include "wire.hpp"

#include <flashhost/dap_probe.hpp>
#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <usb-common/choice.hpp>

#include <algorithm>

namespace flashhost::cmsisdap {

namespace {

const FoundProbe &choose(const std::vector<FoundProbe> &all, const OpenOptions &options) {
  std::vector<usb::Candidate> candidates;
  candidates.reserve(all.size());
  for (const FoundProbe &probe : all) {
    candidates.push_back({.name = probe.product,
                          .serial = probe.serial,
                          .location = probe.location,
                          .port = probe.port,
                          .problem = probe.problem});
  }
  return all[usb::choose(
      candidates,
      {"CMSIS-DAP probe",
       "Plug the probe in; `lsusb` shows whether the system sees it. A probe with "
       "several modes must be in the one for CMSIS-DAP."},
      options.serial, options.usb)];
}

// By serial number, or where others have the same or none, by the port as well.
bool needs_port(const FoundProbe &probe, const std::vector<FoundProbe> &all) {
  return probe.serial.empty() || std::ranges::count(all, probe.serial, &FoundProbe::serial) > 1;
}

}  // namespace

void CmsisDapTransport::configure(const Settings &settings) {
  const double scale = usb::time_scale(settings);
  if (const auto access_port = settings.integer("access_port")) {
    constexpr std::int64_t last = 255;
    if (*access_port < 0 || *access_port > last) {
      settings.reject("access_port", "not within 0 and 255");
    }
    access_port_ = static_cast<std::uint8_t>(*access_port);
  }
  settings.reject_unknown();
  if (bus_ == nullptr) bus_ = make_usb_bus(host_);
  if (clock_ == nullptr) clock_ = usb::make_wall_clock(scale);
}

std::vector<ProbeDescription> CmsisDapTransport::list() {
  std::vector<ProbeDescription> result;
  for (const FoundProbe &probe : bus_->find()) {
    const char *version = probe.interface.protocol == Protocol::bulk ? "v2" : "v1";
    result.push_back({probe.serial, probe.product,
                      fmt::format("{:04x}:{:04x}, CMSIS-DAP {}, {}", probe.vendor, probe.product_id,
                                  version, probe.location),
                      probe.port, probe.node, probe.problem});
  }
  return result;
}

std::unique_ptr<Probe> CmsisDapTransport::open(const OpenOptions &options) {
  const std::vector<FoundProbe> all = bus_->find();
  const FoundProbe &probe = choose(all, options);
  auto wire = std::make_unique<CmsisDapWire>(host_, bus_, clock_, probe,
                                             needs_port(probe, all) ? probe.port : "");
  return adiv5::make_dap_probe(host_, std::move(wire),
                               {.speed_hz = options.speed_hz, .access_port = access_port_});
}

}  // namespace flashhost::cmsisdap
