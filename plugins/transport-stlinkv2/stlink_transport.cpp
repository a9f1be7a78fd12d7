#include "stlink_transport.hpp"

#include "protocol.hpp"
#include "session.hpp"
#include "stlink_probe.hpp"
#include "usb.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace flashhost::stlink {

namespace {

constexpr double fastest_clock = 1000;

std::string product_name(const FoundProbe &probe) {
  const Product *product = find_product(probe.product);
  return product != nullptr ? product->name : "ST-LINK";
}

// What is only busy, or lacks a permission, may be the one that is meant; this never is.
bool is_unsupported(const FoundProbe &probe) {
  const Product *product = find_product(probe.product);
  return product != nullptr && product->kind == Kind::v1;
}

// Why the probe cannot be used; empty when it can.
std::string hindrance(const FoundProbe &probe) {
  const Product *product = find_product(probe.product);
  const Kind kind = product != nullptr ? product->kind : Kind::v2;
  if (kind == Kind::v1) return "not supported";
  if (kind == Kind::loader) return "in its USB loader: plug it in again";
  return probe.problem;
}

std::string line(const FoundProbe &probe) {
  const std::string problem = hindrance(probe);
  return fmt::format("{} {} ({}{}{})", product_name(probe),
                     probe.serial.empty() ? "of unknown serial number" : probe.serial,
                     probe.port.empty() ? probe.location : "usb:" + probe.port,
                     problem.empty() ? "" : ", ", problem);
}

std::string lines(const std::vector<FoundProbe> &probes) {
  std::string text;
  for (const FoundProbe &probe : probes) text += (text.empty() ? "" : "; ") + line(probe);
  return text;
}

FoundProbe choose(std::vector<FoundProbe> all, const std::string &serial, const std::string &port) {
  if (!port.empty()) {
    std::erase_if(all, [&](const FoundProbe &probe) { return probe.port != port; });
  }
  if (all.empty()) {
    throw Error(Errc::probe,
                port.empty() ? "no ST-Link is plugged in"
                             : fmt::format("no ST-Link is at the USB port {}", port),
                "Plug the probe in; `lsusb -d 0483:` shows whether the system sees it.")
        .see(Cause::which_probe);
  }
  std::vector<FoundProbe> fitting;
  std::ranges::copy_if(all, std::back_inserter(fitting), [&](const FoundProbe &probe) {
    return serial.empty() ? !is_unsupported(probe) : begins_with(probe.serial, serial);
  });
  const auto is_exact = [&](const FoundProbe &probe) {
    return probe.serial.size() == serial.size() && begins_with(probe.serial, serial);
  };
  if (std::ranges::any_of(fitting, is_exact)) std::erase_if(fitting, std::not_fn(is_exact));
  if (serial.empty() && fitting.empty() && all.size() == 1) return all.front();
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty()) {
    throw Error(Errc::probe,
                serial.empty()
                    ? "none of the ST-Links that are plugged in can be used"
                    : fmt::format("no ST-Link has a serial number that begins with \"{}\"", serial),
                fmt::format("Plugged in: {}.", lines(all)))
        .see(Cause::which_probe);
  }
  throw Error(
      Errc::probe,
      serial.empty() ? fmt::format("{} ST-Links are plugged in, and none is named", fitting.size())
                     : fmt::format("{} ST-Links have a serial number that begins with \"{}\"",
                                   fitting.size(), serial),
      fmt::format("Name one, with --probe or in [transport] of the board file: by its serial "
                  "number (a unique beginning is enough), or by its port: {}.",
                  lines(fitting)))
      .see(Cause::which_probe);
}

}  // namespace

void StlinkTransport::configure(const Settings &settings) {
  const double scale = settings.number("time_scale").value_or(1);
  if (scale < 1 || scale > fastest_clock) settings.reject("time_scale", "not within 1 and 1000");
  settings.reject_unknown();
  if (bus_ == nullptr) bus_ = make_usb_bus(host_);
  if (clock_ == nullptr) clock_ = usb::make_wall_clock(scale);
}

std::vector<ProbeDescription> StlinkTransport::list() {
  std::vector<ProbeDescription> result;
  for (const FoundProbe &probe : bus_->find()) {
    // Its firmware would say more, but claiming the probe for that could get in the way of another
    // program that is just about to use it.
    result.push_back({probe.serial, product_name(probe),
                      fmt::format("{:04x}:{:04x}, {}", vendor_st, probe.product, probe.location),
                      probe.port, probe.node, hindrance(probe)});
  }
  return result;
}

std::unique_ptr<Probe> StlinkTransport::open(const OpenOptions &options) {
  const std::vector<FoundProbe> all = bus_->find();
  const FoundProbe probe = choose(all, options.serial, options.usb);
  const Product *product = find_product(probe.product);
  if (product != nullptr && product->kind == Kind::v1) {
    throw Error(
        Errc::probe, line(probe),
        "An ST-LINK/V1 has another protocol, which flashhost does not know. Use a V2, V2-1 or V3.")
        .see(Cause::which_probe);
  }
  if (product != nullptr && product->kind == Kind::loader) {
    throw Error(Errc::probe, line(probe),
                "If plugging it in again does not help, install its firmware with ST's "
                "STSW-LINK007.")
        .see(Cause::usb);
  }
  const bool alone = std::ranges::count(all, probe.serial, &FoundProbe::serial) == 1;
  return std::make_unique<StlinkProbe>(
      host_, bus_, clock_, probe,
      ProbeSettings{probe.serial, options.speed_hz, alone ? "" : probe.port});
}

}  // namespace flashhost::stlink
