#include "failing_files.hpp"

#include <cerrno>

namespace flashhost::testing {

namespace {

int error_of(FileFault fault) {
  switch (fault) {
    case FileFault::eacces:
      return EACCES;
    case FileFault::enospc:
      return ENOSPC;
    case FileFault::emfile:
      return EMFILE;
    case FileFault::enoent:
      return ENOENT;
    case FileFault::eloop:
      return ELOOP;
    case FileFault::eintr:
      return EINTR;
    default:
      return EIO;
  }
}

}  // namespace

template <class Call>
auto FailingFiles::attempt(const Call &call) -> decltype(call()) {
  if (crashed_) {
    errno = EIO;
    return -1;
  }
  if (++calls_ != failing_ || fault_ == FileFault::half) return call();
  crashed_ = fault_ == FileFault::crash_before || fault_ == FileFault::crash_after;
  if (fault_ == FileFault::crash_after) static_cast<void>(call());
  errno = error_of(fault_);
  return -1;
}

template <class Call>
ssize_t FailingFiles::attempt(std::size_t size, const Call &call) {
  const bool half = fault_ == FileFault::half && calls_ + 1 == failing_ && size > 1;
  return attempt([&] { return call(half ? size / 2 : size); });
}

int FailingFiles::openat(int folder, const char *path, int flags, mode_t mode) {
  return attempt([&] { return System::openat(folder, path, flags, mode); });
}
ssize_t FailingFiles::pread(int descriptor, void *out, std::size_t size, off_t offset) {
  return attempt(size,
                 [&](std::size_t part) { return System::pread(descriptor, out, part, offset); });
}
ssize_t FailingFiles::write(int descriptor, const void *data, std::size_t size) {
  return attempt(size, [&](std::size_t part) { return System::write(descriptor, data, part); });
}
int FailingFiles::fstat(int descriptor, struct stat *facts) {
  return attempt([&] { return System::fstat(descriptor, facts); });
}
int FailingFiles::fstatat(int folder, const char *path, struct stat *facts, int flags) {
  return attempt([&] { return System::fstatat(folder, path, facts, flags); });
}
int FailingFiles::fsync(int descriptor) {
  return attempt([&] { return System::fsync(descriptor); });
}
int FailingFiles::ftruncate(int descriptor, off_t size) {
  return attempt([&] { return System::ftruncate(descriptor, size); });
}
int FailingFiles::fchmod(int descriptor, mode_t mode) {
  return attempt([&] { return System::fchmod(descriptor, mode); });
}
int FailingFiles::fchown(int descriptor, uid_t owner, gid_t group) {
  return attempt([&] { return System::fchown(descriptor, owner, group); });
}
int FailingFiles::flock(int descriptor, int operation) {
  return attempt([&] { return System::flock(descriptor, operation); });
}
int FailingFiles::mkdirat(int folder, const char *path, mode_t mode) {
  return attempt([&] { return System::mkdirat(folder, path, mode); });
}
int FailingFiles::renameat(int folder, const char *from, const char *to) {
  return attempt([&] { return System::renameat(folder, from, to); });
}
int FailingFiles::linkat(const char *from, int folder, const char *to) {
  return attempt([&] { return System::linkat(from, folder, to); });
}
int FailingFiles::unlinkat(int folder, const char *path) {
  return attempt([&] { return System::unlinkat(folder, path); });
}
int FailingFiles::list(const char *path, std::vector<std::string> &names) {
  return attempt([&] { return System::list(path, names); });
}

}  // namespace flashhost::testing
