#include "choice.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace flashhost::usb {

namespace {

using Candidates = std::vector<const Candidate *>;

std::string lines(const Candidates &probes) {
  std::string text;
  for (const Candidate *probe : probes) text += (text.empty() ? "" : "; ") + line(*probe);
  return text;
}

Candidates at_port(std::span<const Candidate> all, const std::string &port) {
  Candidates found;
  for (const Candidate &probe : all) {
    if (port.empty() || probe.port == port) found.push_back(&probe);
  }
  return found;
}

Candidates with_serial(const Candidates &all, const std::string &serial) {
  Candidates fitting;
  std::ranges::copy_if(all, std::back_inserter(fitting), [&](const Candidate *probe) {
    return serial.empty() ? !probe->unsupported : begins_with(probe->serial, serial);
  });
  const auto is_exact = [&](const Candidate *probe) {
    return probe->serial.size() == serial.size() && begins_with(probe->serial, serial);
  };
  if (std::ranges::any_of(fitting, is_exact)) std::erase_if(fitting, std::not_fn(is_exact));
  // The only one there is: what is wrong with it is the better message.
  if (serial.empty() && fitting.empty() && all.size() == 1) return all;
  return fitting;
}

[[noreturn]] void throw_absent(const ProbeKind &kind, const std::string &port) {
  throw Error(Errc::probe,
              port.empty() ? fmt::format("no {} is plugged in", kind.name)
                           : fmt::format("no {} is at the USB port {}", kind.name, port),
              kind.advice)
      .see(Cause::which_probe);
}

[[noreturn]] void throw_unfit(const Candidates &all, const ProbeKind &kind,
                              const std::string &serial) {
  throw Error(
      Errc::probe,
      serial.empty()
          ? fmt::format("none of the {}s that are plugged in can be used", kind.name)
          : fmt::format("no {} has a serial number that begins with \"{}\"", kind.name, serial),
      fmt::format("Plugged in: {}.", lines(all)))
      .see(Cause::which_probe);
}

[[noreturn]] void throw_several(const Candidates &fitting, const ProbeKind &kind,
                                const std::string &serial) {
  throw Error(
      Errc::probe,
      serial.empty()
          ? fmt::format("{} {}s are plugged in, and none is named", fitting.size(), kind.name)
          : fmt::format("{} {}s have a serial number that begins with \"{}\"", fitting.size(),
                        kind.name, serial),
      fmt::format("Name one, with --probe or in [transport] of the board file: by its serial "
                  "number (a unique beginning is enough), or by its port: {}.",
                  lines(fitting)))
      .see(Cause::which_probe);
}

}  // namespace

std::string line(const Candidate &probe) {
  return fmt::format("{} {} ({}{}{})", probe.name,
                     probe.serial.empty() ? "of unknown serial number" : probe.serial,
                     probe.port.empty() ? probe.location : "usb:" + probe.port,
                     probe.problem.empty() ? "" : ", ", probe.problem);
}

std::size_t choose(std::span<const Candidate> probes, const ProbeKind &kind,
                   const std::string &serial, const std::string &port) {
  const Candidates there = at_port(probes, port);
  if (there.empty()) throw_absent(kind, port);
  const Candidates fitting = with_serial(there, serial);
  if (fitting.empty()) throw_unfit(there, kind, serial);
  if (fitting.size() > 1) throw_several(fitting, kind, serial);
  return static_cast<std::size_t>(fitting.front() - probes.data());
}

}  // namespace flashhost::usb
