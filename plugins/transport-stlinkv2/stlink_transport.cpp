#include "stlink_transport.hpp"

#include "protocol.hpp"
#include "session.hpp"
#include "stlink_probe.hpp"
#include "usb.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <usb-common/choice.hpp>

#include <algorithm>

namespace flashhost::stlink {

namespace {

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

usb::Candidate candidate(const FoundProbe &probe) {
  return {product_name(probe), probe.serial,     probe.location,
          probe.port,          hindrance(probe), is_unsupported(probe)};
}

FoundProbe choose(const std::vector<FoundProbe> &all, const OpenOptions &options) {
  std::vector<usb::Candidate> candidates;
  std::ranges::transform(all, std::back_inserter(candidates), candidate);
  return all[usb::choose(
      candidates,
      {"ST-Link", "Plug the probe in; `lsusb -d 0483:` shows whether the system sees it."},
      options.serial, options.usb)];
}

}  // namespace

void StlinkTransport::configure(const Settings &settings) {
  const double scale = usb::time_scale(settings);
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
  const FoundProbe probe = choose(all, options);
  const Product *product = find_product(probe.product);
  if (product != nullptr && product->kind == Kind::v1) {
    throw Error(
        Errc::probe, usb::line(candidate(probe)),
        "An ST-LINK/V1 has another protocol, which flashhost does not know. Use a V2, V2-1 or V3.")
        .see(Cause::which_probe);
  }
  if (product != nullptr && product->kind == Kind::loader) {
    throw Error(Errc::probe, usb::line(candidate(probe)),
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
