// A device that one program uses at a time: who uses it, and for how long the others have to wait.
#pragma once

#include "files/system.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace flashhost::files {

struct Process {
  pid_t id = 0;
  std::string name;  // of the program; may be empty
};
// "openocd (process 1234)"
[[nodiscard]] std::string to_text(const Process &process);

// A lock on a device file, which all users of the computer share, and containers that see the same
// file. Held as long as the object lives; the system releases it when the process ends, however it
// ends. It keeps nobody from using the device who does not ask for it.
class DeviceLock {
 public:
  DeviceLock() = default;  // of nothing
  // Of a file that cannot be opened or locked there is no lock: the device itself has to refuse its
  // second user then.
  explicit DeviceLock(const std::filesystem::path &device);

  // Who has the lock; empty when this object has it, or when there is none.
  [[nodiscard]] const std::optional<Process> &holder() const { return holder_; }

 private:
  Descriptor device_;
  std::optional<Process> holder_;
};

// A process that has the lock on this file, otherwise another one that has it open, as far as this
// user may see that.
[[nodiscard]] std::optional<Process> user_of(const std::filesystem::path &device);

}  // namespace flashhost::files
