// A board file as a tree; each value knows its position. Independent of the TOML library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flashhost::config {

struct Node;
struct Entry;
using Array = std::vector<Node>;
using Table = std::vector<Entry>;

struct Node {
  // Dates and times mean nothing in a board file: only their kind is kept, for messages.
  struct Unsupported {
    std::string kind;
  };

  std::variant<bool, std::int64_t, double, std::string, Array, Table, Unsupported> value;
  std::string where;  // board.toml:7:11, or "--set transport.speed"
  // That relative paths in it start from.
  std::string folder = {};  // NOLINT(readability-redundant-member-init): may be left out
};

struct Entry {
  std::string key;
  std::string where;  // of the key
  Node value;
};

// "a string", "a table", ...
[[nodiscard]] std::string_view kind_of(const Node &node);

}  // namespace flashhost::config
