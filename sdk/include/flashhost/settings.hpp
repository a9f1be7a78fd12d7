// The settings that a board file has for a plugin: [transport.settings], [family.settings],
// [image.settings].
#pragma once

#include <flashhost/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flashhost {

using SettingValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct Setting {
  std::string key;
  SettingValue value;
  std::string where;  // board.toml:12:1, or --set
  // That a relative path starts from; empty: the current one.
  std::string folder = {};  // NOLINT(readability-redundant-member-init): may be left out
};

// A typed view. Each getter returns nothing when the key is absent and throws Errc::config, naming
// where, when the value has another type or does not parse. Not thread-safe.
class Settings {
 public:
  Settings() = default;
  explicit Settings(std::vector<Setting> settings);

  [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
  [[nodiscard]] std::optional<double> number(std::string_view key) const;  // integer or float
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  [[nodiscard]] std::optional<std::vector<std::string>> list(std::string_view key) const;
  // One string, or a list of them; empty when the key is absent.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] std::optional<std::uint64_t> size(std::string_view key) const;  // "128K" or integer
  [[nodiscard]] std::optional<Nanoseconds> duration(std::string_view key) const;  // "1s"
  // One of the given words; throws Errc::config listing them otherwise.
  [[nodiscard]] std::optional<std::string> choice(std::string_view key,
                                                  const std::vector<std::string> &words) const;
  // ${VAR} is replaced (expand_variables), and a relative path is completed with the setting's
  // folder: that of the file in which it stands. Nothing else is changed: ".." stays, since only
  // the system knows what it means behind a symbolic link.
  [[nodiscard]] std::optional<std::string> path(std::string_view key) const;
  // One path, or a list of them; empty when the key is absent.
  [[nodiscard]] std::vector<std::string> paths(std::string_view key) const;

  // To be called after the getters: throws Errc::config for the first key that no getter asked for.
  void reject_unknown() const;
  // For a plugin's own checks: Errc::config "board.toml:12:1: key: reason".
  [[noreturn]] void reject(std::string_view key, const std::string &reason) const;

  [[nodiscard]] const std::vector<Setting> &all() const { return settings_; }

 private:
  [[nodiscard]] const Setting *find(std::string_view key) const;

  std::vector<Setting> settings_;
  mutable std::vector<std::string> known_;
};

}  // namespace flashhost
