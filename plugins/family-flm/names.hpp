// Names that come out of foreign files: compared, and put into messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flashhost::flm {

// Equal in upper or lower case of ASCII letters.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

// For messages: characters beyond printable ASCII become '?', and what is longer than 80 characters
// is cut.
[[nodiscard]] std::string printable(std::string_view text);

// "a, b, c", each printable; of more than ten names the first ones, and how many more there are.
[[nodiscard]] std::string list_of(const std::vector<std::string> &names);

}  // namespace flashhost::flm
