// The plugin under test: loaded through the host's own gates, with a host that records its
// messages.
#pragma once

#include "plugin/loaded_plugin.hpp"
#include "run.hpp"

#include <flashhost/error.hpp>
#include <flashhost/host.hpp>
#include <flashhost/settings.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace flashhost::conformance {

// Messages of plugins during the running test, one per line.
struct Said {
  std::string warnings;  // and errors
  std::string all;       // but traces
};
[[nodiscard]] Said &said();

// Records messages if wanted; relative paths of read_file start at the case file's folder.
class ListeningHost final : public Host {
 public:
  enum class Keep : std::uint8_t { nothing, everything };
  explicit ListeningHost(Keep keep = Keep::nothing) : keep_(keep) {}

  void log(Level level, std::string_view text) noexcept override;
  // Always true, so that every message is formatted and a wrong format string shows.
  [[nodiscard]] bool enabled(Level /*level*/) const noexcept override { return true; }
  [[nodiscard]] Bytes read_file(const std::string &path) override;

 private:
  Keep keep_;
};

// Hosts that record everything.
[[nodiscard]] HostFactory listening_hosts();

// A new object of the plugin, configured with the settings of the case file. It is not guarded: an
// exception ends the test.
class PluginUnderTest {
 public:
  PluginUnderTest();
  template <class Interface>
  [[nodiscard]] Interface &configured() {
    if (!configured_) fresh<Interface>().configure(run().given.for_configure());
    configured_ = true;
    return fresh<Interface>();
  }
  // A new object on which configure was not called.
  template <class Interface>
  [[nodiscard]] Interface &fresh() {
    return plugin_.object<Interface>();
  }

 private:
  LoadedPlugin plugin_;
  bool configured_ = false;
};

// A test for the configure function of every kind.
template <class Interface>
void expect_unknown_setting_is_refused() {
  FLASHHOST_PROMISE("settings.hpp, reject_unknown: configure refuses a key that nobody asked for");
  std::vector<Setting> settings = run().given.settings;
  settings.push_back({"no_such_key", true, "board.toml:9:1"});
  PluginUnderTest plugin;
  try {
    plugin.fresh<Interface>().configure(Settings(settings));
    FAIL() << "the setting no_such_key was accepted";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::config) << error.what();
    EXPECT_NE(std::string(error.what()).find("no_such_key"), std::string::npos) << error.what();
  }
}

}  // namespace flashhost::conformance
