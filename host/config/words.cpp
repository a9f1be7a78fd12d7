#include "words.hpp"

#include "output/harmless.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace flashhost::config {

namespace {

constexpr std::size_t longest_shown = 200;

// Edit distance; swapping two adjacent letters counts as one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

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
  constexpr std::size_t longest_word = 64;
  if (word.size() > longest_word) return {};
  const std::string *best = nullptr;
  std::size_t best_distance = 1 + std::max<std::size_t>(1, word.size() / 3);
  for (const std::string &candidate : candidates) {
    const std::size_t edits = distance(word, candidate);
    if (edits < best_distance && edits < candidate.size()) {
      best = &candidate;
      best_distance = edits;
    }
  }
  return best == nullptr ? std::string() : "; did you mean " + in_quotes(*best) + "?";
}

}  // namespace flashhost::config
