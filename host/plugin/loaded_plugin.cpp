#include "plugin/loaded_plugin.hpp"

#include "plugin/guard.hpp"

#include <flashhost/error.hpp>
#include <flashhost/plugin.hpp>

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace flashhost {

namespace {

boost::dll::shared_library open(const std::filesystem::path &file) {
  using boost::dll::load_mode::rtld_local;
  using boost::dll::load_mode::rtld_now;
  try {
    return boost::dll::shared_library(file, rtld_now | rtld_local);
  } catch (const std::exception &error) {  // its text contains that of dlerror
    refuse(file, Gate::descriptor,
           fmt::format("the dynamic linker cannot load it: {}", error.what()), rebuild_remedy);
  }
}

void check_descriptor(const std::filesystem::path &file, const flashhost_plugin &found,
                      const PluginName &name) {
  const auto mismatch = [&file](const std::string &reason) {
    refuse(file, Gate::descriptor, reason, rebuild_remedy);
  };
  // If the size is wrong, the layout is unknown: no other field may be read.
  if (found.struct_size != sizeof(flashhost_plugin)) {
    mismatch(fmt::format("its descriptor has {} bytes instead of {}", found.struct_size,
                         sizeof(flashhost_plugin)));
  }
  if (found.abi != FLASHHOST_ABI) {
    mismatch(fmt::format("it was compiled for plugin ABI {}, this flashhost speaks {}", found.abi,
                         FLASHHOST_ABI));
  }
  if (found.build_tag == nullptr || found.id == nullptr || found.version == nullptr ||
      found.summary == nullptr || found.create == nullptr || found.destroy == nullptr) {
    mismatch("its descriptor is incomplete (a null pointer)");
  }
  if (std::string_view(found.build_tag) != FLASHHOST_BUILD_TAG) {
    mismatch(fmt::format(R"(it was compiled for "{}", this flashhost for "{}")", found.build_tag,
                         FLASHHOST_BUILD_TAG));
  }
  if (found.kind != static_cast<std::uint32_t>(name.kind)) {
    refuse(file, Gate::descriptor,
           fmt::format("its name says {}, but it is a {} plugin", kind_name(name.kind),
                       kind_name(found.kind)),
           fmt::format("Its file should be named {}-{}.so.", kind_name(found.kind), found.id));
  }
  if (found.id != name.id) {
    refuse(file, Gate::descriptor,
           fmt::format(R"(its name says "{}", but its id is "{}")", name.id, found.id),
           fmt::format("Its file should be named {}-{}.so.", kind_name(found.kind), found.id));
  }
}

}  // namespace

PluginLibrary::PluginLibrary(const std::filesystem::path &file, const PluginName &name,
                             const User &user)
    : file_(file) {
  check_unloaded(file, user, plugin_section);
  library_ = open(file);
  if (!library_.has(FLASHHOST_SYMBOL)) {
    refuse(file, Gate::descriptor, "it has no symbol " FLASHHOST_SYMBOL, rebuild_remedy);
  }
  descriptor_ = &library_.get<const flashhost_plugin>(FLASHHOST_SYMBOL);
  check_descriptor(file, *descriptor_, name);
}

LoadedPlugin::LoadedPlugin(const std::filesystem::path &file, PluginName name, const User &user,
                           const HostFactory &hosts)
    : name_(std::move(name)), library_(file, name_, user), host_(hosts(name_.id)) {
  const RunningCall running(name_.id, "create");
  try {
    object_ = library_.descriptor().create(host_.get());
  } catch (...) {
    const Failure failure = describe_current_exception();
    refuse(file, Gate::create, fmt::format("its create threw {}", failure.text), failure.hint);
  }
  if (object_ == nullptr) {
    refuse(file, Gate::create, "its create returned nothing",
           "This is a bug in the plugin; report it to its author.");
  }
}

LoadedPlugin::~LoadedPlugin() {
  const RunningCall running(name_.id, "destroy");
  try {
    library_.descriptor().destroy(object_);
  } catch (...) {
    host_->log(Level::warning, fmt::format("plugin {} broke its contract: its destroy threw {}",
                                           name_.id, describe_current_exception().text));
  }
}

}  // namespace flashhost
