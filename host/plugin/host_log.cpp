#include "plugin/host_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace flashhost {

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

spdlog::level::level_enum threshold(Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::quiet:
      return spdlog::level::warn;
    case Verbosity::normal:
      return spdlog::level::info;
    case Verbosity::verbose:
      return spdlog::level::debug;
    case Verbosity::very_verbose:
      break;
  }
  return spdlog::level::trace;
}

spdlog::color_mode to_spdlog(Color color) {
  switch (color) {
    case Color::always:
      return spdlog::color_mode::always;
    case Color::never:
      return spdlog::color_mode::never;
    case Color::automatic:
      break;
  }
  return spdlog::color_mode::automatic;
}

// What stands before a line: nothing for people, the logger's name for those who look for a fault.
class Prefix : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg &message, const std::tm & /*time*/,
              spdlog::memory_buf_t &out) override {
    const auto append = [&out](std::string_view text) {
      out.append(text.data(), text.data() + text.size());
    };
    if (message.level >= spdlog::level::err) {
      append("error: ");
    } else if (message.level == spdlog::level::warn) {
      append("warning: ");
    } else if (message.level <= spdlog::level::debug) {
      append("[");
      append({message.logger_name.data(), message.logger_name.size()});
      append("] ");
    }
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Prefix>();
  }
};

class HostLog : public Host {
 public:
  HostLog(const std::string &name, spdlog::sink_ptr sink, Verbosity verbosity)
      : logger_(name, std::move(sink)) {
    logger_.set_level(threshold(verbosity));
    logger_.flush_on(spdlog::level::trace);
  }

  void log(Level level, std::string_view text) noexcept override {
    if (!enabled(level)) return;
    try {
      // A plugin's text may hold what a device sent: no control character reaches the terminal.
      std::string line(text);
      std::replace_if(
          line.begin(), line.end(),
          [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; }, ' ');
      logger_.log(to_spdlog(level), spdlog::string_view_t(line));
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is nowhere left to say it
    }
  }
  [[nodiscard]] bool enabled(Level level) const noexcept override {
    return logger_.should_log(to_spdlog(level));
  }

 private:
  spdlog::logger logger_;
};

using Terminal = spdlog::sinks::ansicolor_stderr_sink<spdlog::details::console_mutex>;

}  // namespace

class Log::Sink : public Terminal {
 public:
  explicit Sink(spdlog::color_mode mode) : Terminal(mode) {}

  void log(const spdlog::details::log_msg &message) override {
    {
      const std::scoped_lock lock(mutex_);
      if (hook_) hook_();
    }
    Terminal::log(message);
  }
  void set_hook(std::function<void()> hook) {
    const std::scoped_lock lock(mutex_);
    hook_ = std::move(hook);
  }

 private:
  std::mutex mutex_;
  std::function<void()> hook_;
};

Log::Log(Verbosity verbosity, Color color)
    : sink_(std::make_shared<Sink>(to_spdlog(color))), verbosity_(verbosity) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<Prefix>('*').set_pattern("%^%*%$%v");
  sink_->set_formatter(std::move(formatter));
  sink_->set_color(spdlog::level::trace, sink_->dark);
  sink_->set_color(spdlog::level::debug, sink_->dark);
}

Log::~Log() = default;

std::unique_ptr<Host> Log::host(const std::string &name) const {
  return std::make_unique<HostLog>(name, sink_, verbosity_);
}

void Log::before_line(std::function<void()> hook) {
  sink_->set_hook(std::move(hook));
}

}  // namespace flashhost
