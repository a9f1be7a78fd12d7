// A timeline as a file: JSON for programs, SVG to look at. docs/timeline.md
#pragma once

#include "timeline.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace flashhost::timeline {

// The object `timeline` of docs/json.schema.json, without what only the caller knows.
[[nodiscard]] nlohmann::json to_json(const Timeline &timeline, const About &about);
// A picture of itself: no scripts, nothing from elsewhere.
[[nodiscard]] std::string to_svg(const Timeline &timeline, const About &about);

}  // namespace flashhost::timeline
