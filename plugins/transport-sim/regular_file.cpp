#include "regular_file.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace flashhost::sim {

namespace {

std::string named(const std::string &setting, const std::string &file) {
  return fmt::format("transport sim: {} {}", setting, file);
}

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

void refuse_irregular(const std::string &setting, const std::string &file, mode_t mode) {
  if (S_ISREG(mode)) return;
  throw Error(Errc::config,
              fmt::format("{} is {}, not a file", named(setting, file), kind_of(mode)));
}

std::string remedy_for(int error) {
  switch (error) {
    case ENOENT:
      return "Is the path right? A relative one starts from the board file's folder; no folder is "
             "made.";
    case ENOTDIR:
      return "A part of the path that should be a folder is none.";
    case EACCES:
    case EPERM:
      return "The mode of the file, or of a folder above it, forbids it.";
    case EROFS:
      return "The file system is mounted for reading only; a state_file is written to.";
    case ELOOP:
      return "Its symbolic links lead in a circle.";
    case ENOSPC:
    case EDQUOT:
      return "Make room, or name a file elsewhere.";
    default:
      return {};
  }
}

}  // namespace

void fail(const std::string &setting, const std::string &file, const std::string &what, int error) {
  throw Error(
      Errc::config,
      fmt::format("{} {}: {}", named(setting, file), what, std::generic_category().message(error)),
      remedy_for(error));
}

Descriptor open_regular(const std::string &setting, const std::string &file, int flags) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    const int error = errno;
    if (error != ENOENT) fail(setting, file, "cannot be opened", error);
    if (::lstat(file.c_str(), &status) != 0) return {};
    throw Error(Errc::config, fmt::format("{} is a symbolic link to nothing", named(setting, file)),
                "Make what it points to, or remove the link.");
  }
  // Opening a device may have side effects, so it is not opened.
  refuse_irregular(setting, file, status.st_mode);
  // The file can still be replaced by a pipe here, so do not block.
  Descriptor opened(::open(file.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!opened) {
    const int error = errno;
    fail(setting, file, "cannot be opened", error);
  }
  if (::fstat(opened.number(), &status) != 0) {
    const int error = errno;
    fail(setting, file, "cannot be examined", error);
  }
  refuse_irregular(setting, file, status.st_mode);
  return opened;
}

std::vector<std::uint8_t> read_regular(const std::string &setting, const std::string &file,
                                       std::size_t limit) {
  const Descriptor input = open_regular(setting, file, O_RDONLY);
  if (!input) fail(setting, file, "cannot be opened", ENOENT);
  struct stat status{};
  if (::fstat(input.number(), &status) != 0) fail(setting, file, "cannot be examined", errno);
  // One byte more than the size, to find the end.
  const auto size = static_cast<std::size_t>(status.st_size);
  std::vector<std::uint8_t> content(std::min(size, limit) + 1);
  std::size_t filled = 0;
  while (filled <= limit) {
    if (filled == content.size()) content.resize(limit + 1);  // the file grew while it was read
    const ssize_t count = ::read(input.number(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(setting, file, "cannot be read", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled > limit) {
    throw Error(Errc::config,
                fmt::format("{} is too large: at most {} are read", named(setting, file),
                            format_size(limit)),
                "Is this the right file?");
  }
  if (filled == 0) throw Error(Errc::config, fmt::format("{} is empty", named(setting, file)));
  content.resize(filled);
  return content;
}

}  // namespace flashhost::sim
