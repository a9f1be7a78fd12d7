// Whatever is thrown, as an error that is said to people and machines.
#pragma once

#include "json_lines.hpp"
#include "output/stream.hpp"

#include <flashhost/error.hpp>

#include <string>
#include <vector>

namespace flashhost {

// Whether these arguments, without the program's name, ask for --json; also where the rest of them
// is wrong.
[[nodiscard]] bool asks_for_json(const std::vector<std::string> &arguments);

// The text, the hint and where to read more on standard error; json, if there is one, gets the
// error object as its last line. Never throws: where memory has run out, less is said.
void report(const Error &error, JsonLines *json, Stream &standard_error) noexcept;

// Both to be called in a catch block: the exit code for what was caught; report for it.
[[nodiscard]] int caught_exit_code() noexcept;
void report_caught(JsonLines *json, Stream &standard_error) noexcept;

}  // namespace flashhost
