// The host's file calls, one of which goes wrong.
#pragma once

#include "files/system.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace flashhost::testing {

enum class FileFault : std::uint8_t {
  eacces,
  eio,
  enospc,
  emfile,
  enoent,
  eloop,
  eintr,         // once: tried again, the call succeeds
  half,          // a read or write moves half of the bytes
  crash_before,  // the program ends at the call: neither it nor any later one happens
  crash_after,   // the same, but for the call itself
};

class FailingFiles final : public files::System {
 public:
  FailingFiles(FileFault fault, std::uint64_t call) : fault_(fault), failing_(call) {}

  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] bool reached() const { return failing_ != 0 && calls_ >= failing_; }
  // Whether the program is to be thought of as ended.
  [[nodiscard]] bool crashed() const { return crashed_; }

  int openat(int folder, const char *path, int flags, mode_t mode) override;
  ssize_t pread(int descriptor, void *out, std::size_t size, off_t offset) override;
  ssize_t write(int descriptor, const void *data, std::size_t size) override;
  int fstat(int descriptor, struct stat *facts) override;
  int fstatat(int folder, const char *path, struct stat *facts, int flags) override;
  int fsync(int descriptor) override;
  int ftruncate(int descriptor, off_t size) override;
  int fchmod(int descriptor, mode_t mode) override;
  int fchown(int descriptor, uid_t owner, gid_t group) override;
  int flock(int descriptor, int operation) override;
  int mkdirat(int folder, const char *path, mode_t mode) override;
  int renameat(int folder, const char *from, const char *to) override;
  int linkat(const char *from, int folder, const char *to) override;
  int unlinkat(int folder, const char *path) override;
  int list(const char *path, std::vector<std::string> &names) override;

 private:
  template <class Call>
  auto attempt(const Call &call) -> decltype(call());
  template <class Call>
  ssize_t attempt(std::size_t size, const Call &call);

  FileFault fault_;
  std::uint64_t failing_;
  std::uint64_t calls_ = 0;
  bool crashed_ = false;
};

}  // namespace flashhost::testing
