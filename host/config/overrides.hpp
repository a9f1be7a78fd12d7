// --set key.path=value
#pragma once

#include "node.hpp"

#include <string>

namespace flashhost::config {

// Puts the value into the tree as if the board file contained it. The path consists of table names
// and, for images, the index from 0: "transport.speed=1MHz", "image.0.address=0x08004000". The
// value is a TOML boolean, number, string or array; anything else is taken as a string without
// quotes. Errc::usage when it is not key=value, Errc::config when the path leads through something
// that is not a table.
void apply_override(Node &root, const std::string &key_and_value);

}  // namespace flashhost::config
