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
    if (!options.usb.empty()) check_is_there(options.usb);
    std::unique_ptr<Probe> probe = guard_.call(
        "open", [&] { return transport().open(options); },
        [&] { return fmt::format(R"(serial "{}", port "{}")", options.serial, options.usb); });
    if (!probe) guard_.broken("open", "it returned no probe");
    return guarded_probe(guard_.share(), std::move(probe), options.target_millivolts);
  }

 private:
  // So a transport that knows nothing of ports cannot open whatever probe there is instead.
  void check_is_there(const std::string &port) {
    std::string others;
    for (const ProbeDescription &probe : list()) {
      if (probe.usb == port) return;
      others += fmt::format("{}{} {}{}", others.empty() ? "" : "; ", probe.product, probe.serial,
                            probe.usb.empty() ? "" : " at usb:" + probe.usb);
    }
    throw Error(Errc::probe, fmt::format("no probe is at the USB port {}", port),
                others.empty()
                    ? "No probe is there at all. `lsusb -t` shows the ports of the system."
                    : fmt::format("There are: {}.", others))
        .see(Cause::which_probe);
  }
  [[nodiscard]] Transport &transport() const { return guard_.plugin().object<Transport>(); }

  Guard guard_;
};

}  // namespace

std::shared_ptr<Transport> guarded_transport(std::shared_ptr<LoadedPlugin> plugin) {
  return std::make_shared<GuardedTransport>(std::move(plugin));
}

}  // namespace flashhost
