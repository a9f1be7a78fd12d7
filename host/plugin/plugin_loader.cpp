#include "plugin/plugin_loader.hpp"

#include "gates/plugin_id.hpp"
#include "plugin/guarded.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <type_traits>
#include <utility>

namespace fs = std::filesystem;

namespace flashhost {

namespace {

template <class Interface>
constexpr PluginKind kind_of() {
  if constexpr (std::is_same_v<Interface, Transport>) return PluginKind::transport;
  if constexpr (std::is_same_v<Interface, Family>) return PluginKind::family;
  return PluginKind::format;
}

std::shared_ptr<Transport> guarded(std::shared_ptr<LoadedPlugin> plugin,
                                   const Transport * /*tag*/) {
  return guarded_transport(std::move(plugin));
}
std::shared_ptr<Family> guarded(std::shared_ptr<LoadedPlugin> plugin, const Family * /*tag*/) {
  return guarded_family(std::move(plugin));
}
std::shared_ptr<Format> guarded(std::shared_ptr<LoadedPlugin> plugin, const Format * /*tag*/) {
  return guarded_format(std::move(plugin));
}

PluginRow row_of(const fs::path &file) {
  PluginRow row;
  row.file = file;
  if (auto name = parse_plugin_file(file.filename().string())) {
    row.name = std::move(*name);
  } else {
    row.problem = "its name is not <kind>-<id>.so with kind transport, family, format or model";
  }
  return row;
}

std::string in_words(const FolderTrouble &trouble) {
  return fmt::format("the plugin folder {} cannot be used: {}", trouble.folder.string(),
                     trouble.reason);
}

}  // namespace

PluginLoader::PluginLoader(std::vector<fs::path> search_path, HostFactory hosts, User user)
    : search_path_(std::move(search_path)), hosts_(std::move(hosts)), user_(user) {}

Loaded<Transport> PluginLoader::transport(const std::string &id) const {
  const PluginName name{PluginKind::transport, id};
  return load<Transport>(find(name), name);
}

Loaded<Family> PluginLoader::family(const std::string &id) const {
  const PluginName name{PluginKind::family, id};
  return load<Family>(find(name), name);
}

Loaded<Format> PluginLoader::format(const std::string &id) const {
  const PluginName name{PluginKind::format, id};
  return load<Format>(find(name), name);
}

std::vector<Loaded<Transport>> PluginLoader::transports() const {
  return load_all<Transport>();
}
std::vector<Loaded<Family>> PluginLoader::families() const {
  return load_all<Family>();
}
std::vector<Loaded<Format>> PluginLoader::formats() const {
  return load_all<Format>();
}

std::vector<PluginRow> PluginLoader::list() const {
  Found found = names();
  std::vector<PluginRow> rows = std::move(found.rows);
  for (PluginRow &row : rows) {
    if (!row.problem.empty()) continue;
    try {
      if (row.name.kind == PluginKind::model) {
        check_unloaded(row.file, user_, model_section);
        row.summary = "chips of the simulator";
        continue;
      }
      const PluginLibrary library(row.file, row.name, user_);
      row.version = library.descriptor().version;
      row.summary = library.descriptor().summary;
    } catch (const Error &error) {
      row.problem = error.what();
      row.remedy = error.hint();
    }
  }
  for (const FolderTrouble &trouble : found.troubles) {
    PluginRow row;
    row.file = trouble.folder;
    row.problem = in_words(trouble);
    row.remedy = trouble.remedy;
    rows.push_back(std::move(row));
  }
  return rows;
}

template <class Interface>
Loaded<Interface> PluginLoader::load(const fs::path &file, const PluginName &name) const {
  auto plugin = std::make_shared<LoadedPlugin>(file, name, user_, hosts_);
  std::string version = plugin->version();
  return {name.id, std::move(version),
          guarded(std::move(plugin), static_cast<const Interface *>(nullptr))};
}

template <class Interface>
std::vector<Loaded<Interface>> PluginLoader::load_all() const {
  std::vector<Loaded<Interface>> loaded;
  const Found found = names();
  for (const FolderTrouble &trouble : found.troubles) warn(trouble);
  for (const PluginRow &row : found.rows) {
    if (!row.problem.empty() || row.name.kind != kind_of<Interface>()) continue;
    try {
      loaded.push_back(load<Interface>(row.file, row.name));
    } catch (const Error &error) {
      const auto host = hosts_("plugins");
      host->warning("{}; going on without it. {}", error.what(), error.hint());
    }
  }
  std::sort(loaded.begin(), loaded.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
  return loaded;
}

fs::path PluginLoader::find(const PluginName &name) const {
  if (!valid_plugin_id(name.id)) {
    throw Error(Errc::plugin, fmt::format("\"{}\" is not the name of a plugin", name.id),
                std::string(plugin_id_rule));
  }
  std::vector<FolderTrouble> troubles;
  for (const fs::path &folder : search_path_) {
    const fs::path file = folder / name.file();
    std::error_code error;
    if (fs::exists(fs::symlink_status(file, error))) {
      for (const FolderTrouble &trouble : troubles) warn(trouble);
      return file;
    }
    if (error && error != std::errc::no_such_file_or_directory)
      troubles.push_back(folder_trouble(folder, error.value()));
  }
  reject_unknown(name, std::move(troubles));
}

void PluginLoader::reject_unknown(const PluginName &name,
                                  std::vector<FolderTrouble> troubles) const {
  const Found found = names();
  for (const FolderTrouble &trouble : found.troubles) {
    const bool is_known = std::any_of(troubles.begin(), troubles.end(), [&](const auto &other) {
      return other.folder == trouble.folder;
    });
    if (!is_known) troubles.push_back(trouble);
  }
  std::vector<std::string> known;
  for (const PluginRow &row : found.rows) {
    if (row.problem.empty() && row.name.kind == name.kind) known.push_back(row.name.id);
  }
  std::sort(known.begin(), known.end());
  std::vector<std::string> folders;
  folders.reserve(search_path_.size());
  for (const fs::path &folder : search_path_) folders.push_back(folder.string());
  std::string hint = fmt::format(
      "{} Looked in: {}.",
      known.empty()
          ? fmt::format("No {} are installed.", kind_plural(name.kind))
          : fmt::format("Installed {}: {}.", kind_plural(name.kind), fmt::join(known, ", ")),
      folders.empty() ? "no folder" : fmt::format("{}", fmt::join(folders, ", ")));
  for (const FolderTrouble &trouble : troubles) {
    hint += fmt::format(" But {}. {}", in_words(trouble), trouble.remedy);
  }
  if (troubles.empty()) hint += " Add a folder with --plugin-dir or FLASHHOST_PLUGIN_PATH.";
  throw Error(
      Errc::plugin,
      fmt::format("there is no {} plugin \"{}\" ({})", kind_name(name.kind), name.id, name.file()),
      std::move(hint));
}

void PluginLoader::warn(const FolderTrouble &trouble) const {
  if (!warned_.insert(trouble.folder).second) return;
  hosts_("plugins")->warning("{}; plugins may be missing. {}", in_words(trouble), trouble.remedy);
}

PluginLoader::Found PluginLoader::names() const {
  Found found;
  for (const fs::path &folder : search_path_) {
    std::vector<std::string> names;
    if (const int error = list_folder(folder, names); error != 0) {
      found.troubles.push_back(folder_trouble(folder, error));
    }
    std::sort(names.begin(), names.end());
    for (const std::string &name : names) {
      if (fs::path(name).extension() != ".so") continue;
      found.rows.push_back(row_of(folder / name));
    }
  }
  for (auto row = found.rows.begin(); row != found.rows.end(); ++row) {
    if (row->name.id.empty()) continue;
    const auto earlier = std::find_if(
        found.rows.begin(), row, [&](const PluginRow &other) { return other.name == row->name; });
    if (earlier == row) continue;
    row->problem = fmt::format("{} comes first in the search path", earlier->file.string());
  }
  return found;
}

}  // namespace flashhost
