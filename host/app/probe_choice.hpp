// Which probe a job uses.
#pragma once

#include "config/config.hpp"
#include "files/device_lock.hpp"
#include "plugin/plugin_loader.hpp"
#include "session.hpp"

#include <flashhost/error.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace flashhost {

// A probe that a transport has found. [one thread]
struct FoundProbe {
  Loaded<Transport> transport;
  ProbeDescription description;
};

struct ChosenProbe {
  Loaded<Transport> transport;
  std::string serial;  // as OpenOptions has it
  std::string usb;
  std::string name;  // for messages: "ST-LINK/V2 0669FF30"; empty: unknown
  std::string node;  // its device file; empty: there is none, or it is not known which probe it is
};

// What names a probe and no other of these; transport: nothing else does.
enum class NamedBy : std::uint8_t { serial, usb, transport };
[[nodiscard]] NamedBy named_by(const FoundProbe &probe, const std::vector<FoundProbe> &all);

// Several probes fit: waiting does not help.
class SeveralProbes final : public Error {
 public:
  explicit SeveralProbes(const Error &error) : Error(error) {}
};

// [one thread]
class ProbeFinder {
 public:
  // Loads the transport that the board file or the command line names, otherwise all of them.
  ProbeFinder(const PluginLoader &plugins, const config::TransportConfig &wanted,
              const Session &session);

  // All that these transports find now, simulated ones last, otherwise by transport and port. A
  // transport that fails is warned of once.
  [[nodiscard]] std::vector<FoundProbe> find();
  // Those of them that may be meant: they have the serial number and port that are asked for, and
  // simulated ones only where their transport is named.
  [[nodiscard]] std::vector<FoundProbe> fitting(const std::vector<FoundProbe> &all) const;
  // A transport that is named chooses among its own probes; otherwise the only real probe that is
  // found, among those with this serial number and port where they are given. Errc::probe when
  // there is none, SeveralProbes when there are more: the message lists them.
  [[nodiscard]] ChosenProbe choose();

 private:
  const config::TransportConfig &wanted_;
  const Session &session_;
  std::vector<Loaded<Transport>> transports_;
  std::set<std::string> warned_;
};

// The lock on the probe; of nothing where there is no device file. Errc::probe, naming the process,
// when another flashhost has it.
[[nodiscard]] files::DeviceLock lock_probe(const ChosenProbe &probe);

}  // namespace flashhost
