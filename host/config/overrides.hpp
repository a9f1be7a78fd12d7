// What the command line changes in a board file.
#pragma once

#include "node.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flashhost::config {

// Where an image stands that the command line names.
inline constexpr const char *command_line = "command line";

struct Override {
  std::string key;  // table names and, for images, the index from 0: "image.0.address"
  std::optional<std::string> value;  // empty: the key is taken away
  std::string where;                 // "--set transport.speed", "--speed"
  bool is_text = false;  // a string as it stands; otherwise a TOML value, or, where it is none, a
                         // string without quotes
};

// The argument of --set: "transport.speed=1MHz". Errc::usage when it is not key=value.
[[nodiscard]] Override parse_set(const std::string &key_and_value);

// Puts the value into the tree as if the board file contained it. Errc::config when the path leads
// through something that is not a table.
void apply_override(Node &root, const Override &change);

// A file named on the command line, or an address behind it: "app.bin@0x08004000". Relative paths
// start from the current folder.
struct FileArgument {
  std::string file;
  std::optional<std::uint32_t> address;
};
[[nodiscard]] FileArgument parse_file_argument(const std::string &argument);

// The path as a board file has it, where ${ begins a variable.
[[nodiscard]] std::string literal_path(const std::string &path);

// Puts the files in the place of the tree's images. format: of all of them; may be empty.
void replace_images(Node &root, const std::vector<FileArgument> &files, const std::string &format);

}  // namespace flashhost::config
