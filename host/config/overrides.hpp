// --set key.path=value
#pragma once

#include "node.hpp"

#include <string>

namespace flashhost::config {

// Puts the value into the tree, as if the board file had it. The path names tables and, for images,
// the number in the list, counted from 0: "transport.speed=1MHz", "image.0.address=0x08004000". The
// value is a TOML boolean, number, string or array; anything else is taken as a text without
// quotes. Throws Errc::usage for what is no key and value, Errc::config where the path leads
// through a value.
void apply_override(Node &root, const std::string &key_and_value);

}  // namespace flashhost::config
