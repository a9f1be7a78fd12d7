// The plugin interfaces as the host uses them: the plugin's object behind a Guard.
//
// Each call keeps the plugin's library loaded, converts foreign exceptions into Errc::internal
// naming plugin and call, is traced at Level::trace, and checks the answer against the contract in
// the SDK's headers where a violation would mislead the host.
#pragma once

#include "plugin/loaded_plugin.hpp"

#include <flashhost/family.hpp>
#include <flashhost/format.hpp>
#include <flashhost/transport.hpp>

#include <memory>
#include <optional>
#include <string>

namespace flashhost {

// The plugin must be of that kind.
[[nodiscard]] std::shared_ptr<Transport> guarded_transport(std::shared_ptr<LoadedPlugin> plugin);
[[nodiscard]] std::shared_ptr<Family> guarded_family(std::shared_ptr<LoadedPlugin> plugin);
[[nodiscard]] std::shared_ptr<Format> guarded_format(std::shared_ptr<LoadedPlugin> plugin);
// A Probe that plugin's Transport has opened; it is destroyed before the plugin. millivolts: the
// target's supply according to the board file, if given; info() returns it instead of the measured
// value.
[[nodiscard]] std::unique_ptr<Probe> guarded_probe(std::shared_ptr<LoadedPlugin> plugin,
                                                   std::unique_ptr<Probe> probe,
                                                   std::optional<int> millivolts = {});

// Why an answer violates the contract, in words; empty when it is right.
[[nodiscard]] std::optional<std::string> violation(const Part &part);
[[nodiscard]] std::optional<std::string> violation(const Chip &chip);
[[nodiscard]] std::optional<std::string> violation(const std::vector<OptionField> &fields);
[[nodiscard]] std::optional<std::string> violation(const LoaderCode &loader);
[[nodiscard]] std::optional<std::string> violation(const ParsedFile &parsed);

}  // namespace flashhost
