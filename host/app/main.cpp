#include "config/board_file.hpp"
#include "failure.hpp"
#include "flash/stop.hpp"
#include "output/harmless.hpp"
#include "output/lost_output.hpp"
#include "output/standard_streams.hpp"
#include "plugin/guard.hpp"
#include "recorded.hpp"
#include "stop_on_signal.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>
#include <flashhost/plugin.h>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace flashhost;

Verbosity verbosity(const config::Options &options) {
  if (options.quiet) return Verbosity::quiet;
  return options.verbosity == 0   ? Verbosity::normal
         : options.verbosity == 1 ? Verbosity::verbose
                                  : Verbosity::very_verbose;
}

Console::Style style(const config::Options &options, const Stream &standard_error) {
  if (options.quiet || options.json) return Console::Style::silent;
  const char *terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return standard_error.is_terminal() && !dumb ? Console::Style::bar : Console::Style::lines;
}

void run(const Session &session) {
  switch (session.options.verb) {
    case config::Verb::flash:
      return run_flash(session);
    case config::Verb::plan:
      return run_plan(session);
    case config::Verb::verify:
      return run_verify(session);
    case config::Verb::erase:
      return run_erase(session);
    case config::Verb::read:
      return run_read(session);
    case config::Verb::info:
      return run_info(session);
    case config::Verb::reset:
      return run_reset(session);
    case config::Verb::option:
      return run_option(session);
    case config::Verb::protect:
      return run_protect(session);
    case config::Verb::unprotect:
      return run_unprotect(session);
    case config::Verb::list:
      return run_list(session);
    case config::Verb::init:
      return run_init(session);
    case config::Verb::make_new:
      return run_new(session);
    case config::Verb::help:
      return session.out.text(config::help_text());
    case config::Verb::version:
      return session.out.line(
          fmt::format("flashhost {} (plugin interface {})", FLASHHOST_VERSION, FLASHHOST_ABI));
  }
}

// The error of a job that was stopped because its time is over.
Error at_time_limit(const Error &error, const config::Options &options) {
  constexpr std::string_view beginning = "interrupted";
  const std::string text = error.what();
  if (!text.starts_with(beginning)) return error;
  const auto limit = options.timeout.value_or(std::chrono::milliseconds());
  return Error(Errc::time_limit,
               fmt::format("the time limit of {} is over{}", format_duration(limit),
                           text.substr(beginning.size())),
               error.hint().empty() ? "Give it more time: --timeout." : error.hint())
      .see(Cause::interrupted);
}

// Runs on the thread that receives signals, while the main thread may be doing anything. So it has
// streams of its own, which never wait.
void say_interrupted(const config::Options &options, StopReason reason) {
  constexpr std::chrono::milliseconds patience{20};
  Stream out(STDOUT_FILENO, patience);
  Stream err(STDERR_FILENO, patience);
  JsonLines lines(out);
  if (err.is_terminal()) err.text("\n");  // after the bar, or after ^C
  const Error error = interrupted();
  report(reason == StopReason::time_limit ? at_time_limit(error, options) : error,
         {err, options.json ? &lines : nullptr,
          config::uses_chip(options) ? std::optional(FlashState::unchanged) : std::nullopt});
}

// For catch blocks.
void write_caught(JobReport &job, Observer &observer, Stream &err) noexcept {
  if (!job.is_due()) return;
  try {
    job.write_failure(caught(), observer);
  } catch (...) {
    err.line("warning: no report and no timeline of this job: out of memory");
  }
}

int run_verb(const config::Options &options, const std::string &remark, Stream &out, Stream &err,
             JsonLines *json, timeline::Recorder &recorder) {
  const Color color = options.color ? Color::automatic : Color::never;
  Log log(verbosity(options), color, err);
  log.set_base_folder(options.config.value_or("").parent_path());
  const auto host = log.host("flashhost");
  Recorded<Console> console(recorder, *host, err, style(options, err));
  log.before_line([&console] { console.wipe(); });
  JobReport job(options, FLASHHOST_VERSION, recorder);
  Observer &observer = json != nullptr ? static_cast<Observer &>(*json) : console;
  StopOnSignal signals([&options](StopReason reason) { say_interrupted(options, reason); },
                       options.timeout ? std::optional(TimeLimit{*options.timeout}) : std::nullopt,
                       [&observer] { return to_text(observer.flash.freeze()); });
  int code = 0;
  try {
    if (!remark.empty()) observer.message(Level::info, remark);
    run({options, log, out, observer, json != nullptr ? nullptr : &console, json, job,
         signals.token(), [&signals] { signals.begin_work(); }});
    signals.end_work(code);
    throw_if_lost(out);
  } catch (...) {
    console.wipe();
    ErrorReport to{err, json, {}, is_colored(color, err)};
    if (config::uses_chip(options)) to.flash = observer.flash.get();
    if (signals.reason() == StopReason::time_limit) {
      const Error error = at_time_limit(caught(), options);
      code = exit_code(error.code());
      job.write_failure(error, observer);
      signals.end_work(code);
      report(error, to);
    } else {
      code = caught_exit_code();
      write_caught(job, observer, err);
      signals.end_work(code);
      report_caught(to);
    }
  }
  log.before_line({});
  return code;
}

}  // namespace

int main(int argc, char **argv) {
  secure_standard_streams();
  install_terminate_handler();
  Stream out(STDOUT_FILENO);
  Stream err(STDERR_FILENO);
  timeline::Recorder recorder;
  Recorded<JsonLines> lines(recorder, out);
  JsonLines *json = nullptr;
  try {
    const std::vector<std::string> arguments(argv + std::min(1, argc), argv + argc);
    // Errors of the command line are for machines, too.
    if (asks_for_json(arguments)) json = &lines;
    config::Options options = config::parse_command_line(arguments);
    json = options.json ? &lines : nullptr;
    std::string remark;
    if (config::wants_board_file(options)) {
      if (const auto found = config::find_board_file()) {
        options.config = found->file;
        remark = fmt::format("board file: {} (named by {})", harmless(found->file.string()),
                             found->found_by);
      }
    }
    return run_verb(options, remark, out, err, json, recorder);
  } catch (...) {
    report_caught({err, json, {}});
    return caught_exit_code();
  }
}
