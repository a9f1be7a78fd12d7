// Finds, loads and guards plugins.
#pragma once

#include "plugin/loaded_plugin.hpp"
#include "plugin/plugin_folder.hpp"
#include "plugin/plugin_kind.hpp"

#include <flashhost/family.hpp>
#include <flashhost/format.hpp>
#include <flashhost/transport.hpp>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace flashhost {

// A plugin ready for use. Its library is unloaded when the object and all Probes that it opened are
// gone.
template <class Interface>
struct Loaded {
  std::string id;
  std::string version;
  std::shared_ptr<Interface> object;
};

// A line of `flashhost list plugins`.
struct PluginRow {
  std::filesystem::path file;  // or a folder that cannot be read
  PluginName name;             // id is empty when the file's name is not that of a plugin
  std::string version;         // empty when it was refused, as is summary
  std::string summary;
  std::string problem;  // why it is not used; empty when it can be
  std::string remedy;
};

// [one thread]
class PluginLoader {
 public:
  // search_path: see search_path.hpp. The first folder with a file of the right name is used.
  PluginLoader(std::vector<std::filesystem::path> search_path, HostFactory hosts,
               User user = current_user());

  // A folder of the search path that cannot be read causes one warning, at the time when it is
  // searched: not if the plugin is found before.

  // The named plugin. Throws Errc::plugin when it is not found (naming the installed ones and the
  // searched folders) or refused (naming file, gate, reason and remedy).
  [[nodiscard]] Loaded<Transport> transport(const std::string &id) const;
  [[nodiscard]] Loaded<Family> family(const std::string &id) const;
  [[nodiscard]] Loaded<Format> format(const std::string &id) const;

  // All plugins of a kind, by id, each loaded: for board files that name none. One that cannot be
  // used causes a warning and is left out.
  [[nodiscard]] std::vector<Loaded<Transport>> transports() const;
  [[nodiscard]] std::vector<Loaded<Family>> families() const;
  [[nodiscard]] std::vector<Loaded<Format>> formats() const;

  // Everything named *.so in the search path. Plugins pass gates 1 to 3 (at gate 3 their static
  // constructors run), chip models gates 1 and 2; no objects are made.
  [[nodiscard]] std::vector<PluginRow> list() const;

 private:
  template <class Interface>
  [[nodiscard]] Loaded<Interface> load(const std::filesystem::path &file,
                                       const PluginName &name) const;
  template <class Interface>
  [[nodiscard]] std::vector<Loaded<Interface>> load_all() const;
  [[nodiscard]] std::filesystem::path find(const PluginName &name) const;
  struct Found {
    std::vector<PluginRow> rows;
    std::vector<FolderTrouble> troubles;
  };
  [[nodiscard]] Found names() const;
  [[noreturn]] void reject_unknown(const PluginName &name,
                                   std::vector<FolderTrouble> troubles) const;
  void warn(const FolderTrouble &trouble) const;

  std::vector<std::filesystem::path> search_path_;
  HostFactory hosts_;
  User user_;
  mutable std::set<std::filesystem::path> warned_;
};

}  // namespace flashhost
