#pragma once

#include <flashhost/error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

namespace flashhost::fuzz {

// Defined by each fuzz target: handles the input, aborts when a check of its own fails, and says
// what came of the input. run_corpus compares that with what is expected of the corpus.
[[nodiscard]] std::string outcome_of(std::span<const std::uint8_t> input);

inline void check(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

inline bool is_clean(const std::string &text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// Whatever a file contains, its error is one short line of text.
inline void check_message(const Error &error) {
  const std::string what = error.what();
  check(!what.empty() && what.size() < 2000, "the message is not empty and not long");
  check(is_clean(what) && is_clean(error.hint()), "the message has no control characters");
}

}  // namespace flashhost::fuzz
