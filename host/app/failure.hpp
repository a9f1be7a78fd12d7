// Reports whatever was thrown, to people and to machines.
#pragma once

#include "json_lines.hpp"
#include "output/stream.hpp"

#include <flashhost/error.hpp>

#include <string>
#include <vector>

namespace flashhost {

// Whether these arguments (without the program's name) contain --json, even if others are wrong.
[[nodiscard]] bool asks_for_json(const std::vector<std::string> &arguments);

// colored: the word "error". Writes the text, the hint and the page to read to standard error.
// json, if given, gets the error object as its last line. Never throws: when memory has run out, it
// reports less.
void report(const Error &error, JsonLines *json, Stream &standard_error,
            bool colored = false) noexcept;

// For catch blocks: the current exception as an Error. Throws std::bad_alloc when there is no
// memory for that.
[[nodiscard]] Error caught();
// For catch blocks: the exit code of the current exception; report_caught prints it.
[[nodiscard]] int caught_exit_code() noexcept;
void report_caught(JsonLines *json, Stream &standard_error, bool colored = false) noexcept;

}  // namespace flashhost
