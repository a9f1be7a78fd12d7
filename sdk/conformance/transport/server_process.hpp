// The probe's server, which the kit starts, kills and starts again.
#pragma once

#include <flashhost/descriptor.hpp>

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::conformance {

// Runs until kill or the destructor; also ends when the process that started it ends.
class ServerProcess {
 public:
  // command: run in folder. If the program's name begins with ".", it is relative to folder.
  ServerProcess(std::vector<std::string> command, std::filesystem::path folder);
  ServerProcess(const ServerProcess &) = delete;
  ServerProcess &operator=(const ServerProcess &) = delete;
  ~ServerProcess();

  // Returns when the program has printed a line with "ready". If it ends before that or takes more
  // than 20 s, throws std::runtime_error with what it printed.
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
