// Gate 2: is the file a plugin, and of which interface version? Reads it; executes nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace flashhost {

// Nothing when file has the section that plugins of this interface version have; otherwise what it
// is instead, as the end of a sentence: "it speaks plugin interface 2, ...".
[[nodiscard]] std::optional<std::string> not_a_plugin(const std::filesystem::path &file);

}  // namespace flashhost
