// The program behind a transport: the probe's server, which the kit starts, kills and starts again.
#pragma once

#include <flashhost/descriptor.hpp>

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::conformance {

// Runs from start to kill or the destructor; ends with the process that started it, too.
class ServerProcess {
 public:
  // command: a program that begins with "." and its arguments are relative to folder, where it
  // runs.
  ServerProcess(std::vector<std::string> command, std::filesystem::path folder);
  ServerProcess(const ServerProcess &) = delete;
  ServerProcess &operator=(const ServerProcess &) = delete;
  ~ServerProcess();

  // Returns when the program has printed a line with "ready". Throws std::runtime_error with what
  // it printed instead, when it ends or does not print that within 20 s.
  void start();
  void start_if_gone();
  void kill();

 private:
  void wait_until_ready();

  std::vector<std::string> command_;
  std::filesystem::path folder_;
  pid_t pid_ = -1;
  Descriptor output_;
};

}  // namespace flashhost::conformance
