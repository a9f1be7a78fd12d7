#include "consent.hpp"

#include "flash/stop.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

namespace flashhost {

namespace {

// One line of standard input; ends early at its end, and when a stop is asked for.
std::string answer(const std::stop_token &stop) {
  constexpr int pause_ms = 100;
  std::string text;
  for (;;) {
    throw_if_stopped(stop);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, pause_ms) <= 0) continue;
    char c = 0;
    if (read(STDIN_FILENO, &c, 1) != 1 || c == '\n') return text;
    text += c;
  }
}

}  // namespace

void require_consent(const Session &session, const std::string &question) {
  if (session.options.yes) return;
  Stream err(STDERR_FILENO);
  const bool on_terminal = isatty(STDIN_FILENO) != 0 && err.is_terminal();
  if (session.json != nullptr || session.options.quiet || !on_terminal) {
    throw Error(Errc::usage,
                fmt::format("this needs your consent, and {}",
                            on_terminal ? "nothing is asked with --json or -q"
                                        : "there is no terminal to ask on"),
                "--yes gives it.");
  }
  if (session.console != nullptr) session.console->wipe();
  err.text(question + " [y/N] ");
  std::string text = answer(session.stop);
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "y" || text == "yes") return;
  throw Error(Errc::refused, "not confirmed");
}

}  // namespace flashhost
