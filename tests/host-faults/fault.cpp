// Works by raw system calls: the functions of libc are the ones that fail.
#include "fault.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace failing_calls {

namespace {

enum class Manner : unsigned char { once, for_good, half, before, after, within };

struct Kind {
  std::string_view name;
  Manner manner;
  int error;
  unsigned traits;  // one of these is needed; 0: befalls every call
};

constexpr unsigned any = 0;
constexpr std::array kinds = {
    Kind{"access_denied", Manner::once, EACCES, named},
    Kind{"not_permitted", Manner::once, EPERM, owns},
    Kind{"io_error", Manner::once, EIO, any},
    Kind{"no_space", Manner::once, ENOSPC, grows},
    Kind{"quota", Manner::once, EDQUOT, grows},
    Kind{"no_descriptors", Manner::once, EMFILE, opens},
    Kind{"missing", Manner::once, ENOENT, named},
    Kind{"link_loop", Manner::once, ELOOP, named},
    Kind{"interrupted", Manner::once, EINTR, waits},
    Kind{"read_only", Manner::once, EROFS, changes},
    Kind{"short", Manner::half, 0, moves},
    Kind{"disk_dead", Manner::for_good, EIO, any},
    Kind{"disk_full", Manner::for_good, ENOSPC, grows},
    Kind{"descriptors_gone", Manner::for_good, EMFILE, opens},
    Kind{"killed_before", Manner::before, 0, any},
    Kind{"killed_after", Manner::after, 0, any},
    Kind{"killed_half_way", Manner::within, 0, moves},
};
constexpr Kind only_counting = {"", Manner::once, 0, any};

std::string text(const char *name) {
  const char *value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const Kind &kind_named(const std::string &name) {
  for (const Kind &kind : kinds) {
    if (kind.name == name) return kind;
  }
  if (!name.empty()) ::abort();
  return only_counting;
}

bool below(const std::string &path, const std::string &folder) {
  return !folder.empty() && path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

struct Order {
  std::string folder = text("FAILING_FOLDER");
  std::string board = text("FAILING_BOARD");
  std::string records = text("FAILING_RECORDS");
  std::string trace = text("FAILING_TRACE");
  const Kind &kind = kind_named(text("FAILING_KIND"));
  unsigned long call = std::strtoul(text("FAILING_CALL").c_str(), nullptr, 10);
  std::atomic<unsigned long> seen = 0;
};

Order &order() {
  static Order one;
  return one;
}

void trace(const char *function, const std::string &path) {
  const Order &now = order();
  if (now.trace.empty()) return;
  const long file = ::syscall(SYS_openat, AT_FDCWD, now.trace.c_str(),
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  const std::string line =
      std::string(function) + ' ' + path.substr(std::min(path.size(), now.folder.size())) + '\n';
  ::syscall(SYS_write, file, line.data(), line.size());
  ::syscall(SYS_close, file);
}

bool is_existing_record(const std::string &path) {
  struct stat status{};
  return below(path, order().records) &&
         ::syscall(SYS_newfstatat, AT_FDCWD, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode);
}

bool applies(const Kind &kind, unsigned traits, const std::string &path) {
  if (kind.traits != any && (traits & kind.traits) == 0) return false;
  if (kind.error == ENOENT && (traits & looks) != 0 && is_existing_record(path)) return false;
  return true;
}

Verdict verdict_of(const Kind &kind, unsigned traits) {
  switch (kind.manner) {
    case Manner::once:
    case Manner::for_good:
      return {.error = kind.error};
    case Manner::half:
      return {.half = true};
    case Manner::before:
      return {.die_before = true};
    case Manner::after:
      return {.die_after = true};
    case Manner::within:
      return {.half = (traits & moves) != 0, .die_after = true};
  }
  return {};
}

__attribute__((constructor)) void limit_the_time() {
  const std::string seconds = text("FAILING_SECONDS");
  if (!seconds.empty()) ::alarm(static_cast<unsigned>(std::strtoul(seconds.c_str(), nullptr, 10)));
}

}  // namespace

bool concerns(const std::string &path) {
  const Order &now = order();
  const bool board = !now.board.empty() && path.starts_with(now.board);
  return below(path, now.folder) && !board;
}

Verdict judge(const char *function, unsigned traits, const std::string &path) {
  if (!concerns(path)) return {};
  Order &now = order();
  const int saved = errno;
  Verdict verdict;
  if (applies(now.kind, traits, path)) {
    trace(function, path);
    const unsigned long number = ++now.seen;
    const bool later = now.kind.manner == Manner::for_good && now.call != 0 && number > now.call;
    if (number == now.call || later) verdict = verdict_of(now.kind, traits);
  }
  errno = saved;
  return verdict;
}

std::string path_of(int descriptor) {
  const int saved = errno;
  std::array<char, 4096> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const long size = ::syscall(SYS_readlinkat, AT_FDCWD, link.c_str(), target.data(), target.size());
  errno = saved;
  return size <= 0 ? "" : std::string(target.data(), static_cast<std::size_t>(size));
}

std::string path_at(int folder, const char *name) {
  if (name == nullptr) return "";
  if (*name == '/') return std::filesystem::path(name).lexically_normal();
  std::string base;
  if (folder == AT_FDCWD) {
    std::array<char, 4096> here{};
    if (::syscall(SYS_getcwd, here.data(), here.size()) > 0) base = here.data();
  } else {
    base = path_of(folder);
  }
  if (*name == '\0') return base;
  std::string path = (std::filesystem::path(base) / name).lexically_normal();
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

void die() {
  ::syscall(SYS_kill, ::syscall(SYS_getpid), SIGKILL);
  for (;;) ::syscall(SYS_pause);
}

}  // namespace failing_calls
