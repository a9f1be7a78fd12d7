// The system calls on files. The program makes all of them here, so that tests can make each one
// fail.
#pragma once

#include <flashhost/descriptor.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

namespace flashhost::files {

// Each function is named after its system call and returns the same: -1 with the reason in errno.
// Callers repeat those that a signal can interrupt. folder: a descriptor, or AT_FDCWD. [any thread]
class System {
 public:
  System() = default;
  System(const System &) = delete;
  System &operator=(const System &) = delete;
  virtual ~System() = default;

  // Always with O_CLOEXEC.
  [[nodiscard]] virtual int openat(int folder, const char *path, int flags, mode_t mode);
  [[nodiscard]] virtual ssize_t pread(int descriptor, void *out, std::size_t size, off_t offset);
  [[nodiscard]] virtual ssize_t write(int descriptor, const void *data, std::size_t size);
  [[nodiscard]] virtual int fstat(int descriptor, struct stat *facts);
  [[nodiscard]] virtual int fstatat(int folder, const char *path, struct stat *facts, int flags);
  [[nodiscard]] virtual int fsync(int descriptor);
  [[nodiscard]] virtual int ftruncate(int descriptor, off_t size);
  [[nodiscard]] virtual int fchmod(int descriptor, mode_t mode);
  [[nodiscard]] virtual int fchown(int descriptor, uid_t owner, gid_t group);
  [[nodiscard]] virtual int flock(int descriptor, int operation);
  [[nodiscard]] virtual int mkdirat(int folder, const char *path, mode_t mode);
  [[nodiscard]] virtual int renameat(int folder, const char *from, const char *to);
  // from may be a link in /proc/self/fd, for a file that has no name yet.
  [[nodiscard]] virtual int linkat(const char *from, int folder, const char *to);
  [[nodiscard]] virtual int unlinkat(int folder, const char *path);
  // The text of a symbolic link; empty when it cannot be read.
  [[nodiscard]] virtual std::string readlink(const char *path);
  // opendir, readdir and closedir in one: the names in a folder except . and .., in any order.
  [[nodiscard]] virtual int list(const char *path, std::vector<std::string> &names);
};

// The System that is in use.
[[nodiscard]] System &system() noexcept;

// Replaces the System in use while this object lives; for tests. [one thread]
class SystemForTest {
 public:
  explicit SystemForTest(System &system) noexcept;
  SystemForTest(const SystemForTest &) = delete;
  SystemForTest &operator=(const SystemForTest &) = delete;
  ~SystemForTest();

 private:
  System *before_;
};

using flashhost::Descriptor;

// Repeats the call as long as a signal interrupts it.
template <class Call>
auto retry(const Call &call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace flashhost::files
