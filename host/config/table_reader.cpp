#include "table_reader.hpp"

#include "gates/plugin_id.hpp"
#include "numbers.hpp"
#include "toml_reader.hpp"
#include "words.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace flashhost::config {

namespace {

constexpr std::uint32_t largest = std::numeric_limits<std::uint32_t>::max();
constexpr const char *size_hint = R"(Write for example "128K", "1M" or 131072.)";
constexpr const char *frequency_hint = R"(Write for example "4MHz", "950kHz" or 1800000.)";

std::optional<std::uint32_t> narrow(std::int64_t value) {
  if (value < 0 || value > largest) return {};
  return static_cast<std::uint32_t>(value);
}

bool is_address(std::string_view text) {
  return parse_address(text).has_value();
}
bool is_size(std::string_view text) {
  const auto value = parse_size(text);
  return value && *value <= largest;
}
bool is_frequency(std::string_view text) {
  return parse_frequency(text).has_value() || is_address(text);
}

bool is_usb_port(std::string_view text) {
  bool number = false;
  bool hyphen = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = true;
    } else if (number && c == (hyphen ? '.' : '-')) {
      number = false;
      hyphen = true;
    } else {
      return false;
    }
  }
  return number && hyphen;
}

// Also for a string: --set passes on an integer that is too large as text.
bool node_is_too_large(const Node &node, const std::function<bool(std::string_view)> &parse) {
  if (const auto *integer = std::get_if<std::int64_t>(&node.value)) return *integer > largest;
  const auto *text = std::get_if<std::string>(&node.value);
  return text != nullptr && is_too_large(*text, parse);
}

// Numbers, booleans, strings and dates; not tables and arrays.
bool is_scalar(const Node &node) {
  return !std::holds_alternative<Table>(node.value) && !std::holds_alternative<Array>(node.value);
}

std::string shown(const Node &node) {
  if (const auto *integer = std::get_if<std::int64_t>(&node.value)) return std::to_string(*integer);
  if (const auto *text = std::get_if<std::string>(&node.value)) return in_quotes(*text);
  return std::string(kind_of(node));
}

bool is_override(const Node &node) {
  return node.where.starts_with("--");
}

// A value that a plugin can take; empty for tables, dates and arrays of anything but strings.
std::optional<SettingValue> setting_value(const Node &node) {
  if (const auto *flag = std::get_if<bool>(&node.value)) return *flag;
  if (const auto *integer = std::get_if<std::int64_t>(&node.value)) return *integer;
  if (const auto *number = std::get_if<double>(&node.value)) return *number;
  if (const auto *text = std::get_if<std::string>(&node.value)) return *text;
  const auto *items = std::get_if<Array>(&node.value);
  if (items == nullptr) return {};
  std::vector<std::string> texts;
  for (const Node &item : *items) {
    const auto *text = std::get_if<std::string>(&item.value);
    if (text == nullptr) return {};
    texts.push_back(*text);
  }
  return texts;
}

}  // namespace

void reject(const std::string &where, const std::string &reason, std::string hint) {
  throw Error(Errc::config, where + ": " + reason, std::move(hint));
}

std::filesystem::path path_in(const std::string &text, const std::string &where) {
  try {
    return expand_variables(text);
  } catch (const Error &error) {
    throw error.in(where);
  }
}

TableReader::TableReader(const Node &node, std::string title, std::string prefix, const Keys &keys)
    : table_(std::get_if<Table>(&node.value)),
      title_(std::move(title)),
      prefix_(std::move(prefix)),
      where_(node.where) {
  if (table_ == nullptr) {
    reject(where_, fmt::format("{} must be a table, this is {}", title_, kind_of(node)),
           is_override(node)
               ? fmt::format("Name a key in it: {}.KEY=VALUE.", where_)
               : fmt::format("Write {} on a line of its own, and its keys below.", title_));
  }
  for (const Entry &entry : *table_) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
    std::string hint = fmt::format("Keys of {}: {}.", title_, joined(keys));
    if (std::find(keys.begin(), keys.end(), "settings") != keys.end()) {
      hint += fmt::format(" What only the plugin knows belongs into [{}settings].", prefix_);
    }
    reject(entry.where,
           fmt::format("unknown key {} in {}{}", in_quotes(entry.key), title_,
                       did_you_mean(entry.key, keys)),
           hint);
  }
}

