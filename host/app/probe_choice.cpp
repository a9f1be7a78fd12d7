#include "probe_choice.hpp"

#include "flash/stop.hpp"
#include "no_probe_hint.hpp"
#include "output/harmless.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>

namespace flashhost {

namespace {

bool same(const std::string &a, const std::string &b) {
  return a.size() == b.size() && begins_with(a, b);
}

// How the command line names this probe and no other of these.
std::string option_for(const FoundProbe &probe, const std::vector<FoundProbe> &all) {
  switch (named_by(probe, all)) {
    case NamedBy::serial:
      return "--probe " + probe.description.serial;
    case NamedBy::usb:
      return "--probe usb:" + probe.description.usb;
    case NamedBy::transport:
      break;
  }
  return "--transport " + probe.transport.id;
}

// Of probes whose serial number begins as it was asked for, one that has just this one is meant.
template <class Found, class Description>
void prefer_exact(std::vector<Found> &probes, const std::string &serial, Description description) {
  const auto is_exact = [&](const Found &probe) { return same(description(probe).serial, serial); };
  if (std::ranges::any_of(probes, is_exact)) std::erase_if(probes, std::not_fn(is_exact));
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

bool fits(const ProbeDescription &probe, const std::string &serial, const std::string &usb) {
  return begins_with(probe.serial, serial) && (usb.empty() || probe.usb == usb);
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
    return !fits(probe, chosen.serial, chosen.usb);
  });
  prefer_exact(fitting, chosen.serial, std::identity());
  if (fitting.size() != 1) return;
  const ProbeDescription &found = fitting.front();
  chosen = {chosen.transport, found.serial, found.usb, name_of(found), found.node};
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
  std::string hint = real.empty() ? "Plug one in; `lsusb` shows whether the system sees it." +
                                        std::string(no_probe_hint(surroundings()))
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

NamedBy named_by(const FoundProbe &probe, const std::vector<FoundProbe> &all) {
  const std::string &serial = probe.description.serial;
  const auto with_it = std::ranges::count_if(
      all, [&](const FoundProbe &other) { return same(other.description.serial, serial); });
  if (!serial.empty() && with_it == 1) return NamedBy::serial;
  return probe.description.usb.empty() ? NamedBy::transport : NamedBy::usb;
}

ProbeFinder::ProbeFinder(const PluginLoader &plugins, const config::TransportConfig &wanted,
                         const Session &session)
    : wanted_(wanted), session_(session) {
  if (wanted.plugin) {
    transports_.push_back(plugins.transport(*wanted.plugin));
  } else {
    transports_ = plugins.transports();
  }
  for (const Loaded<Transport> &transport : transports_) {
    transport.object->configure(wanted.settings);
  }
}

std::vector<FoundProbe> ProbeFinder::find() {
  std::vector<FoundProbe> found;
  for (const Loaded<Transport> &transport : transports_) {
    throw_if_stopped(session_.stop);
    try {
      for (ProbeDescription &probe : transport.object->list()) {
        found.push_back({transport, std::move(probe)});
      }
    } catch (const Error &error) {
      if (wanted_.plugin) throw;
      const std::string text = fmt::format("{}: {}", transport.id, error.what());
      if (warned_.insert(text).second) session_.observer.message(Level::warning, text);
    }
  }
  std::ranges::sort(found, {}, [](const FoundProbe &probe) {
    const ProbeDescription &description = probe.description;
    return std::tie(description.simulated, probe.transport.id, description.usb, description.serial);
  });
  return found;
}

std::vector<FoundProbe> ProbeFinder::fitting(const std::vector<FoundProbe> &all) const {
  const std::string serial = wanted_.serial.value_or("");
  std::vector<FoundProbe> fitting;
  std::ranges::copy_if(all, std::back_inserter(fitting), [&](const FoundProbe &probe) {
    return (wanted_.plugin || !probe.description.simulated) &&
           fits(probe.description, serial, wanted_.usb.value_or(""));
  });
  prefer_exact(fitting, serial, [](const FoundProbe &probe) { return probe.description; });
  return fitting;
}

ChosenProbe ProbeFinder::choose() {
  const std::string serial = wanted_.serial.value_or("");
  const std::string usb = wanted_.usb.value_or("");
  if (wanted_.plugin) {
    ChosenProbe chosen{transports_.front(), serial, usb, {}, {}};
    describe(chosen);
    return chosen;
  }
  const std::vector<FoundProbe> all = find();
  const std::vector<FoundProbe> fitting = this->fitting(all);
  if (fitting.empty()) throw_none(all, wanted_);
  if (fitting.size() > 1) {
    throw SeveralProbes(
        Error(Errc::probe,
              fmt::format("{} debug probes{} are plugged in, and nothing says which one to use",
                          fitting.size(), asked_for(wanted_)),
              fmt::format("Name one (a unique beginning is enough): {}.", list_of(fitting)))
            .see(Cause::which_probe));
  }
  const ProbeDescription &found = fitting.front().description;
  return {fitting.front().transport, found.serial, found.usb, name_of(found), found.node};
}

files::DeviceLock lock_probe(const ChosenProbe &probe) {
  if (probe.node.empty()) return {};
  files::DeviceLock lock(probe.node);
  const auto &holder = lock.holder();
  if (!holder) return lock;
  throw Error(Errc::probe,
              fmt::format("the probe {} is in use: {}", probe.name, harmless(to_text(*holder))),
              "--wait SECONDS waits until it is free.")
      .see(Cause::which_probe);
}

}  // namespace flashhost
