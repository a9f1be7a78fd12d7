// The interfaces as the host uses them: the plugin's object behind a Guard.
//
// Each call keeps the plugin's library alive, turns foreign exceptions into Errc::internal naming
// plugin and call, is traced at Level::trace, and has its answer checked against the contract in
// the SDK's headers where a violation would send the host astray.
#pragma once

#include "plugin/loaded_plugin.hpp"

#include <flashhost/family.hpp>
#include <flashhost/format.hpp>
#include <flashhost/transport.hpp>

#include <memory>
#include <optional>
#include <string>

namespace flashhost {

// plugin must be of that kind.
[[nodiscard]] std::shared_ptr<Transport> guarded_transport(std::shared_ptr<LoadedPlugin> plugin);
[[nodiscard]] std::shared_ptr<Family> guarded_family(std::shared_ptr<LoadedPlugin> plugin);
[[nodiscard]] std::shared_ptr<Format> guarded_format(std::shared_ptr<LoadedPlugin> plugin);
// A Probe that plugin's Transport opened; it is destroyed before the plugin can be. millivolts: of
// the target's supply, where the user says it; its info says that instead of what was measured.
[[nodiscard]] std::unique_ptr<Probe> guarded_probe(std::shared_ptr<LoadedPlugin> plugin,
                                                   std::unique_ptr<Probe> probe,
                                                   std::optional<int> millivolts = {});

// What is wrong with an answer, in words; nothing when it keeps the contract.
[[nodiscard]] std::optional<std::string> violation(const Part &part);
[[nodiscard]] std::optional<std::string> violation(const Chip &chip);
[[nodiscard]] std::optional<std::string> violation(const LoaderCode &loader);
[[nodiscard]] std::optional<std::string> violation(const ParsedFile &parsed);

}  // namespace flashhost
