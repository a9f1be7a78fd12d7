#include <flashhost/error.hpp>
#include <flashhost/settings.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

namespace flashhost {

namespace {

[[noreturn]] void refuse(const Setting &setting, const std::string &reason, std::string hint = {}) {
  const std::string where = setting.where.empty() ? "" : setting.where + ": ";
  throw Error(Errc::config, where + setting.key + ": " + reason, std::move(hint));
}

std::string_view type_name(const SettingValue &value) {
  struct Name {
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a float"; }
    std::string_view operator()(const std::string &) const { return "a string"; }
    std::string_view operator()(const std::vector<std::string> &) const {
      return "a list of strings";
    }
  };
  return std::visit(Name{}, value);
}

// An integer too large for 64 bits; --set passes it on as text.
bool is_out_of_range(const SettingValue &value) {
  const auto *text = std::get_if<std::string>(&value);
  if (text == nullptr) return false;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  return failure == std::errc::result_out_of_range && end == text->data() + text->size();
}

template <class T>
std::optional<T> get(const Setting *setting, std::string_view wanted) {
  if (setting == nullptr) return {};
  if (const auto *value = std::get_if<T>(&setting->value)) return *value;
  refuse(*setting, fmt::format("expected {}, got {}", wanted, type_name(setting->value)));
}

std::string whole_path(const Setting &setting, const std::string &text) {
  if (text.empty()) refuse(setting, "the path is empty");
  try {
    return (std::filesystem::path(setting.folder) / expand_variables(text)).string();
  } catch (const Error &error) {
    refuse(setting, error.what(), error.hint());
  }
}

std::string quoted_list(const std::vector<std::string> &words) {
  std::string text;
  for (const auto &word : words) text += (text.empty() ? "\"" : ", \"") + word + "\"";
  return text;
}

}  // namespace

Settings::Settings(std::vector<Setting> settings) : settings_(std::move(settings)) {}

// The last one counts, so that an override can be appended.
const Setting *Settings::find(std::string_view key) const {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const auto found = std::find_if(settings_.rbegin(), settings_.rend(),
                                  [&](const Setting &setting) { return setting.key == key; });
  return found == settings_.rend() ? nullptr : &*found;
}

std::optional<bool> Settings::boolean(std::string_view key) const {
  return get<bool>(find(key), "true or false");
}

std::optional<std::int64_t> Settings::integer(std::string_view key) const {
  const Setting *setting = find(key);
  if (setting != nullptr && is_out_of_range(setting->value)) {
    const bool negative = std::get<std::string>(setting->value).starts_with('-');
    using Limits = std::numeric_limits<std::int64_t>;
    refuse(*setting, negative ? "the number is too small" : "the number is too large",
           fmt::format("Integers go from {} to {}.", Limits::min(), Limits::max()));
  }
  return get<std::int64_t>(setting, "an integer");
}

std::optional<double> Settings::number(std::string_view key) const {
  const Setting *setting = find(key);
  if (setting != nullptr) {
    if (const auto *integer = std::get_if<std::int64_t>(&setting->value)) {
      return static_cast<double>(*integer);
    }
  }
  return get<double>(setting, "a number");
}

std::optional<std::string> Settings::text(std::string_view key) const {
  return get<std::string>(find(key), "a string");
}

std::optional<std::vector<std::string>> Settings::list(std::string_view key) const {
  return get<std::vector<std::string>>(find(key), "a list of strings");
}

std::vector<std::string> Settings::texts(std::string_view key) const {
  const Setting *setting = find(key);
  const auto *one = setting == nullptr ? nullptr : std::get_if<std::string>(&setting->value);
  if (one != nullptr) return {*one};
  using List = std::vector<std::string>;
  return get<List>(setting, "a string or a list of strings").value_or(List());
}

std::optional<std::uint64_t> Settings::size(std::string_view key) const {
  const Setting *setting = find(key);
  if (setting == nullptr) return {};
  if (const auto *integer = std::get_if<std::int64_t>(&setting->value)) {
    if (*integer < 0) refuse(*setting, fmt::format("a size cannot be negative ({})", *integer));
    return static_cast<std::uint64_t>(*integer);
  }
  const auto text = get<std::string>(setting, R"(a size such as "128K" or an integer)");
  if (!text) return {};
  const auto bytes = parse_size(*text);
  if (!bytes) refuse(*setting, fmt::format(R"("{}" is not a size; write "128K" or 131072)", *text));
  return bytes;
}

std::optional<Nanoseconds> Settings::duration(std::string_view key) const {
  const Setting *setting = find(key);
  const auto text = get<std::string>(setting, R"(a time such as "20ms")");
  if (!text) return {};
  const auto time = parse_duration(*text);
  if (!time) {
    refuse(*setting, fmt::format(R"("{}" is not a time; write "20ms", "1s" or "52.5us")", *text));
  }
  return time;
}

std::optional<std::string> Settings::choice(std::string_view key,
                                            const std::vector<std::string> &words) const {
  const Setting *setting = find(key);
  auto text = get<std::string>(setting, "one of " + quoted_list(words));
  if (text && std::find(words.begin(), words.end(), *text) == words.end()) {
    refuse(*setting, fmt::format(R"("{}" is not one of {})", *text, quoted_list(words)));
  }
  return text;
}

std::optional<std::string> Settings::path(std::string_view key) const {
  const Setting *setting = find(key);
  const auto text = get<std::string>(setting, "a path");
  if (!text) return {};
  return whole_path(*setting, *text);
}

std::vector<std::string> Settings::paths(std::string_view key) const {
  std::vector<std::string> paths;
  for (const std::string &text : texts(key)) paths.push_back(whole_path(*find(key), text));
  return paths;
}

void Settings::reject_unknown() const {
  for (const Setting &setting : settings_) {
    if (std::find(known_.begin(), known_.end(), setting.key) != known_.end()) continue;
    refuse(setting, "unknown key",
           known_.empty() ? "There are no settings here; remove the line."
                          : "Known keys: " + quoted_list(known_) + ".");
  }
}

void Settings::reject(std::string_view key, const std::string &reason) const {
  const Setting *setting = find(key);
  if (setting == nullptr) throw Error(Errc::config, fmt::format("{}: {}", key, reason));
  refuse(*setting, reason);
}

}  // namespace flashhost
