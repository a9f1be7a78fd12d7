#include "words.hpp"

#include "output/harmless.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <cstddef>

namespace flashhost::config {

namespace {

constexpr std::size_t longest_shown = 200;

}  // namespace

std::string printable(std::string_view text) {
  const std::string_view shown = cut(text, longest_shown);
  return harmless(shown) + (shown.size() < text.size() ? "..." : "");
}

std::string in_quotes(std::string_view text) {
  return '"' + printable(text) + '"';
}

std::string alternatives(const std::vector<std::string> &words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += in_quotes(words[i]);
  }
  return text;
}

std::string joined(const std::vector<std::string> &words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string> &candidates) {
  const auto best = nearest(word, candidates);
  return best ? "; did you mean " + in_quotes(*best) + "?" : std::string();
}

}  // namespace flashhost::config
