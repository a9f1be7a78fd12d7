// For LD_PRELOAD: libc's functions on open files, and those that open them; one of their calls
// fails (fault.hpp says which). What one function of libc calls inside of another does not come by
// here: fopen and opendir stand for their own system calls.
#include "interpose.hpp"

#include <dirent.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace failing_calls {
namespace {

unsigned traits_of_opening(int flags) {
  if ((flags & O_CREAT) != 0) return opens | changes | grows | waits;
  return opens | looks | waits | ((flags & O_ACCMODE) == O_RDONLY ? 0U : changes);
}

unsigned traits_of_opening(const char *mode) {
  return *mode == 'r' ? traits_of_opening(std::strchr(mode, '+') != nullptr ? O_RDWR : O_RDONLY)
                      : traits_of_opening(O_WRONLY | O_CREAT);
}

template <class Real>
int open_at(const char *function, int folder, const char *path, int flags, const Real &real) {
  return at_path(function, traits_of_opening(flags), folder, path, real);
}

template <class Real>
std::FILE *open_stream(const char *function, const char *path, const char *mode, const Real &real) {
  const Verdict verdict = judge(function, traits_of_opening(mode) | named, path_at(AT_FDCWD, path));
  return obey(verdict, static_cast<std::FILE *>(nullptr), [&] { return real(path, mode); });
}

template <class Real>
auto read_folder(const char *function, DIR *folder, const Real &real) -> decltype(real(folder)) {
  const Verdict verdict = judge(function, 0, path_of(::dirfd(folder)));
  return obey(verdict, decltype(real(folder)){nullptr}, [&] { return real(folder); });
}

}  // namespace
}  // namespace failing_calls

using namespace failing_calls;

// The mode is there only if something may be created.
#define MODE(flags)                                         \
  mode_t mode = 0;                                          \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {             \
    va_list rest;                                           \
    va_start(rest, flags);                                  \
    mode = static_cast<mode_t>(va_arg(rest, unsigned int)); \
    va_end(rest);                                           \
  }

PUBLIC int open(const char *path, int flags, ...) {
  REAL(open);
  MODE(flags)
  return open_at("open", AT_FDCWD, path, flags, [&] { return real(path, flags, mode); });
}

PUBLIC int open64(const char *path, int flags, ...) {
  REAL(open64);
  MODE(flags)
  return open_at("open64", AT_FDCWD, path, flags, [&] { return real(path, flags, mode); });
}

PUBLIC int openat(int folder, const char *path, int flags, ...) {
  REAL(openat);
  MODE(flags)
  return open_at("openat", folder, path, flags, [&] { return real(folder, path, flags, mode); });
}

PUBLIC int openat64(int folder, const char *path, int flags, ...) {
  REAL(openat64);
  MODE(flags)
  return open_at("openat64", folder, path, flags, [&] { return real(folder, path, flags, mode); });
}

PUBLIC int creat(const char *path, mode_t mode) {
  REAL(creat);
  return open_at("creat", AT_FDCWD, path, O_WRONLY | O_CREAT, [&] { return real(path, mode); });
}

PUBLIC std::FILE *fopen(const char *path, const char *mode) {
  REAL(fopen);
  return open_stream("fopen", path, mode, real);
}

PUBLIC std::FILE *fopen64(const char *path, const char *mode) {
  REAL(fopen64);
  return open_stream("fopen64", path, mode, real);
}

PUBLIC int mkstemp(char *path) {
  REAL(mkstemp);
  return open_at("mkstemp", AT_FDCWD, path, O_RDWR | O_CREAT, [&] { return real(path); });
}

PUBLIC int mkostemp(char *path, int flags) {
  REAL(mkostemp);
  return open_at("mkostemp", AT_FDCWD, path, O_RDWR | O_CREAT, [&] { return real(path, flags); });
}

PUBLIC DIR *opendir(const char *path) {
  REAL(opendir);
  const Verdict verdict = judge("opendir", opens | looks | named, path_at(AT_FDCWD, path));
  return obey(verdict, static_cast<DIR *>(nullptr), [&] { return real(path); });
}

PUBLIC dirent *readdir(DIR *folder) {
  REAL(readdir);
  return read_folder("readdir", folder, real);
}

PUBLIC dirent64 *readdir64(DIR *folder) {
  REAL(readdir64);
  return read_folder("readdir64", folder, real);
}

PUBLIC int close(int file) {
  REAL(close);
  return close_in_any_case("close", file, [&] { return real(file); });
}

PUBLIC int fclose(std::FILE *stream) {
  REAL(fclose);
  return close_in_any_case("fclose", ::fileno(stream), [&] { return real(stream); });
}

PUBLIC ssize_t read(int file, void *to, std::size_t size) {
  REAL(read);
  return move("read", 0, file, size, [&](std::size_t count) { return real(file, to, count); });
}

PUBLIC ssize_t pread(int file, void *to, std::size_t size, off_t from) {
  REAL(pread);
  return move("pread", 0, file, size, [&](std::size_t n) { return real(file, to, n, from); });
}

PUBLIC ssize_t pread64(int file, void *to, std::size_t size, off64_t from) {
  REAL(pread64);
  return move("pread64", 0, file, size, [&](std::size_t n) { return real(file, to, n, from); });
}

PUBLIC ssize_t write(int file, const void *bytes, std::size_t size) {
  REAL(write);
  return move("write", grows, file, size, [&](std::size_t n) { return real(file, bytes, n); });
}

PUBLIC ssize_t pwrite(int file, const void *bytes, std::size_t size, off_t to) {
  REAL(pwrite);
  return move("pwrite", grows, file, size, [&](std::size_t n) { return real(file, bytes, n, to); });
}

PUBLIC ssize_t pwrite64(int file, const void *bytes, std::size_t size, off64_t to) {
  REAL(pwrite64);
  return move("pwrite64", grows, file, size,
              [&](std::size_t n) { return real(file, bytes, n, to); });
}

PUBLIC ssize_t writev(int file, const iovec *pieces, int count) {
  REAL(writev);
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
  return move("writev", grows, file, size, [&](std::size_t wanted) {
    if (wanted == size) return real(file, pieces, count);
    iovec some = pieces[0];  // a part of the first piece that is not empty
    for (int i = 1; some.iov_len == 0 && i < count; ++i) some = pieces[i];
    some.iov_len = (some.iov_len + 1) / 2;
    return real(file, &some, 1);
  });
}

PUBLIC int fsync(int file) {
  REAL(fsync);
  return on_file("fsync", grows | waits, file, [&] { return real(file); });
}

PUBLIC int fdatasync(int file) {
  REAL(fdatasync);
  return on_file("fdatasync", grows | waits, file, [&] { return real(file); });
}

PUBLIC int flock(int file, int operation) noexcept {
  REAL(flock);
  return on_file("flock", waits, file, [&] { return real(file, operation); });
}

PUBLIC int ftruncate(int file, off_t size) noexcept {
  REAL(ftruncate);
  return on_file("ftruncate", grows | waits, file, [&] { return real(file, size); });
}

PUBLIC int ftruncate64(int file, off64_t size) noexcept {
  REAL(ftruncate64);
  return on_file("ftruncate64", grows | waits, file, [&] { return real(file, size); });
}

PUBLIC int fchmod(int file, mode_t mode) noexcept {
  REAL(fchmod);
  return on_file("fchmod", owns | changes, file, [&] { return real(file, mode); });
}

PUBLIC int fchown(int file, uid_t user, gid_t group) noexcept {
  REAL(fchown);
  return on_file("fchown", owns | changes, file, [&] { return real(file, user, group); });
}
