// A program run to its end, or watched while it runs.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace flashhost::testing {

struct Outcome {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
  long peak_kib = 0;  // of memory in use
};

// Environment: that of the test plus these.
using Environment = std::map<std::string, std::string>;

[[nodiscard]] Outcome run_process(const std::vector<std::string> &command,
                                  const Environment &environment = {});

// watch gets each line of standard output and the process, while it runs.
[[nodiscard]] Outcome run_watched(const std::vector<std::string> &command,
                                  const Environment &environment,
                                  const std::function<void(const std::string &, pid_t)> &watch);

// With standard error on a pseudo terminal of 80 columns; what it showed is in err.
[[nodiscard]] Outcome run_on_terminal(const std::vector<std::string> &command,
                                      const Environment &environment = {});

// Gone with its content at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
  [[nodiscard]] const std::filesystem::path &path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace flashhost::testing
