// Transport: one kind of debug probe.
#pragma once

#include <flashhost/probe.hpp>
#include <flashhost/settings.hpp>

#include <memory>
#include <string>
#include <vector>

namespace flashhost {

struct ProbeDescription {
  std::string serial;
  std::string product;
  std::string detail;  // product id, board; free text
  // NOLINTBEGIN(readability-redundant-member-init): these may be left out
  std::string usb = {};  // the port that it is plugged into, "1-2.3"; empty: not on USB, or unknown
  // The device file that its user has open, "/dev/bus/usb/001/005": the host locks it, and looks
  // there who uses the probe. Empty: there is none.
  std::string node = {};
  std::string problem = {};  // why it cannot be used: "no permission"; empty: nothing is known
  // NOLINTEND(readability-redundant-member-init)
  // It is no hardware: used only by those who name its transport, never because it is the only one.
  bool simulated = false;
  friend bool operator==(const ProbeDescription &, const ProbeDescription &) = default;
};

struct OpenOptions {
  std::string serial;                     // unique prefix; empty: the only one
  std::optional<std::uint32_t> speed_hz;  // empty: the fastest that the probe and chip support
  // The target's supply as the board file says. The host puts it into ProbeInfo; transports need
  // not.
  std::optional<int> target_millivolts = {};  // NOLINT(readability-redundant-member-init)
  // The USB port of the probe, "1-2.3"; empty: any. The host passes it on only when list() shows a
  // probe at this port. Together with a serial both must fit.
  std::string usb = {};  // NOLINT(readability-redundant-member-init)
};

// [one thread] Made by the plugin's create.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport &) = delete;
  Transport &operator=(const Transport &) = delete;
  virtual ~Transport() = default;

  // Called once before list or open. Must reject keys it does not know (Settings::reject_unknown).
  virtual void configure(const Settings &settings) = 0;
  // The probes that are there now; empty: none. Sends nothing to a target and disturbs no program
  // that uses one of them. Those on USB that have no serial number of their own differ in `usb`.
  [[nodiscard]] virtual std::vector<ProbeDescription> list() = 0;
  // Opens the probe only; sends nothing to the target before Probe::attach if that is possible.
  // Errc::probe when there is no such probe, when there are several and no serial selects one (the
  // message lists them), and when the probe is in use. Destroying the Probe closes it.
  [[nodiscard]] virtual std::unique_ptr<Probe> open(const OpenOptions &options) = 0;
};

}  // namespace flashhost
