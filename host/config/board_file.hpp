// The board file, and what it includes, as one tree.
#pragma once

#include "node.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::config {

// What `include` is called in a board file.
inline constexpr const char *include_key = "include";

struct BoardFile {
  Node tree;                                 // its root's `where` is the name of the file
  std::vector<std::filesystem::path> files;  // that were read
};

// Reads the file and, first, the files that its `include` names: what a file says counts more than
// what it includes, and a later include more than an earlier one. Tables are merged key by key;
// anything else, also the list of images, is taken as a whole. Errc::config as read_toml, for a
// file that cannot be read, and for files that include each other.
[[nodiscard]] BoardFile read_board_file(const std::filesystem::path &file);

// The board file of a folder.
inline constexpr const char *default_board_file = "board.toml";

// The board file that is used when the command line names none, and what names it.
struct FoundBoardFile {
  std::filesystem::path file;
  std::string found_by;  // for messages: "$FLASHHOST_CONFIG", "the current folder"
};
// The file that $FLASHHOST_CONFIG names, otherwise board.toml in the current folder, otherwise
// none.
[[nodiscard]] std::optional<FoundBoardFile> find_board_file();

}  // namespace flashhost::config
