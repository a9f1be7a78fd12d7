#include "plugin/plugin_loader.hpp"

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
  std::vector<PluginRow> rows = names();
  for (PluginRow &row : rows) {
    if (!row.problem.empty()) continue;
    try {
      const PluginLibrary library(row.file, row.name, user_);
      row.version = library.descriptor().version;
      row.summary = library.descriptor().summary;
    } catch (const Error &error) {
      row.problem = error.what();
      row.remedy = error.hint();
    }
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
  for (const PluginRow &row : names()) {
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
                "A plugin's name is made of a-z, 0-9, '_' and '-'; it is not a path.");
  }
  std::error_code error;
  for (const fs::path &folder : search_path_) {
    const fs::path file = folder / name.file();
    if (fs::exists(fs::symlink_status(file, error))) return file;
  }
  std::vector<std::string> known;
  for (const PluginRow &row : names()) {
    if (row.problem.empty() && row.name.kind == name.kind) known.push_back(row.name.id);
  }
  std::sort(known.begin(), known.end());
  std::vector<std::string> folders;
  folders.reserve(search_path_.size());
  for (const fs::path &folder : search_path_) folders.push_back(folder.string());
  throw Error(
      Errc::plugin,
      fmt::format("there is no {} plugin \"{}\" ({})", kind_name(name.kind), name.id, name.file()),
      fmt::format("{} Looked in: {}. Add a folder with --plugin-dir or FLASHHOST_PLUGIN_PATH.",
                  known.empty() ? fmt::format("No {} are installed.", kind_plural(name.kind))
                                : fmt::format("Installed {}: {}.", kind_plural(name.kind),
                                              fmt::join(known, ", ")),
                  folders.empty() ? "no folder" : fmt::format("{}", fmt::join(folders, ", "))));
}

std::vector<fs::path> PluginLoader::files() const {
  std::vector<fs::path> all;
  for (const fs::path &folder : search_path_) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".so") found.push_back(entry->path());
    }
    std::sort(found.begin(), found.end());
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<PluginRow> PluginLoader::names() const {
  std::vector<PluginRow> rows;
  for (const fs::path &file : files()) {
    PluginRow row;
    row.file = file;
    if (auto name = parse_plugin_file(file.filename().string())) {
      row.name = std::move(*name);
      const auto earlier = std::find_if(
          rows.begin(), rows.end(), [&](const PluginRow &other) { return other.name == row.name; });
      if (earlier != rows.end()) {
        row.problem = fmt::format("{} comes first in the search path", earlier->file.string());
      }
    } else {
      row.problem = "its name is not <kind>-<id>.so with kind transport, family or format";
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace flashhost
