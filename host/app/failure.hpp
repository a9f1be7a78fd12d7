// Reports whatever was thrown, to people and to machines.
#pragma once

#include "flash/flash_state.hpp"
#include "json_lines.hpp"
#include "output/stream.hpp"

#include <flashhost/error.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flashhost {

// Whether these arguments (without the program's name) contain --json, even if others are wrong.
[[nodiscard]] bool asks_for_json(const std::vector<std::string> &arguments);

// Where and how a failure is reported.
struct ErrorReport {
  Stream &standard_error;
  JsonLines *json = nullptr;        // if given, gets the error object as its last line
  std::optional<FlashState> flash;  // of runs that use a chip: what became of it is said, too
  bool colored = false;             // the word "error"
};

// Writes the text, the hint, what became of the chip and the page to read to standard error. Never
// throws: when memory has run out, it reports less.
void report(const Error &error, const ErrorReport &to) noexcept;

// For catch blocks: the current exception as an Error. Throws std::bad_alloc when there is no
// memory for that.
[[nodiscard]] Error caught();
// For catch blocks: the exit code of the current exception; report_caught prints it.
[[nodiscard]] int caught_exit_code() noexcept;
void report_caught(const ErrorReport &to) noexcept;

}  // namespace flashhost
