// One plugin: its library, checked at gates 1 to 3, and its object, made at gate 4.
#pragma once

#include "plugin/file_gates.hpp"
#include "plugin/plugin_kind.hpp"

#include <flashhost/host.hpp>

#include <boost/dll/shared_library.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace flashhost {

// Makes the Host for a plugin, by the plugin's id.
using HostFactory = std::function<std::unique_ptr<Host>(const std::string &id)>;

// Throws Errc::plugin with file, gate, reason and remedy. No code of the file runs before gate 3,
// and there only its static constructors.
class PluginLibrary {
 public:
  PluginLibrary(const std::filesystem::path &file, const PluginName &name, const User &user);

  [[nodiscard]] const flashhost_plugin &descriptor() const { return *descriptor_; }
  [[nodiscard]] const std::filesystem::path &file() const { return file_; }

 private:
  std::filesystem::path file_;
  boost::dll::shared_library library_;
  const flashhost_plugin *descriptor_ = nullptr;
};

// [one thread: that which made it] Shared by every object that came from the plugin.
class LoadedPlugin {
 public:
  LoadedPlugin(const std::filesystem::path &file, PluginName name, const User &user,
               const HostFactory &hosts);
  LoadedPlugin(const LoadedPlugin &) = delete;
  LoadedPlugin &operator=(const LoadedPlugin &) = delete;
  ~LoadedPlugin();

  [[nodiscard]] const PluginName &name() const { return name_; }
  [[nodiscard]] std::string version() const { return library_.descriptor().version; }
  [[nodiscard]] const std::filesystem::path &file() const { return library_.file(); }
  [[nodiscard]] Host &host() const { return *host_; }
  // The Transport, Family or Format that create returned.
  template <class Interface>
  [[nodiscard]] Interface &object() const {
    return *static_cast<Interface *>(object_);
  }

 private:
  PluginName name_;
  PluginLibrary library_;  // first, so that it is destroyed last
  std::unique_ptr<Host> host_;
  void *object_ = nullptr;
};

}  // namespace flashhost
