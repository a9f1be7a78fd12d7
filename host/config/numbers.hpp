// What is wrong with a text that is no number.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace flashhost::config {

// Whether text, which may be "5000000000" or "99999MHz", is a number but for being too large:
// whether parse takes it when another number stands there. Digits may be grouped by '_', as in
// TOML.
[[nodiscard]] bool is_too_large(std::string text,
                                const std::function<bool(std::string_view)> &parse);

}  // namespace flashhost::config
