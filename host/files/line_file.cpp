#include "files/line_file.hpp"

#include "files/draft.hpp"
#include "files/files.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <chrono>
#include <system_error>
#include <thread>

namespace flashhost::files {

namespace {

namespace fs = std::filesystem;

const char *hint_for(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return "Its mode, or its folder, does not let you write to it.";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "Make room, or name another file.";
    case ENOENT:
    case ENOTDIR:
      return "Its folder does not exist: make it first, or correct the path.";
    case EWOULDBLOCK:
      return "Another program keeps it locked. Wait until that has finished, or name another file.";
    default:
      return "The disk or the network behind it has a fault; name another file.";
  }
}

// The folder's entry of a file that is new.
bool sync_entry(const Descriptor &file) {
  const fs::path real = system().readlink(fmt::format("/proc/self/fd/{}", file.number()).c_str());
  const Descriptor folder(retry([&] {
    return system().openat(AT_FDCWD, real.parent_path().c_str(), O_RDONLY | O_DIRECTORY, 0);
  }));
  return folder && sync_folder(folder);
}

}  // namespace

// O_NONBLOCK: a pipe without a reader is refused and not waited for.
LineFile::LineFile(const fs::path &file)
    : name_(file), file_(retry([&] {
        return system().openat(AT_FDCWD, file.c_str(),
                               O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY, 0666);
      })) {
  struct stat facts{};
  if (!file_ || system().fstat(file_.number(), &facts) != 0) fail(errno);
  if (!S_ISREG(facts.st_mode)) {
    throw Error(Errc::usage,
                fmt::format("cannot add to {}: it is {}, not a file", name_.string(),
                            kind_of(facts.st_mode)),
                "Name a file.");
  }
}

LineFile::Before LineFile::append(std::string_view line) {
  lock();
  struct Unlock {
    int file;
    ~Unlock() { static_cast<void>(system().flock(file, LOCK_UN)); }
  } const unlock{file_.number()};
  struct stat facts{};
  if (system().fstat(file_.number(), &facts) != 0) fail(errno);
  const off_t size = facts.st_size;
  char last = '\n';
  if (size > 0 && retry([&] { return system().pread(file_.number(), &last, 1, size - 1); }) != 1) {
    fail(errno == 0 ? EIO : errno);
  }
  const bool torn = last != '\n';
  const std::string text = fmt::format("{}{}\n", torn ? "\n" : "", line);
  const std::span bytes(reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
  if (!write_all(file_.number(), bytes) ||
      retry([&] { return system().fsync(file_.number()); }) != 0 ||
      (size == 0 && !sync_entry(file_))) {
    const int error = errno;
    static_cast<void>(system().ftruncate(file_.number(), size));
    fail(error);
  }
  return torn ? Before::torn : Before::whole;
}

void LineFile::lock() {
  constexpr auto limit = std::chrono::seconds(10);
  constexpr auto pause = std::chrono::milliseconds(20);
  const auto start = std::chrono::steady_clock::now();
  while (retry([&] { return system().flock(file_.number(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() - start > limit) fail(errno);
    std::this_thread::sleep_for(pause);
  }
}

void LineFile::fail(int error) const {
  throw Error(
      Errc::usage,
      fmt::format("cannot add to {}: {}", name_.string(), std::generic_category().message(error)),
      hint_for(error));
}

}  // namespace flashhost::files
