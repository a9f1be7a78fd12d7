#include "probe_choice.hpp"

#include "flash/stop.hpp"
#include "output/harmless.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>

namespace flashhost {

namespace {

// How the command line names this probe and no other of these.
std::string option_for(const FoundProbe &probe, const std::vector<FoundProbe> &all) {
  const auto same_serial = std::ranges::count_if(all, [&](const FoundProbe &other) {
    return other.description.serial == probe.description.serial;
  });
  const bool by_port =
      !probe.description.usb.empty() && (same_serial > 1 || probe.description.serial.empty());
  return by_port ? "--probe usb:" + probe.description.usb : "--probe " + probe.description.serial;
}

std::string list_of(const std::vector<FoundProbe> &probes) {
  std::string text;
  for (const FoundProbe &probe : probes) {
    const ProbeDescription &found = probe.description;
    text += fmt::format("{}{} ({}{}{})", text.empty() ? "" : "; ", option_for(probe, probes),
                        found.product, found.usb.empty() ? "" : " at usb:" + found.usb,
                        found.problem.empty() ? "" : ", " + found.problem);
  }
  return text;
}

std::string name_of(const ProbeDescription &probe) {
  return probe.serial.empty() ? probe.product : probe.product + " " + probe.serial;
}

// What the transport's list says about the probe that open will take, if that is clear. What is
// wrong, open says.
void describe(ChosenProbe &chosen) {
  std::vector<ProbeDescription> fitting;
  try {
    fitting = chosen.transport.object->list();
  } catch (const Error &) {
    return;
  }
  std::erase_if(fitting, [&](const ProbeDescription &probe) {
    return !begins_with(probe.serial, chosen.serial) ||
           (!chosen.usb.empty() && probe.usb != chosen.usb);
  });
  if (fitting.size() > 1) {
    std::erase_if(fitting, [](const ProbeDescription &probe) { return !probe.problem.empty(); });
  }
  if (fitting.size() != 1) return;
  chosen.name = name_of(fitting.front());
  chosen.node = fitting.front().node;
}

std::string asked_for(const config::TransportConfig &wanted) {
  std::string text;
  if (wanted.serial)
    text += fmt::format(" with a serial number that begins with \"{}\"", *wanted.serial);
  if (wanted.usb) text += fmt::format(" at the USB port {}", *wanted.usb);
  return text;
}

[[noreturn]] void throw_none(const std::vector<FoundProbe> &all,
                             const config::TransportConfig &wanted) {
  std::vector<FoundProbe> real, simulated;
  for (const FoundProbe &probe : all) {
    (probe.description.simulated ? simulated : real).push_back(probe);
  }
  std::string hint = real.empty() ? "Plug one in; `lsusb` shows whether the system sees it."
                                  : fmt::format("There are: {}.", list_of(real));
  if (real.empty() && !simulated.empty()) {
    hint += fmt::format(" To try flashhost without hardware: --transport {}.",
                        simulated.front().transport.id);
  }
  throw Error(Errc::probe,
              real.empty() ? "no debug probe is plugged in"
                           : fmt::format("there is no debug probe{}", asked_for(wanted)),
              hint)
      .see(Cause::which_probe);
}

}  // namespace

std::vector<FoundProbe> find_probes(const PluginLoader &plugins, const Session &session) {
  std::vector<FoundProbe> found;
  for (const Loaded<Transport> &transport : plugins.transports()) {
    throw_if_stopped(session.stop);
    try {
      transport.object->configure(Settings());
      for (ProbeDescription &probe : transport.object->list()) {
        found.push_back({transport, std::move(probe)});
      }
    } catch (const Error &error) {
      session.observer.message(Level::warning, fmt::format("{}: {}", transport.id, error.what()));
    }
  }
  std::ranges::sort(found, {}, [](const FoundProbe &probe) {
    const ProbeDescription &description = probe.description;
    return std::tie(description.simulated, probe.transport.id, description.usb, description.serial);
  });
  return found;
}

ChosenProbe choose_probe(const PluginLoader &plugins, const config::TransportConfig &wanted,
                         const Session &session) {
  const std::string serial = wanted.serial.value_or("");
  const std::string usb = wanted.usb.value_or("");
  if (wanted.plugin) {
    ChosenProbe chosen{plugins.transport(*wanted.plugin), serial, usb, {}, {}};
    chosen.transport.object->configure(wanted.settings);
    describe(chosen);
    return chosen;
  }
  const std::vector<FoundProbe> all = find_probes(plugins, session);
  std::vector<FoundProbe> fitting;
  std::ranges::copy_if(all, std::back_inserter(fitting), [&](const FoundProbe &probe) {
    const ProbeDescription &found = probe.description;
    return !found.simulated && begins_with(found.serial, serial) &&
           (usb.empty() || found.usb == usb);
  });
  const auto usable = [](const FoundProbe &probe) { return probe.description.problem.empty(); };
  // One that cannot be used is not in the way; when it is the only one, opening it says why.
  if (std::ranges::any_of(fitting, usable)) std::erase_if(fitting, std::not_fn(usable));
  if (fitting.empty()) throw_none(all, wanted);
  if (fitting.size() > 1) {
    throw Error(Errc::probe,
                fmt::format("{} debug probes{} are plugged in, and nothing says which one to use",
                            fitting.size(), asked_for(wanted)),
                fmt::format("Name one (a unique beginning is enough): {}.", list_of(fitting)))
        .see(Cause::which_probe);
  }
  const ProbeDescription &found = fitting.front().description;
  return {fitting.front().transport, found.serial, found.usb, name_of(found), found.node};
}

files::DeviceLock lock_probe(const ChosenProbe &probe) {
  if (probe.node.empty()) return {};
  files::DeviceLock lock(probe.node);
  if (!lock.holder()) return lock;
  throw Error(
      Errc::probe,
      fmt::format("the probe {} is in use: {}", probe.name, harmless(to_text(*lock.holder()))),
      "--wait SECONDS waits until it is free.")
      .see(Cause::which_probe);
}

}  // namespace flashhost
