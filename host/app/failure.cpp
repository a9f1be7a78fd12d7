#include "failure.hpp"

#include <algorithm>
#include <new>
#include <string_view>

namespace flashhost {

namespace {

constexpr std::string_view indent = "       ";

// Indents all lines but the first. The program's own errors have several lines when they show the
// core's registers; text from outside could use newlines to look like another message.
void print_text(Stream &out, std::string_view first, std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out.line(std::string(begin == 0 ? first : indent).append(text, begin, end - begin));
    begin = end + 1;
  }
}

// Allocates nothing.
void say_out_of_memory(const ErrorReport &to) noexcept {
  to.standard_error.line("error: out of memory");
  if (!to.flash) return;
  to.standard_error.text(indent);
  to.standard_error.line(to_text(*to.flash));
}

}  // namespace

Error caught() {
  try {
    throw;
  } catch (const Error &error) {
    return error;
  } catch (const std::bad_alloc &) {
    return {Errc::internal, "out of memory",
            "The system, or a limit set for this program (ulimit -v), gives no more memory. End "
            "other programs or raise the limit; if neither helps, report it with the output of "
            "-vv."};
  } catch (const std::exception &error) {
    return {Errc::internal, error.what(),
            "This is a bug. Please report it with the output of -vv."};
  } catch (...) {
    return {Errc::internal, "an exception that is not a std::exception was thrown",
            "This is a bug. Please report it with the output of -vv."};
  }
}

bool asks_for_json(const std::vector<std::string> &arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

void report(const Error &error, const ErrorReport &to) noexcept {
  Stream &err = to.standard_error;
  try {
    if (to.json != nullptr) to.json->error(error);
  } catch (...) {
    to.json->out_of_memory(exit_code(error.code()));
  }
  try {
    if (to.colored) err.raw("\x1b[31m\x1b[1merror:\x1b[0m ");
    print_text(err, to.colored ? "" : "error: ", error.what());
    if (!error.hint().empty()) print_text(err, indent, error.hint());
    if (to.flash) print_text(err, indent, to_text(*to.flash));
    const std::string page = where_to_read(error.cause());
    if (!page.empty()) print_text(err, indent, page);
  } catch (...) {
    say_out_of_memory(to);
  }
}

int caught_exit_code() noexcept {
  try {
    throw;
  } catch (const Error &error) {
    return exit_code(error.code());
  } catch (...) {
    return exit_code(Errc::internal);
  }
}

void report_caught(const ErrorReport &to) noexcept {
  try {
    report(caught(), to);
  } catch (...) {
    if (to.json != nullptr) to.json->out_of_memory(exit_code(Errc::internal));
    say_out_of_memory(to);
  }
}

}  // namespace flashhost
