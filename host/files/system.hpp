// The system calls that touch files: every one that this program makes is made here, so that tests
// can make each of them fail.
#pragma once

#include <flashhost/descriptor.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

namespace flashhost::files {

// Each function is named after its call, and answers like it: -1 with the reason in errno. Those
// that a signal can interrupt are tried again by the callers. folder: a descriptor, or AT_FDCWD.
// [any thread]
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
  [[nodiscard]] virtual int fchmod(int descriptor, mode_t mode);
  [[nodiscard]] virtual int fchown(int descriptor, uid_t owner, gid_t group);
  [[nodiscard]] virtual int flock(int descriptor, int operation);
  [[nodiscard]] virtual int mkdirat(int folder, const char *path, mode_t mode);
  [[nodiscard]] virtual int renameat(int folder, const char *from, const char *to);
  // from may be a link in /proc/self/fd, for a file that has no name yet.
  [[nodiscard]] virtual int linkat(const char *from, int folder, const char *to);
  [[nodiscard]] virtual int unlinkat(int folder, const char *path);
  // opendir, readdir and closedir in one: the names in a folder but . and .., in no order.
  [[nodiscard]] virtual int list(const char *path, std::vector<std::string> &names);
};

// The one in force.
[[nodiscard]] System &system() noexcept;

// Puts another one in force for the life of this object; for tests. [one thread]
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

// Does call until no signal interrupts it.
template <class Call>
auto retry(const Call &call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace flashhost::files
