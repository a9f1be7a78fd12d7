// The last line of what a program wrote with --json.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace flashhost::testing {

// Null when it wrote nothing.
[[nodiscard]] inline nlohmann::json last_line(const std::string &out) {
  if (out.empty()) return {};
  return nlohmann::json::parse(out.substr(out.rfind('\n', out.size() - 2) + 1));
}

}  // namespace flashhost::testing
