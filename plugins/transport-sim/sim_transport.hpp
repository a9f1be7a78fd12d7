// The transport: exactly one simulated probe.
#pragma once

#include "sim_settings.hpp"

#include <flashhost/host.hpp>
#include <flashhost/transport.hpp>

#include <utility>

namespace flashhost::sim {

class SimTransport final : public Transport {
 public:
  explicit SimTransport(Host &host)
      : SimTransport(host, [&host](const std::string &model_dir) {
          return load_models(model_dir, host.plugin_folders());
        }) {}
  SimTransport(Host &host, ModelSource models) : host_(host), models_(std::move(models)) {}

  void configure(const Settings &settings) override;
  [[nodiscard]] std::vector<ProbeDescription> list() override;
  [[nodiscard]] std::unique_ptr<Probe> open(const OpenOptions &options) override;

 private:
  void ensure_configured();

  Host &host_;
  ModelSource models_;
  SimSettings settings_;
};

}  // namespace flashhost::sim
