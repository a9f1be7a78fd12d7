// What a plugin, or a chip model, may be called: it becomes part of a file's name.
#pragma once

#include <string_view>

namespace flashhost {

inline constexpr std::string_view plugin_id_rule =
    "An id is made of a-z, 0-9, '_' and '-', starts with a letter or digit, and has at most 64 "
    "characters.";

[[nodiscard]] bool valid_plugin_id(std::string_view id);

}  // namespace flashhost
