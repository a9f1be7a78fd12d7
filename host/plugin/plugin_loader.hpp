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

// A plugin ready for use. The library is unloaded when object and all Probes it opened are gone.
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
  // search_path: see search_path.hpp. The first folder that has a file of the right name decides.
  PluginLoader(std::vector<std::filesystem::path> search_path, HostFactory hosts,
               User user = current_user());

  // A folder of the search path that cannot be read is warned about, once, when it comes to it: a
  // plugin that is found before does not need it.

  // The named plugin. Throws Errc::plugin when it is not found (naming what there is and where was
  // looked) or refused (naming file, gate, reason and remedy).
  [[nodiscard]] Loaded<Transport> transport(const std::string &id) const;
  [[nodiscard]] Loaded<Family> family(const std::string &id) const;
  [[nodiscard]] Loaded<Format> format(const std::string &id) const;

  // All of a kind, by id, each loaded: for board files that name none. One that cannot be used is
  // warned about and left out.
  [[nodiscard]] std::vector<Loaded<Transport>> transports() const;
  [[nodiscard]] std::vector<Loaded<Family>> families() const;
  [[nodiscard]] std::vector<Loaded<Format>> formats() const;

  // Everything named *.so in the search path. Takes each to gate 3 (its static constructors run if
  // it gets there), chip models to gate 2; makes no objects.
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
