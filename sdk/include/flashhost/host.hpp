// What the host gives to a plugin.
#pragma once

#include <flashhost/types.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost {

enum class Level : std::uint8_t { trace, debug, info, warning, error };

// [any thread] Owned by the host; outlives the plugin's object.
class Host {
 public:
  Host() = default;
  Host(const Host &) = delete;
  Host &operator=(const Host &) = delete;
  virtual ~Host() = default;

  // text is one line without newline; copied before the call returns.
  virtual void log(Level level, std::string_view text) noexcept = 0;
  [[nodiscard]] virtual bool enabled(Level level) const noexcept = 0;
  // Reads a file that settings name; a relative path starts at the board file's folder. At most 256
  // MiB. Errc::config, naming the file, when it cannot be read or is larger.
  [[nodiscard]] virtual Bytes read_file(const std::string &path) = 0;
  // The folders in which plugins are looked for, in order, as absolute paths: for a plugin that
  // loads further shared objects from them. Such a file must pass the same gates as a plugin before
  // it is loaded.
  [[nodiscard]] virtual std::vector<std::string> plugin_folders() const { return {}; }

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args &&...args) {
    write(Level::debug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args &&...args) {
    write(Level::info, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args &&...args) {
    write(Level::warning, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void write(Level level, fmt::format_string<Args...> format, Args &&...args) {
    if (enabled(level)) log(level, fmt::format(format, std::forward<Args>(args)...));
  }
};

}  // namespace flashhost
