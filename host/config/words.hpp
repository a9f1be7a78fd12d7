// Helpers for the texts of messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flashhost::config {

// The text made harmless, in one line, and cut at 200 bytes.
[[nodiscard]] std::string printable(std::string_view text);
// printable, in double quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);
// `"a", "b" or "c"`
[[nodiscard]] std::string alternatives(const std::vector<std::string> &words);
// `a, b, c`
[[nodiscard]] std::string joined(const std::vector<std::string> &words);
// `; did you mean "speed"?` with the candidate that is similar to word; empty when there is none.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string> &candidates);

}  // namespace flashhost::config
