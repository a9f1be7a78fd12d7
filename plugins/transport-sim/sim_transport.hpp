// The transport: a bus with one simulated probe on it.
#pragma once

#include "sim_settings.hpp"

#include <flashhost/host.hpp>
#include <flashhost/transport.hpp>

namespace flashhost::sim {

class SimTransport final : public Transport {
 public:
  explicit SimTransport(Host &host) : host_(host) {}

  void configure(const Settings &settings) override;
  [[nodiscard]] std::vector<ProbeDescription> list() override;
  [[nodiscard]] std::unique_ptr<Probe> open(const OpenOptions &options) override;

 private:
  Host &host_;
  SimSettings settings_;
};

}  // namespace flashhost::sim
