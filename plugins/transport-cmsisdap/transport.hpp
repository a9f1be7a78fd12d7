// The transport: the CMSIS-DAP probes on USB.
#pragma once

#include "bus.hpp"

#include <flashhost/host.hpp>
#include <flashhost/transport.hpp>

#include <memory>
#include <optional>

namespace flashhost::cmsisdap {

class CmsisDapTransport final : public Transport {
 public:
  explicit CmsisDapTransport(Host &host) : host_(host) {}
  // With another bus and clock than those of the system; for tests.
  CmsisDapTransport(Host &host, std::shared_ptr<Bus> bus, std::shared_ptr<Clock> clock)
      : host_(host), bus_(std::move(bus)), clock_(std::move(clock)) {}

  // Keys: access_port (APSEL of the core's MEM-AP), time_scale (tests only: how many times faster
  // than the wall clock a virtual probe's clock runs).
  void configure(const Settings &settings) override;
  [[nodiscard]] std::vector<ProbeDescription> list() override;
  [[nodiscard]] std::unique_ptr<Probe> open(const OpenOptions &options) override;

 private:
  Host &host_;
  std::shared_ptr<Bus> bus_;
  std::shared_ptr<Clock> clock_;
  std::optional<std::uint8_t> access_port_;
};

}  // namespace flashhost::cmsisdap
