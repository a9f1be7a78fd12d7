#include "names.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace flashhost::flm {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && begins_with(a, b);
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string result(text.substr(0, longest));
  std::replace_if(result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > longest) result += "...";
  return result;
}

std::string list_of(const std::vector<std::string> &names) {
  constexpr std::size_t most = 10;
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    if (i != 0) list += ", ";
    list += printable(names[i]);
  }
  if (names.size() > most) list += fmt::format(" and {} more", names.size() - most);
  return list;
}

}  // namespace flashhost::flm
