// The kinds of plugins.
#pragma once

#include <flashhost/plugin.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashhost {

enum class PluginKind : std::uint8_t {
  transport = FLASHHOST_KIND_TRANSPORT,
  family = FLASHHOST_KIND_FAMILY,
  format = FLASHHOST_KIND_FORMAT,
  // A chip of the simulator: it is in the plugin folders and is listed with the plugins, but the
  // host does not load it.
  model,
};

inline constexpr std::array all_plugin_kinds = {PluginKind::transport, PluginKind::family,
                                                PluginKind::format, PluginKind::model};

[[nodiscard]] std::string_view kind_name(PluginKind kind);    // "transport"
[[nodiscard]] std::string_view kind_plural(PluginKind kind);  // "transports"
[[nodiscard]] std::string kind_name(std::uint32_t kind);      // of any number in a descriptor

// <kind>-<id>.so.
struct PluginName {
  PluginKind kind = PluginKind::transport;
  std::string id;

  [[nodiscard]] std::string file() const;
  friend bool operator==(const PluginName &, const PluginName &) = default;
};
// Empty when the file name is not that of a plugin.
[[nodiscard]] std::optional<PluginName> parse_plugin_file(std::string_view file_name);

}  // namespace flashhost
