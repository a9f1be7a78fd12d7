// The transport: the ST-Links on USB.
#pragma once

#include "bus.hpp"

#include <flashhost/host.hpp>
#include <flashhost/transport.hpp>

#include <memory>
#include <optional>

namespace flashhost::stlink {

class StlinkTransport final : public Transport {
 public:
  explicit StlinkTransport(Host &host) : host_(host) {}
  // With another bus and clock than libusb and the real clock; for tests.
  StlinkTransport(Host &host, std::shared_ptr<Bus> bus, std::shared_ptr<Clock> clock)
      : host_(host), bus_(std::move(bus)), clock_(std::move(clock)) {}

  // Key: time_scale (tests only: how many times faster than the wall clock a virtual probe's clock
  // runs).
  void configure(const Settings &settings) override;
  [[nodiscard]] std::vector<ProbeDescription> list() override;
  [[nodiscard]] std::unique_ptr<Probe> open(const OpenOptions &options) override;

 private:
  Host &host_;
  std::shared_ptr<Bus> bus_;
  std::shared_ptr<Clock> clock_;
};

}  // namespace flashhost::stlink
