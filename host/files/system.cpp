#include "files/system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <climits>
#include <memory>
#include <utility>

namespace flashhost::files {

namespace {

System &real_system() noexcept {
  static System system;
  return system;
}

System *in_force = nullptr;

}  // namespace

int System::openat(int folder, const char *path, int flags, mode_t mode) {
  return ::openat(folder, path, flags | O_CLOEXEC, mode);
}
ssize_t System::pread(int descriptor, void *out, std::size_t size, off_t offset) {
  return ::pread(descriptor, out, size, offset);
}
ssize_t System::write(int descriptor, const void *data, std::size_t size) {
  return ::write(descriptor, data, size);
}
int System::fstat(int descriptor, struct stat *facts) {
  return ::fstat(descriptor, facts);
}
int System::fstatat(int folder, const char *path, struct stat *facts, int flags) {
  return ::fstatat(folder, path, facts, flags);
}
int System::fsync(int descriptor) {
  return ::fsync(descriptor);
}
int System::ftruncate(int descriptor, off_t size) {
  return ::ftruncate(descriptor, size);
}
int System::fchmod(int descriptor, mode_t mode) {
  return ::fchmod(descriptor, mode);
}
int System::fchown(int descriptor, uid_t owner, gid_t group) {
  return ::fchown(descriptor, owner, group);
}
int System::flock(int descriptor, int operation) {
  return ::flock(descriptor, operation);
}
int System::mkdirat(int folder, const char *path, mode_t mode) {
  return ::mkdirat(folder, path, mode);
}
int System::renameat(int folder, const char *from, const char *to) {
  return ::renameat(folder, from, folder, to);
}
int System::linkat(const char *from, int folder, const char *to) {
  return ::linkat(AT_FDCWD, from, folder, to, AT_SYMLINK_FOLLOW);
}
int System::unlinkat(int folder, const char *path) {
  return ::unlinkat(folder, path, 0);
}

std::string System::readlink(const char *path) {
  std::string text(PATH_MAX, '\0');
  const ssize_t size = ::readlink(path, text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

int System::list(const char *path, std::vector<std::string> &names) {
  const std::unique_ptr<DIR, int (*)(DIR *)> folder(::opendir(path), &::closedir);
  if (folder == nullptr) return -1;
  for (;;) {
    errno = 0;
    const dirent *entry = ::readdir(folder.get());  // NOLINT(concurrency-mt-unsafe): its own DIR
    if (entry == nullptr) return errno == 0 ? 0 : -1;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
}

System &system() noexcept {
  return in_force == nullptr ? real_system() : *in_force;
}

SystemForTest::SystemForTest(System &system) noexcept : before_(std::exchange(in_force, &system)) {}

SystemForTest::~SystemForTest() {
  in_force = before_;
}

}  // namespace flashhost::files
