#include "plugin/plugin_kind.hpp"

#include "gates/plugin_id.hpp"

namespace flashhost {

std::string_view kind_name(PluginKind kind) {
  switch (kind) {
    case PluginKind::transport:
      return "transport";
    case PluginKind::family:
      return "family";
    case PluginKind::format:
      return "format";
    case PluginKind::model:
      break;
  }
  return "model";
}

std::string_view kind_plural(PluginKind kind) {
  switch (kind) {
    case PluginKind::transport:
      return "transports";
    case PluginKind::family:
      return "families";
    case PluginKind::format:
      return "formats";
    case PluginKind::model:
      break;
  }
  return "models";
}

std::string kind_name(std::uint32_t kind) {
  for (const PluginKind known : all_plugin_kinds) {
    if (static_cast<std::uint32_t>(known) == kind) return std::string(kind_name(known));
  }
  return "kind " + std::to_string(kind);
}

std::string PluginName::file() const {
  return std::string(kind_name(kind)) + "-" + id + ".so";
}

std::optional<PluginName> parse_plugin_file(std::string_view file_name) {
  constexpr std::string_view suffix = ".so";
  if (!file_name.ends_with(suffix)) return std::nullopt;
  file_name.remove_suffix(suffix.size());
  for (const PluginKind kind : all_plugin_kinds) {
    const std::string prefix = std::string(kind_name(kind)) + "-";
    if (!file_name.starts_with(prefix)) continue;
    const std::string_view id = file_name.substr(prefix.size());
    if (valid_plugin_id(id)) return PluginName{kind, std::string(id)};
  }
  return std::nullopt;
}

}  // namespace flashhost
