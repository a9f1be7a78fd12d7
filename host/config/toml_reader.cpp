#include "toml_reader.hpp"

#include "words.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

// Compiled in here, so that the sanitizers see it; arrays and inline tables in a board file are
// flat.
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace flashhost::config {

namespace {

constexpr int max_depth = 8;
constexpr std::ptrdiff_t max_dots = 200;
constexpr const char *syntax_hint =
    "Board files are TOML: texts stand in quotes, tables are [name], images are [[image]].";

std::string place(const std::string &name, const toml::source_position &position) {
  return fmt::format("{}:{}:{}", name, position.line, position.column);
}

// The library calls itself for each part of a dotted key: 16 KiB of them need megabytes of stack.
void refuse_long_keys(std::string_view text, const std::string &name) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view current = text.substr(0, text.find('\n'));
    const auto dots = std::count(current.begin(), current.end(), '.');
    if (dots > max_dots) {
      throw Error(Errc::config,
                  fmt::format("{}:{}:1: this line has {} dots; more than {} are refused", name,
                              line, dots, max_dots),
                  "No key or path of a board file needs so many.");
    }
    text.remove_prefix(std::min(text.size(), current.size() + 1));
  }
}

std::string unsupported_kind(const toml::node &node) {
  if (node.is_date()) return "a date";
  if (node.is_time()) return "a time of day";
  if (node.is_date_time()) return "a date and time";
  return "a value of an unknown kind";
}

class Converter {
 public:
  explicit Converter(const std::string &name) : name_(name) {}

  Node convert(const toml::node &node, int depth = 0) const {
    const std::string where = place(name_, node.source().begin);
    if (depth > max_depth) {
      throw Error(Errc::config,
                  fmt::format("{}: nested more than {} levels deep", where, max_depth),
                  "No board file needs that: look for a key with too many dots.");
    }
    if (const auto *table = node.as_table()) return {convert(*table, depth), where};
    if (const auto *array = node.as_array()) {
      Array items;
      for (const toml::node &item : *array) items.push_back(convert(item, depth + 1));
      return {std::move(items), where};
    }
    if (const auto *text = node.as_string()) {
      if (text->get().find('\0') != std::string::npos) {
        throw Error(Errc::config, where + ": the text contains a NUL character",
                    "Remove \\u0000 from it.");
      }
      return {text->get(), where};
    }
    if (const auto *flag = node.as_boolean()) return {flag->get(), where};
    if (const auto *integer = node.as_integer()) return {integer->get(), where};
    if (const auto *number = node.as_floating_point()) {
      if (!std::isfinite(number->get())) {
        throw Error(Errc::config, where + ": nan and inf have no meaning in a board file",
                    "Write a plain number.");
      }
      return {number->get(), where};
    }
    return {Node::Unsupported{unsupported_kind(node)}, where};
  }

 private:
  Table convert(const toml::table &table, int depth) const {
    Table entries;
    for (const auto &[key, value] : table) {
      entries.push_back(
          {std::string(key.str()), place(name_, key.source().begin), convert(value, depth + 1)});
    }
    // The library sorts by key; messages should come in the order of the file.
    std::vector<std::pair<toml::source_position, std::size_t>> order;
    for (const auto &[key, value] : table) order.emplace_back(key.source().begin, order.size());
    std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
      return std::tie(a.first.line, a.first.column) < std::tie(b.first.line, b.first.column);
    });
    Table sorted;
    for (const auto &[position, index] : order) sorted.push_back(std::move(entries[index]));
    return sorted;
  }

  const std::string &name_;
};

void set_place(Node &node, const std::string &where) {
  node.where = where;
  if (auto *items = std::get_if<Array>(&node.value)) {
    for (Node &item : *items) set_place(item, where);
  }
}

}  // namespace

std::string_view kind_of(const Node &node) {
  constexpr std::array<std::string_view, 6> kinds{"a boolean", "an integer", "a float",
                                                  "a string",  "an array",   "a table"};
  if (const auto *other = std::get_if<Node::Unsupported>(&node.value)) return other->kind;
  return kinds.at(node.value.index());
}

Node read_toml(std::string_view text, const std::string &name) {
  if (text.size() > max_board_file_size) {
    throw Error(Errc::config,
                fmt::format("{}: {} bytes; a board file has at most {}", name, text.size(),
                            max_board_file_size),
                "Is this really a board file? Images go into files of their own.");
  }
  refuse_long_keys(text, name);
  try {
    return Converter(name).convert(toml::parse(text, name));
  } catch (const toml::parse_error &error) {
    throw Error(Errc::config,
                place(name, error.source().begin) + ": " + printable(error.description()),
                syntax_hint);
  }
}

std::optional<Node> read_toml_value(std::string_view text, const std::string &where) {
  try {
    const std::string key = "value";
    Node root = read_toml(key + " = " + std::string(text), where);
    auto &entries = std::get<Table>(root.value);
    if (entries.size() != 1 || entries.front().key != key) return {};
    Node value = std::move(entries.front().value);
    if (std::holds_alternative<Table>(value.value)) return {};
    if (std::holds_alternative<Node::Unsupported>(value.value)) return {};
    set_place(value, where);
    return value;
  } catch (const Error &) {
    return {};
  }
}

}  // namespace flashhost::config
