// For LD_PRELOAD: libc's functions that take a name and open nothing; one of their calls fails
// (fault.hpp says which).
#include "interpose.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

using namespace failing_calls;

namespace {

constexpr unsigned adds = changes | grows;

// Either name may be the one that concerns us.
template <class Call>
int at_two_paths(const char *function, int folder, const char *path, int new_folder,
                 const char *new_path, const Call &call) {
  const std::string from = path_at(folder, path);
  const std::string &concerned = concerns(from) ? from : path_at(new_folder, new_path);
  return obey(judge(function, adds | named, concerned), -1, call);
}

}  // namespace

PUBLIC int stat(const char *path, struct stat *status) noexcept {
  static const auto real = next<int (*)(const char *, struct stat *)>("stat");
  return at_path("stat", looks, AT_FDCWD, path, [&] { return real(path, status); });
}

PUBLIC int stat64(const char *path, struct stat64 *status) noexcept {
  static const auto real = next<int (*)(const char *, struct stat64 *)>("stat64");
  return at_path("stat64", looks, AT_FDCWD, path, [&] { return real(path, status); });
}

PUBLIC int lstat(const char *path, struct stat *status) noexcept {
  REAL(lstat);
  return at_path("lstat", looks, AT_FDCWD, path, [&] { return real(path, status); });
}

PUBLIC int lstat64(const char *path, struct stat64 *status) noexcept {
  REAL(lstat64);
  return at_path("lstat64", looks, AT_FDCWD, path, [&] { return real(path, status); });
}

PUBLIC int fstat(int file, struct stat *status) noexcept {
  REAL(fstat);
  return on_file("fstat", 0, file, [&] { return real(file, status); });
}

PUBLIC int fstat64(int file, struct stat64 *status) noexcept {
  REAL(fstat64);
  return on_file("fstat64", 0, file, [&] { return real(file, status); });
}

PUBLIC int fstatat(int folder, const char *path, struct stat *status, int flags) noexcept {
  REAL(fstatat);
  return at_path("fstatat", looks, folder, path, [&] { return real(folder, path, status, flags); });
}

PUBLIC int fstatat64(int folder, const char *path, struct stat64 *status, int flags) noexcept {
  REAL(fstatat64);
  return at_path("fstatat64", looks, folder, path,
                 [&] { return real(folder, path, status, flags); });
}

PUBLIC int statx(int folder, const char *path, int flags, unsigned mask,
                 struct statx *status) noexcept {
  static const auto real = next<int (*)(int, const char *, int, unsigned, struct statx *)>("statx");
  return at_path("statx", looks, folder, path,
                 [&] { return real(folder, path, flags, mask, status); });
}

PUBLIC int access(const char *path, int mode) noexcept {
  REAL(access);
  return at_path("access", looks, AT_FDCWD, path, [&] { return real(path, mode); });
}

PUBLIC int faccessat(int folder, const char *path, int mode, int flags) noexcept {
  REAL(faccessat);
  return at_path("faccessat", looks, folder, path, [&] { return real(folder, path, mode, flags); });
}

PUBLIC char *realpath(const char *path, char *result) noexcept {
  REAL(realpath);
  const Verdict verdict = judge("realpath", looks | named, path_at(AT_FDCWD, path));
  return obey(verdict, static_cast<char *>(nullptr), [&] { return real(path, result); });
}

PUBLIC ssize_t readlink(const char *path, char *target, std::size_t size) noexcept {
  REAL(readlink);
  const Verdict verdict = judge("readlink", looks | named, path_at(AT_FDCWD, path));
  return obey(verdict, ssize_t{-1}, [&] { return real(path, target, size); });
}

PUBLIC int rename(const char *from, const char *to) noexcept {
  REAL(rename);
  return at_two_paths("rename", AT_FDCWD, from, AT_FDCWD, to, [&] { return real(from, to); });
}

PUBLIC int renameat(int from_folder, const char *from, int to_folder, const char *to) noexcept {
  REAL(renameat);
  return at_two_paths("renameat", from_folder, from, to_folder, to,
                      [&] { return real(from_folder, from, to_folder, to); });
}

PUBLIC int renameat2(int from_folder, const char *from, int to_folder, const char *to,
                     unsigned flags) noexcept {
  REAL(renameat2);
  return at_two_paths("renameat2", from_folder, from, to_folder, to,
                      [&] { return real(from_folder, from, to_folder, to, flags); });
}

PUBLIC int link(const char *from, const char *to) noexcept {
  REAL(link);
  return at_two_paths("link", AT_FDCWD, from, AT_FDCWD, to, [&] { return real(from, to); });
}

PUBLIC int linkat(int from_folder, const char *from, int to_folder, const char *to,
                  int flags) noexcept {
  REAL(linkat);
  return at_two_paths("linkat", from_folder, from, to_folder, to,
                      [&] { return real(from_folder, from, to_folder, to, flags); });
}

PUBLIC int unlink(const char *path) noexcept {
  REAL(unlink);
  return at_path("unlink", changes, AT_FDCWD, path, [&] { return real(path); });
}

PUBLIC int unlinkat(int folder, const char *path, int flags) noexcept {
  REAL(unlinkat);
  return at_path("unlinkat", changes, folder, path, [&] { return real(folder, path, flags); });
}

PUBLIC int remove(const char *path) noexcept {
  static const auto real = next<int (*)(const char *)>("remove");
  return at_path("remove", changes, AT_FDCWD, path, [&] { return real(path); });
}

PUBLIC int mkdir(const char *path, mode_t mode) noexcept {
  REAL(mkdir);
  return at_path("mkdir", adds, AT_FDCWD, path, [&] { return real(path, mode); });
}

PUBLIC int mkdirat(int folder, const char *path, mode_t mode) noexcept {
  REAL(mkdirat);
  return at_path("mkdirat", adds, folder, path, [&] { return real(folder, path, mode); });
}

PUBLIC int chmod(const char *path, mode_t mode) noexcept {
  REAL(chmod);
  return at_path("chmod", owns | changes, AT_FDCWD, path, [&] { return real(path, mode); });
}

PUBLIC int fchmodat(int folder, const char *path, mode_t mode, int flags) noexcept {
  REAL(fchmodat);
  return at_path("fchmodat", owns | changes, folder, path,
                 [&] { return real(folder, path, mode, flags); });
}
