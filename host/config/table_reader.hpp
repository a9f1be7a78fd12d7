// Typed access to one table of a board file; errors name the position and the expected type.
#pragma once

#include "node.hpp"

#include <flashhost/settings.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::config {

using Keys = std::vector<std::string>;
template <class E>
using Choices = std::vector<std::pair<std::string, E>>;

template <class E>
std::vector<std::string> words_of(const Choices<E> &choices) {
  std::vector<std::string> words;
  words.reserve(choices.size());
  for (const auto &[word, value] : choices) words.push_back(word);
  return words;
}

[[noreturn]] void reject(const std::string &where, const std::string &reason,
                         std::string hint = {});

// With ${VAR} replaced; errors name where.
[[nodiscard]] std::filesystem::path path_in(const std::string &text, const std::string &where);

class TableReader {
 public:
  // title: "[transport]", for messages; prefix: "transport.", before a key in messages. Throws
  // Errc::config if node is no table or has a key that is not in keys. node must outlive the
  // reader.
  TableReader(const Node &node, std::string title, std::string prefix, const Keys &keys);

  [[nodiscard]] const Node *find(const std::string &key) const;
  [[nodiscard]] std::optional<bool> boolean(const std::string &key) const;
  [[nodiscard]] std::optional<std::string> text(const std::string &key) const;  // not empty
  // A string that names a plugin; it becomes part of a file name.
  [[nodiscard]] std::optional<std::string> plugin_id(const std::string &key) const;
  [[nodiscard]] std::optional<std::uint32_t> address(const std::string &key) const;
  [[nodiscard]] std::optional<std::uint32_t> size(const std::string &key) const;  // "128K", 131072
  [[nodiscard]] std::optional<std::uint32_t> frequency(
      const std::string &key) const;  // "4MHz", 4000000
  // Supply voltage of a microcontroller in volts: 3.3 or 3.
  [[nodiscard]] std::optional<int> millivolts(const std::string &key) const;
  // "1-2.3": a bus, and the ports on the way from it to the device.
  [[nodiscard]] std::optional<std::string> usb_port(const std::string &key) const;
  [[nodiscard]] std::optional<std::string> sha256(const std::string &key) const;  // lower case
  // ${VAR} is replaced, and a relative path completed with the folder of the file it stands in.
  [[nodiscard]] std::optional<std::filesystem::path> path(const std::string &key) const;
  // The table "settings", for the plugin.
  [[nodiscard]] Settings settings() const;

  template <class E>
  [[nodiscard]] std::optional<E> choice(const std::string &key, const Choices<E> &choices) const {
    const auto index = word_index(key, words_of(choices));
    if (!index) return {};
    return choices[*index].second;
  }

  // The given value; throws for this table when there is none.
  template <class T>
  [[nodiscard]] T required(std::optional<T> value, const std::string &key,
                           const std::string &hint) const {
    if (value) return *std::move(value);
    reject(where_, fmt::format("{} has no {}", title_, key), hint);
  }

 private:
  [[nodiscard]] std::optional<std::size_t> word_index(const std::string &key,
                                                      const Keys &words) const;
  [[noreturn]] void reject_type(const std::string &key, const Node &node, const std::string &wanted,
                                const std::string &hint) const;
  // reject_type for values that are written without quotes. wanted: "true or false"
  [[noreturn]] void reject_unless_plain(const std::string &key, const Node &node,
                                        const std::string &wanted) const;
  [[noreturn]] void reject_value(const std::string &key, const Node &node,
                                 const std::string &reason, std::string hint = {}) const;

  const Table *table_ = nullptr;
  std::string title_;
  std::string prefix_;
  std::string where_;
};

}  // namespace flashhost::config
