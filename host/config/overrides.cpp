#include "overrides.hpp"

#include "toml_reader.hpp"
#include "words.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace flashhost::config {

namespace {

constexpr std::size_t max_parts = 8;
constexpr const char *usage_hint =
    "Write --set key.path=value, for example --set transport.speed=1MHz.";

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::vector<std::string> split_path(std::string_view path, const std::string &argument) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '.') {
      parts.emplace_back();
    } else if (is_key_character(c)) {
      parts.back() += c;
    } else {
      throw Error(Errc::usage,
                  fmt::format("--set {}: {} is not a key", in_quotes(argument), in_quotes(path)),
                  usage_hint);
    }
  }
  const bool hollow =
      std::any_of(parts.begin(), parts.end(), [](const auto &part) { return part.empty(); });
  if (hollow || parts.size() > max_parts) {
    throw Error(Errc::usage,
                fmt::format("--set {}: {} is not a key", in_quotes(argument), in_quotes(path)),
                usage_hint);
  }
  return parts;
}

Table::iterator find(Table &table, const std::string &key) {
  return std::find_if(table.begin(), table.end(),
                      [&](const Entry &entry) { return entry.key == key; });
}

Node &child_of_table(Table &table, const std::string &key, const std::string &where) {
  const auto found = find(table, key);
  if (found != table.end()) return found->value;
  return table.emplace_back(Entry{key, where, Node{Table{}, where}}).value;
}

Node &child_of_array(Array &array, const std::string &part, const std::string &where) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc() || end != part.data() + part.size() || index > array.size()) {
    throw Error(Errc::config,
                fmt::format("{}: {} is not the number of an element; there are {}", where,
                            in_quotes(part), array.size()),
                "Elements are counted from 0: image.0.file is the file of the first image; the "
                "number after the last one adds one.");
  }
  if (index == array.size()) array.push_back({Table{}, where});
  return array[index];
}

Node &child(Node &parent, const std::string &part, const std::string &where) {
  if (auto *table = std::get_if<Table>(&parent.value)) return child_of_table(*table, part, where);
  if (auto *array = std::get_if<Array>(&parent.value)) return child_of_array(*array, part, where);
  throw Error(Errc::config, fmt::format("{}: there is {} ({}) where {} needs a table", where,
                                        kind_of(parent), parent.where, in_quotes(part)));
}

}  // namespace

Override parse_set(const std::string &key_and_value) {
  const std::size_t equals = key_and_value.find('=');
  if (equals == std::string::npos) {
    throw Error(Errc::usage, fmt::format("--set {}: there is no =", in_quotes(key_and_value)),
                usage_hint);
  }
  const std::string path = key_and_value.substr(0, equals);
  static_cast<void>(split_path(path, key_and_value));
  return {path, key_and_value.substr(equals + 1), "--set " + path};
}

void apply_override(Node &root, const Override &change) {
  const auto parts = split_path(change.key, change.key);
  Node *parent = &root;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    parent = &child(*parent, parts[i], change.where);
    const auto *table = std::get_if<Table>(&parent->value);
    if (i == 0 && parts[0] == "image" && table != nullptr && table->empty()) {
      parent->value = Array{};  // the file has no image
    }
  }
  if (!change.value) {
    auto *table = std::get_if<Table>(&parent->value);
    if (table == nullptr) return;
    std::erase_if(*table, [&](const Entry &entry) { return entry.key == parts.back(); });
    return;
  }
  std::optional<Node> value;
  if (!change.is_text) value = read_toml_value(*change.value, change.where);
  Node &target = child(*parent, parts.back(), change.where);
  target = value ? std::move(*value) : Node{*change.value, change.where};
  target.folder = root.folder;
  if (auto *table = std::get_if<Table>(&parent->value)) {
    find(*table, parts.back())->where = change.where;
  }
}

FileArgument parse_file_argument(const std::string &argument) {
  const std::size_t at = argument.rfind('@');
  if (at == std::string::npos || at == 0) return {argument, {}};
  const auto address = parse_address(argument.substr(at + 1));
  if (!address) return {argument, {}};
  return {argument.substr(0, at), address};
}

std::string literal_path(const std::string &path) {
  std::string literal;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path.compare(i, 2, "${") == 0) literal += '$';
    literal += path[i];
  }
  return literal;
}

void replace_images(Node &root, const std::vector<FileArgument> &files, const std::string &format) {
  const std::string where = command_line;
  Array images;
  for (const FileArgument &file : files) {
    // The shell has replaced the variables: what is left means itself.
    Table image{{"file", where, {literal_path(file.file), where}}};
    if (file.address) image.push_back({"address", where, {std::int64_t{*file.address}, where}});
    if (!format.empty()) image.push_back({"format", where, {format, where}});
    images.push_back({std::move(image), where});
  }
  child(root, "image", where) = {std::move(images), where};
}

}  // namespace flashhost::config
