#include "consent.hpp"

#include "flash/stop.hpp"
#include "output/harmless.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace flashhost {

namespace {

// One line of standard input, or what there is before its end; nothing when that is nothing. Ends
// early when a stop is asked for.
std::optional<std::string> answer(const std::stop_token &stop) {
  constexpr int pause_ms = 100;
  std::string text;
  for (;;) {
    throw_if_stopped(stop);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, pause_ms) <= 0) continue;
    char c = 0;
    const bool ended = read(STDIN_FILENO, &c, 1) != 1;
    if (ended && text.empty()) return std::nullopt;
    if (ended || c == '\n') return text;
    text += c;
  }
}

bool on_terminal() {
  return isatty(STDIN_FILENO) != 0 && Stream(STDERR_FILENO).is_terminal();
}

bool can_ask(const Session &session) {
  return session.json == nullptr && !session.options.quiet && on_terminal();
}

const char *why_not() {
  return on_terminal() ? "nothing is asked with --json or -q"
                       : "there is no terminal to ask on";
}

void show(const Session &session, const std::string &text) {
  if (session.console != nullptr) session.console->wipe();
  Stream(STDERR_FILENO).text(text);
}

std::string without_spaces_around(const std::string &text) {
  constexpr const char *spaces = " \t\r";
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) + 1 - first);
}

std::optional<std::size_t> place_of(const std::string &text,
                                    const std::vector<std::string> &choices) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const bool is_name = text.size() == choices[i].size() && begins_with(choices[i], text);
    if (is_name || text == std::to_string(i + 1)) return i;
  }
  return std::nullopt;
}

}  // namespace

void require_consent(const Session &session, const std::string &question) {
  if (session.options.yes) return;
  if (!can_ask(session)) {
    throw Error(Errc::usage, fmt::format("this needs your consent, and {}", why_not()),
                "--yes gives it.");
  }
  show(session, question + " [y/N] ");
  std::string text = answer(session.stop).value_or("");
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "y" || text == "yes") return;
  throw Error(Errc::refused, "not confirmed");
}

void require_answers(const Session &session) {
  if (session.options.yes || can_ask(session)) return;
  throw Error(Errc::usage, fmt::format("this asks questions, and {}", why_not()),
              "--yes asks nothing and takes what is found; options such as "
              "--probe and --chip say more.");
}

std::string ask(const Session &session, const std::string &question, const std::string &proposal) {
  if (session.options.yes) return proposal;
  show(session, fmt::format("{}{}: ", question,
                            proposal.empty() ? "" : fmt::format(" [{}]", harmless(proposal))));
  const auto text = answer(session.stop);
  if (!text) throw Error(Errc::refused, "not answered");
  const std::string words = without_spaces_around(*text);
  return words.empty() ? proposal : words;
}

std::size_t ask_which(const Session &session, const std::string &question,
                      const std::vector<std::string> &choices, Proposal proposal) {
  if (session.options.yes) return 0;
  std::string list;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    list += fmt::format("{:>4}  {}\n", i + 1, harmless(choices[i]));
  }
  show(session, list);
  for (;;) {
    const std::string text = ask(session, question, proposal == Proposal::first ? "1" : "");
    if (const auto place = place_of(text, choices)) return *place;
    show(session, fmt::format("Answer with a number from 1 to {}.\n", choices.size()));
  }
}

}  // namespace flashhost
