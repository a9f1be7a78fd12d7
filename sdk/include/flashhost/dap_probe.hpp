// DapProbe: a Probe for a target that is reached by raw accesses to its debug port.
#pragma once

#include <flashhost/adiv5.hpp>
#include <flashhost/cortex_m.hpp>
#include <flashhost/host.hpp>

#include <memory>

namespace flashhost::adiv5 {

struct DapSettings {
  // NOLINTBEGIN(readability-redundant-member-init): these may be left out
  std::optional<std::uint32_t> speed_hz = {};  // empty: fastest_hz, or slower if that does not work
  std::optional<std::uint8_t> access_port = {};  // APSEL of the core's MEM-AP; empty: looked for
  // NOLINTEND(readability-redundant-member-init)
  std::uint32_t fastest_hz = 4'000'000;  // that the probe is known to manage
};

// A Probe made of a Wire: power-up, search for the access port, sticky errors, TAR and its
// automatic increment, sub-word accesses, core registers, connecting under reset. Repeats what the
// line has damaged where that is harmless. [one thread]
[[nodiscard]] std::unique_ptr<Probe> make_dap_probe(Host &host, std::unique_ptr<Wire> wire,
                                                    const DapSettings &settings);

}  // namespace flashhost::adiv5
