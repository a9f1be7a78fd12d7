// Converts TOML text to a tree; the only place that uses the TOML library.
#pragma once

#include "node.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace flashhost::config {

inline constexpr std::size_t max_board_file_size = std::size_t{16} * 1024;

// name: of the file, for messages; folder: that its relative paths start from. Throws Errc::config
// "board.toml:7:3: reason" for text that is too long, too deeply nested, or not TOML. The tree is
// at most 8 levels deep.
[[nodiscard]] Node read_toml(std::string_view text, const std::string &name,
                             const std::string &folder = {});

// One value as it would stand after "key = "; empty if text is not exactly one boolean, number,
// string or array. Never throws on bad text.
[[nodiscard]] std::optional<Node> read_toml_value(std::string_view text, const std::string &where);

}  // namespace flashhost::config
