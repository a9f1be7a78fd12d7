#include "plugin/guard.hpp"
#include "plugin/guarded.hpp"

#include <fmt/format.h>

#include <utility>

namespace flashhost {

namespace {

class GuardedTransport final : public Transport {
 public:
  explicit GuardedTransport(std::shared_ptr<LoadedPlugin> plugin) : guard_(std::move(plugin)) {}

  void configure(const Settings &settings) override {
    guard_.call("configure", [&] { transport().configure(settings); });
  }
  std::vector<ProbeDescription> list() override {
    return guard_.call("list", [&] { return transport().list(); });
  }
  std::unique_ptr<Probe> open(const OpenOptions &options) override {
    std::unique_ptr<Probe> probe = guard_.call(
        "open", [&] { return transport().open(options); },
        [&] { return fmt::format("serial \"{}\"", options.serial); });
    if (!probe) guard_.broken("open", "it returned no probe");
    return guarded_probe(guard_.share(), std::move(probe), options.target_millivolts);
  }

 private:
  [[nodiscard]] Transport &transport() const { return guard_.plugin().object<Transport>(); }

  Guard guard_;
};

}  // namespace

std::shared_ptr<Transport> guarded_transport(std::shared_ptr<LoadedPlugin> plugin) {
  return std::make_shared<GuardedTransport>(std::move(plugin));
}

}  // namespace flashhost
