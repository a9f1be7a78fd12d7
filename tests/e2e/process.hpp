// A program run to its end, or watched while it runs.
#pragma once

#include "temporary_folder.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
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
  double processor_seconds = 0;
};

// Environment: that of the test plus these.
using Environment = std::map<std::string, std::string>;

[[nodiscard]] Outcome run_process(const std::vector<std::string> &command,
                                  const Environment &environment = {});

// Gets each line of the program's output, and the process, while it runs.
using Watch = std::function<void(const std::string &, pid_t)>;

[[nodiscard]] Outcome run_watched(const std::vector<std::string> &command,
                                  const Environment &environment, const Watch &watch);

// With standard error on a pseudo terminal of 80 columns; what it showed is in err.
[[nodiscard]] Outcome run_on_terminal(const std::vector<std::string> &command,
                                      const Environment &environment = {});

// Where a standard stream of the program leads to.
enum class Where : std::uint8_t {
  pipe,       // which the test reads
  unread,     // a pipe that nobody reads, but somebody could
  no_reader,  // a pipe whose reader has gone
  full,       // a disk without room
  terminal,   // of 80 columns
  closed,
};

// How a program is started, where that is not as usual.
struct Start {
  Where out = Where::pipe;
  Where err = Where::pipe;
  bool input_closed = false;
  std::vector<int> ignored;  // signals, as nohup and background jobs have it
  std::size_t memory = 0;    // bytes of address space; 0: no limit
  std::string hang_up_at;    // once this was seen, the stream that said it loses its reader
  bool controlling_terminal = false;  // standard error is that: hanging up sends SIGHUP
};

[[nodiscard]] Outcome run_started(const Start &start, const std::vector<std::string> &command,
                                  const Environment &environment, const Watch &watch = {});

using TemporaryDirectory = bench::TemporaryFolder;

}  // namespace flashhost::testing
