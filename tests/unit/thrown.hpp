// What an action throws.
#pragma once

#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace flashhost::bench {

// There must be one.
template <class Action>
[[nodiscard]] Error error_of(const Action &action) {
  try {
    static_cast<void>(action());
  } catch (const Error &error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Errc::internal, "nothing was thrown"};
}

// Its text; it must have that code.
template <class Action>
[[nodiscard]] std::string text_of(Errc code, const Action &action) {
  const Error error = error_of(action);
  EXPECT_EQ(error.code(), code) << error.what();
  return error.what();
}

// The same, and behind " | " what to do about it.
template <class Action>
[[nodiscard]] std::string text_and_hint_of(Errc code, const Action &action) {
  const Error error = error_of(action);
  EXPECT_EQ(error.code(), code) << error.what();
  return std::string(error.what()) + " | " + error.hint();
}

}  // namespace flashhost::bench
