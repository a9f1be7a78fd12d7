#include "plugin/guard.hpp"
#include "stop_on_signal.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>
#include <flashhost/plugin.h>

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>

namespace {

using namespace flashhost;

Verbosity verbosity(const config::Options &options) {
  if (options.quiet) return Verbosity::quiet;
  return options.verbosity == 0   ? Verbosity::normal
         : options.verbosity == 1 ? Verbosity::verbose
                                  : Verbosity::very_verbose;
}

Console::Style style(const config::Options &options) {
  if (options.quiet) return Console::Style::silent;
  const char *terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return ::isatty(STDERR_FILENO) != 0 && !dumb ? Console::Style::bar : Console::Style::lines;
}

void report(const Error &error, JsonLines *json) {
  if (json != nullptr) json->error(error);
  fmt::print(stderr, "error: {}\n", error.what());
  if (!error.hint().empty()) fmt::print(stderr, "       {}\n", error.hint());
  const std::string page = where_to_read(error.cause());
  if (!page.empty()) fmt::print(stderr, "       {}\n", page);
}

void run(const Surroundings &around) {
  switch (around.options.verb) {
    case config::Verb::flash:
      return run_flash(around);
    case config::Verb::plan:
      return run_plan(around);
    case config::Verb::verify:
      return run_verify(around);
    case config::Verb::erase:
      return run_erase(around);
    case config::Verb::read:
      return run_read(around);
    case config::Verb::info:
      return run_info(around);
    case config::Verb::reset:
      return run_reset(around);
    case config::Verb::list:
      return run_list(around);
    case config::Verb::help:
    case config::Verb::version:
      break;
  }
}

int run_verb(const config::Options &options) {
  const StopOnSignal signals;
  Log log(verbosity(options), options.color ? Color::automatic : Color::never);
  const auto host = log.host("flashhost");
  std::optional<JsonLines> json;
  if (options.json) json.emplace(stdout);
  Console console(*host, stderr, options.json ? Console::Style::silent : style(options));
  log.before_line([&console] { console.wipe(); });
  Observer &observer = json ? static_cast<Observer &>(*json) : console;
  int code = 0;
  try {
    run({options, log, observer, json ? nullptr : &console, json ? &*json : nullptr,
         signals.token()});
  } catch (const Error &error) {
    console.wipe();
    report(error, json ? &*json : nullptr);
    code = exit_code(error.code());
  }
  log.before_line({});
  return code;
}

}  // namespace

int main(int argc, char **argv) {
  // A reader that goes away must not leave the target half-written.
  std::signal(SIGPIPE, SIG_IGN);
  install_terminate_handler();
  try {
    const config::Options options = config::parse_command_line({argv + 1, argv + argc});
    if (options.verb == config::Verb::help) {
      fmt::print("{}", config::help_text());
      return 0;
    }
    if (options.verb == config::Verb::version) {
      fmt::print("flashhost {} (plugin interface {})\n", FLASHHOST_VERSION, FLASHHOST_ABI);
      return 0;
    }
    return run_verb(options);
  } catch (const Error &error) {
    report(error, nullptr);
    return exit_code(error.code());
  } catch (const std::exception &error) {
    report(
        {Errc::internal, error.what(), "This is a bug. Please report it with the output of -vv."},
        nullptr);
    return exit_code(Errc::internal);
  }
}
