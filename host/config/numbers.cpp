#include "numbers.hpp"

#include <algorithm>

namespace flashhost::config {

bool is_too_large(std::string text, const std::function<bool(std::string_view)> &parse) {
  std::erase(text, '_');
  if (parse(text)) return false;
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const std::size_t begin = hexadecimal ? 2 : 0;
  const auto *const digits = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
  const std::size_t end = std::min(text.size(), text.find_first_not_of(digits, begin));
  const bool is_zero = text.find_first_not_of('0', begin) >= end;  // also true without any digit
  if (is_zero) return false;
  return parse(text.replace(begin, end - begin, "1"));
}

}  // namespace flashhost::config