const Node *TableReader::find(const std::string &key) const {
  const auto found = std::find_if(table_->begin(), table_->end(),
                                  [&](const Entry &entry) { return entry.key == key; });
  return found == table_->end() ? nullptr : &found->value;
}

void TableReader::reject_type(const std::string &key, const Node &node, const std::string &wanted,
                              const std::string &hint) const {
  reject(node.where,
         fmt::format("{}{} must be {}, this is {}", prefix_, key, wanted, kind_of(node)), hint);
}

void TableReader::reject_unless_plain(const std::string &key, const Node &node,
                                      const std::string &wanted) const {
  const auto *text = std::get_if<std::string>(&node.value);
  const bool quoted = text != nullptr && read_toml_value(*text, node.where).has_value();
  reject_type(key, node, wanted,
              quoted ? "Write the value without quotes." : fmt::format("Write {}.", wanted));
}

void TableReader::reject_value(const std::string &key, const Node &node, const std::string &reason,
                               std::string hint) const {
  reject(node.where, fmt::format("{}{} {}", prefix_, key, reason), std::move(hint));
}

std::optional<bool> TableReader::boolean(const std::string &key) const {
  const Node *node = find(key);
  if (node == nullptr) return {};
  if (const auto *flag = std::get_if<bool>(&node->value)) return *flag;
  reject_unless_plain(key, *node, "true or false");
}

std::optional<std::string> TableReader::text(const std::string &key) const {
  const Node *node = find(key);
  if (node == nullptr) return {};
  const auto *text = std::get_if<std::string>(&node->value);
  if (text == nullptr) {
    const std::string example = fmt::format(R"({} = "...")", key);
    reject_type(key, *node, "a string",
                !is_scalar(*node) ? fmt::format("Write {}.", example)
                : is_override(*node)
                    ? fmt::format(R"(Write the value in two sorts of quotes: --set '{}{}="..."'.)",
                                  prefix_, key)
                    : "Write the value in quotes.");
  }
  if (text->empty())
    reject_value(key, *node, "is empty", "Leave the line out instead, if the key is optional.");
  return *text;
}

// The path stays as written: what ".." means behind a symbolic link, only the system knows.
std::optional<std::filesystem::path> TableReader::path(const std::string &key) const {
  const auto written = text(key);
  if (!written) return {};
  const Node &node = *find(key);
  return std::filesystem::path(node.folder) / path_in(*written, node.where);
}

std::optional<std::string> TableReader::plugin_id(const std::string &key) const {
  auto id = text(key);
  if (id && !valid_plugin_id(*id)) {
    reject_value(key, *find(key), fmt::format("is {}, which is no plugin's id", in_quotes(*id)),
                 fmt::format("{} `flashhost list plugins` shows them.", plugin_id_rule));
  }
  return id;
}

std::optional<std::uint32_t> TableReader::address(const std::string &key) const {
  const Node *node = find(key);
  if (node == nullptr) return {};
  const auto *integer = std::get_if<std::int64_t>(&node->value);
  const auto value = integer == nullptr ? std::nullopt : narrow(*integer);
  if (value) return value;
  if (integer == nullptr && !node_is_too_large(*node, is_address)) {
    reject_unless_plain(key, *node, "an integer such as 0x08000000");
  }
  reject_value(key, *node, fmt::format("is {}, outside the 32-bit address space", shown(*node)),
               "Addresses go from 0 to 0xffffffff.");
}

