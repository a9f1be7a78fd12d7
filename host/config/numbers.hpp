// Finds out why a text is not accepted as a number.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace flashhost::config {

// Whether text, such as "5000000000" or "99999MHz", is not accepted by parse only because its
// number is too large: parse accepts the same text with 1 as the number. Digits may be grouped by
// '_', as in TOML.
[[nodiscard]] bool is_too_large(std::string text,
                                const std::function<bool(std::string_view)> &parse);

}  // namespace flashhost::config
