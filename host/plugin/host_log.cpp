#include "plugin/host_log.hpp"

#include "files/files.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <string_view>
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

std::string_view color_of(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "\033[31m\033[1m";   // bold red
  if (level == spdlog::level::warn) return "\033[33m\033[1m";  // bold yellow
  return "\033[2m";                                            // dark
}

// The start of a line: empty for people, the logger's name from -v on.
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
  HostLog(const std::string &name, spdlog::sink_ptr sink, Verbosity verbosity,
          std::filesystem::path base_folder, std::vector<std::filesystem::path> plugin_folders)
      : logger_(name, std::move(sink)),
        base_folder_(std::move(base_folder)),
        plugin_folders_(std::move(plugin_folders)) {
    logger_.set_level(threshold(verbosity));
    // spdlog's default handler would report to standard error that it cannot write.
    logger_.set_error_handler([](const std::string & /*what*/) {});
  }

  void log(Level level, std::string_view text) noexcept override {
    if (!enabled(level)) return;
    try {
      logger_.log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
    } catch (...) {  // NOLINT(bugprone-empty-catch): it cannot be reported anywhere
    }
  }
  [[nodiscard]] bool enabled(Level level) const noexcept override {
    return logger_.should_log(to_spdlog(level));
  }
  [[nodiscard]] Bytes read_file(const std::string &path) override {
    return files::read_file(base_folder_ / path, files::max_plugins_file_size, Errc::config);
  }
  [[nodiscard]] std::vector<std::string> plugin_folders() const override {
    return {plugin_folders_.begin(), plugin_folders_.end()};
  }

 private:
  spdlog::logger logger_;
  std::filesystem::path base_folder_;
  std::vector<std::filesystem::path> plugin_folders_;
};

}  // namespace

class Log::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(Stream &out, Color color) : out_(out), colored_(is_colored(color, out)) {}

  void set_hook(std::function<void()> hook) {
    const std::scoped_lock lock(mutex_);
    hook_ = std::move(hook);
  }

 private:
  void sink_it_(const spdlog::details::log_msg &message) override {
    if (hook_) hook_();
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string_view line(formatted.data(), formatted.size());
    if (colored_ && message.color_range_end > message.color_range_start) {
      out_.raw(color_of(message.level));
      out_.text(line.substr(0, message.color_range_end));
      out_.raw("\033[m");
      line.remove_prefix(message.color_range_end);
    }
    out_.line(line);
  }
  void flush_() override {}

  Stream &out_;
  bool colored_;
  std::function<void()> hook_;
};

bool is_colored(Color color, const Stream &out) {
  switch (color) {
    case Color::always:
      return true;
    case Color::never:
      return false;
    case Color::automatic:
      break;
  }
  const char *unwanted = std::getenv("NO_COLOR");
  return (unwanted == nullptr || *unwanted == '\0') && out.is_terminal() &&
         spdlog::details::os::is_color_terminal();
}

Log::Log(Verbosity verbosity, Color color, Stream &out)
    : sink_(std::make_shared<Sink>(out, color)), verbosity_(verbosity) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      spdlog::pattern_time_type::local, std::string());  // out_.line ends the line
  formatter->add_flag<Prefix>('*').set_pattern("%^%*%$%v");
  sink_->set_formatter(std::move(formatter));
}

Log::~Log() = default;

std::unique_ptr<Host> Log::host(const std::string &name,
                                std::vector<std::filesystem::path> plugin_folders) const {
  return std::make_unique<HostLog>(name, sink_, verbosity_, base_folder_,
                                   std::move(plugin_folders));
}

void Log::set_base_folder(std::filesystem::path folder) {
  base_folder_ = std::move(folder);
}

void Log::before_line(std::function<void()> hook) {
  sink_->set_hook(std::move(hook));
}

}  // namespace flashhost
