// The program that sees the virtual bus.
#pragma once

#include <flashhost/descriptor.hpp>

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace virtual_usb {

class Child {
 public:
  // Searches PATH. Throws std::runtime_error when it cannot be started. While it runs, SIGINT and
  // SIGQUIT, which a terminal sends to both, are left to it, and SIGTERM and SIGHUP are handed on.
  explicit Child(const std::vector<std::string> &command);
  ~Child();
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;

  // Its exit code once it has ended, 128 + signal when a signal ended it.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds time);

 private:
  pid_t pid_ = -1;
  flashhost::Descriptor handle_;  // readable once it has ended
};

}  // namespace virtual_usb