std::optional<std::uint32_t> TableReader::size(const std::string &key) const {
  const Node *node = find(key);
  if (node == nullptr) return {};
  std::optional<std::uint64_t> value;
  if (const auto *integer = std::get_if<std::int64_t>(&node->value)) {
    value = narrow(*integer);
  } else if (const auto *text = std::get_if<std::string>(&node->value)) {
    value = parse_size(*text);
  } else {
    reject_type(key, *node, R"(a string such as "128K" or an integer)", size_hint);
  }
  if (!value || *value == 0 || *value > largest) {
    if (node_is_too_large(*node, is_size)) {
      reject_value(key, *node, fmt::format("is {}, which is too large", shown(*node)),
                   fmt::format("Sizes go up to {} bytes.", largest));
    }
    reject_value(key, *node, fmt::format("is {}, which is not a size", shown(*node)), size_hint);
  }
  return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint32_t> TableReader::frequency(const std::string &key) const {
  const Node *node = find(key);
  if (node == nullptr) return {};
  std::optional<std::uint32_t> value;
  if (const auto *integer = std::get_if<std::int64_t>(&node->value)) {
    value = narrow(*integer);
    constexpr std::uint32_t surely_meant = 100'000;  // other tools count in kHz
    if (value && *value != 0 && *value < surely_meant) {
      reject_value(key, *node, fmt::format("is {} Hz; other tools count in kHz", *value),
                   fmt::format(R"(Write the unit: "{}kHz" or "{}Hz".)", *value, *value));
    }
  } else if (const auto *text = std::get_if<std::string>(&node->value)) {
    value = parse_frequency(*text);
  } else {
    reject_type(key, *node, R"(a string such as "4MHz" or an integer in Hz)", frequency_hint);
  }
  if (!value || *value == 0) {
    if (node_is_too_large(*node, is_frequency)) {
      reject_value(key, *node, fmt::format("is {}, which is too large", shown(*node)),
                   fmt::format("Frequencies go up to {} Hz.", largest));
    }
    reject_value(key, *node, fmt::format("is {}, which is not a frequency", shown(*node)),
                 frequency_hint);
  }
  return value;
}

std::optional<int> TableReader::millivolts(const std::string &key) const {
  constexpr double lowest = 1.2, highest = 5.5;
  const Node *node = find(key);
  if (node == nullptr) return {};
  double volts = 0;
  if (const auto *number = std::get_if<double>(&node->value)) {
    volts = *number;
  } else if (const auto *integer = std::get_if<std::int64_t>(&node->value)) {
    volts = static_cast<double>(*integer);
  } else {
    reject_unless_plain(key, *node, "a number of volts such as 3.3");
  }
  if (volts >= lowest && volts <= highest) return static_cast<int>(std::lround(volts * 1000));
  reject_value(key, *node, fmt::format("is {} V, which is no supply of a microcontroller", volts),
               fmt::format("In volts, from {} to {}.", lowest, highest));
}

std::optional<std::string> TableReader::usb_port(const std::string &key) const {
  const auto port = text(key);
  if (port && !is_usb_port(*port)) {
    reject_value(key, *find(key), fmt::format("is {}, which is no USB port", in_quotes(*port)),
                 "A port is a bus and the way from there, for example 1-2.3; `flashhost list "
                 "probes` shows them.");
  }
  return port;
}

std::optional<std::string> TableReader::sha256(const std::string &key) const {
  auto digits = text(key);
  if (!digits) return {};
  bool good = digits->size() == 64;
  for (char &c : *digits) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    good = good && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }
  if (!good) {
    reject_value(key, *find(key), "is not a SHA-256 checksum of 64 hexadecimal digits",
                 "`sha256sum FILE` prints it.");
  }
  return digits;
}

Settings TableReader::settings() const {
  std::vector<Setting> settings;
  if (const Node *node = find("settings")) {
    const auto *entries = std::get_if<Table>(&node->value);
    if (entries == nullptr) {
      reject(node->where,
             fmt::format("{}settings must be a table, this is {}", prefix_, kind_of(*node)),
             fmt::format("Write [{}settings] on a line of its own, and its keys below.", prefix_));
    }
    for (const Entry &entry : *entries) {
      auto value = setting_value(entry.value);
      if (!value) {
        reject(
            entry.value.where,
            fmt::format("{}settings.{} is {}", prefix_, printable(entry.key), kind_of(entry.value)),
            "A plugin's settings are booleans, numbers, strings and lists of strings.");
      }
      settings.push_back({entry.key, *std::move(value), entry.where, entry.value.folder});
    }
  }
  return Settings(std::move(settings));
}

std::optional<std::size_t> TableReader::word_index(const std::string &key,
                                                   const Keys &words) const {
  const Node *node = find(key);
  if (node == nullptr) return {};
  const auto *word = std::get_if<std::string>(&node->value);
  if (word == nullptr) {
    reject_type(
        key, *node, alternatives(words),
        is_override(*node) ? "Write one of these words." : "Write one of these, in quotes.");
  }
  const auto found = std::find(words.begin(), words.end(), *word);
  if (found == words.end()) {
    reject_value(key, *node,
                 fmt::format("is {}; it can be {}", in_quotes(*word), alternatives(words)));
  }
  return static_cast<std::size_t>(found - words.begin());
}

}  // namespace flashhost::config
