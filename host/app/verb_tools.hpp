// What the verbs share.
#pragma once

#include "config/config.hpp"
#include "verbs.hpp"

#include <string>

namespace flashhost {

[[nodiscard]] config::Config board(const Surroundings &around);
// The last word of a verb that has no report: JSON event `done`, or a line for people.
void done(const Surroundings &around, const std::string &verb, const std::string &text);

}  // namespace flashhost
