// Where messages go: to a stream, through spdlog. One logger per plugin; nothing outside this
// file's source knows spdlog.
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
  normal,        // and what people want to know
  verbose,       // -v: and what helps to find a fault, with the plugin's id
  very_verbose,  // -vv: and every call to a plugin
};

enum class Color : std::uint8_t { automatic, always, never };

// [any thread] main owns the one Log; it dies after everything that logs.
class Log {
 public:
  // out outlives it and every Host that it makes.
  Log(Verbosity verbosity, Color color, Stream &out);
  Log(const Log &) = delete;
  Log &operator=(const Log &) = delete;
  ~Log();

  // A Host whose lines carry this name at -v, and which knows these plugin folders. Needs out, but
  // not this object.
  [[nodiscard]] std::unique_ptr<Host> host(
      const std::string &name, std::vector<std::filesystem::path> plugin_folders = {}) const;
  // Where the relative paths of Host::read_file start; the current folder until it is called. For
  // every Host made afterwards.
  void set_base_folder(std::filesystem::path folder);
  // Called before each line that is written: whoever draws a progress bar wipes it here.
  void before_line(std::function<void()> hook);

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
  Verbosity verbosity_;
  std::filesystem::path base_folder_;
};

}  // namespace flashhost
