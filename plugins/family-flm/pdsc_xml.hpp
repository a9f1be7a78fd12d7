// The elements of a .pdsc file as values.
#pragma once

#include "levels.hpp"

#include <pugixml.hpp>

#include <string>
#include <vector>

namespace flashhost::flm {

// What /package/devices has. Numbers that cannot be read become a `problem` of what they belong to,
// so that one odd chip does not make a pack useless. Throws Errc::image beyond Pdsc::max_levels.
[[nodiscard]] std::vector<Level> read_families(const pugi::xml_node &devices);

}  // namespace flashhost::flm
