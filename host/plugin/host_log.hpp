// Writes messages to a stream, through spdlog, with one logger per plugin. Only the source file of
// this header uses spdlog.
#pragma once

#include "output/stream.hpp"

#include <flashhost/host.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace flashhost {

enum class Verbosity : std::uint8_t {
  quiet,         // warnings and errors
  normal,        // also information for users
  verbose,       // -v: also details for finding a fault, with the plugin's id
  very_verbose,  // -vv: also every call to a plugin
};

enum class Color : std::uint8_t { automatic, always, never };
// automatic: on a terminal that shows colours, unless $NO_COLOR is set (no-color.org).
[[nodiscard]] bool is_colored(Color color, const Stream &out);

// [any thread] main owns the only Log; it is destroyed after everything that logs.
class Log {
 public:
  // out must outlive the Log and every Host that it makes.
  Log(Verbosity verbosity, Color color, Stream &out);
  Log(const Log &) = delete;
  Log &operator=(const Log &) = delete;
  ~Log();

  // A Host whose lines carry this name at -v, with these plugin folders. It uses out, but not the
  // Log.
  [[nodiscard]] std::unique_ptr<Host> host(
      const std::string &name, std::vector<std::filesystem::path> plugin_folders = {}) const;
  // Sets the folder in which relative paths of Host::read_file start (initially the current
  // folder), for every Host made afterwards.
  void set_base_folder(std::filesystem::path folder);
  // Sets a function that is called before each line that is written, for removing a progress bar.
  void before_line(std::function<void()> hook);

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
  Verbosity verbosity_;
  std::filesystem::path base_folder_;
};

}  // namespace flashhost
