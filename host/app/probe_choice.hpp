// Which probe a job uses.
#pragma once

#include "config/config.hpp"
#include "files/device_lock.hpp"
#include "plugin/plugin_loader.hpp"
#include "session.hpp"

#include <string>
#include <vector>

namespace flashhost {

struct ChosenProbe {
  Loaded<Transport> transport;  // configured
  std::string serial;           // as OpenOptions has it
  std::string usb;
  std::string name;  // for messages: "ST-LINK/V2 0669FF30"; empty: unknown
  std::string node;  // its device file; empty: there is none, or it is not known which probe it is
};

// The transport that the board file or the command line names, which chooses among its own probes;
// otherwise the only real probe that any installed transport finds, among those with this serial
// number and port where they are given. Errc::probe when there is none, or more than one: the
// message lists them.
[[nodiscard]] ChosenProbe choose_probe(const PluginLoader &plugins,
                                       const config::TransportConfig &wanted,
                                       const Session &session);

// The lock on the probe; of nothing where there is no device file. Errc::probe, naming the process,
// when another flashhost has it.
[[nodiscard]] files::DeviceLock lock_probe(const ChosenProbe &probe);

// A probe that a transport has found. [one thread]
struct FoundProbe {
  Loaded<Transport> transport;
  ProbeDescription description;
};
// All that any installed transport finds, simulated ones last, otherwise by transport and port. A
// transport that fails is warned of.
[[nodiscard]] std::vector<FoundProbe> find_probes(const PluginLoader &plugins,
                                                  const Session &session);

}  // namespace flashhost
