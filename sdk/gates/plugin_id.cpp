#include "gates/plugin_id.hpp"

#include <algorithm>

namespace flashhost {

bool valid_plugin_id(std::string_view id) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= 64 && plain(id.front()) &&
         std::all_of(id.begin(), id.end(),
                     [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

}  // namespace flashhost
