#include "files/files.hpp"

#include <flashhost/room.hpp>
#include <flashhost/text.hpp>

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace flashhost::files {

namespace {

std::string hint_for(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "Relative paths in a board file start from its folder, those on the command line from "
             "the current one.";
    case EACCES:
      return "Its mode, or that of a folder above it, forbids reading.";
    case ELOOP:
      return "It is a symbolic link that leads back to itself.";
    case EMFILE:
    case ENFILE:
      return "Too many files are open: raise the limit (ulimit -n), or close other programs.";
    case EIO:
      return "The disk or the network behind it has a fault.";
    default:
      return {};
  }
}

[[noreturn]] void fail_reading(const std::string &name, Errc code, int error) {
  throw Error(code, fmt::format("cannot read {}: {}", name, std::generic_category().message(error)),
              hint_for(error));
}

}  // namespace

std::string kind_of(mode_t mode) {
  if (S_ISREG(mode)) return "a file";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISLNK(mode)) return "a symbolic link";
  return "a device";
}

// O_NONBLOCK: otherwise opening a pipe that nobody writes to would block.
InputFile::InputFile(const std::filesystem::path &file, Errc code)
    : name_(file.string()), code_(code) {
  descriptor_ = Descriptor(retry([&] {
    return system().openat(AT_FDCWD, file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  }));
  struct stat facts{};
  if (!descriptor_ || system().fstat(descriptor_.number(), &facts) != 0) {
    fail_reading(name_, code, errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    throw Error(code,
                fmt::format("cannot read {}: it is {}, not a file", name_, kind_of(facts.st_mode)));
  }
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

std::size_t InputFile::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = retry([&] {
      return system().pread(descriptor_.number(), out.data() + done, out.size() - done,
                            static_cast<off_t>(offset + done));
    });
    if (count < 0) fail_reading(name_, code_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Bytes read_file(const std::filesystem::path &file, std::size_t limit, Errc code) {
  const InputFile input(file, code);
  const auto refuse_size = [&](const std::string &size) {
    throw Error(
        code,
        fmt::format("{} has {}; at most {} are read", file.string(), size, format_size(limit)),
        "Is this the right file?");
  };
  if (input.size() > limit) refuse_size(format_size(input.size()));
  const std::size_t room = static_cast<std::size_t>(input.size()) + 1;  // one more, to find the end
  Bytes bytes;
  make_room(bytes, room);
  bytes.resize(room);
  std::size_t filled = 0;
  for (;;) {
    filled += input.read_at(filled, std::span(bytes).subspan(filled));
    if (filled > limit) refuse_size("more than " + format_size(limit));
    if (filled < bytes.size()) break;
    bytes.resize(std::min(2 * filled, limit + 1));  // the file grew while it was read
  }
  bytes.resize(filled);
  return bytes;
}

bool exists(const std::filesystem::path &name) {
  struct stat facts{};
  return system().fstatat(AT_FDCWD, name.c_str(), &facts, 0) == 0 ||
         (errno != ENOENT && errno != ENOTDIR);
}

bool same_file(const std::filesystem::path &a, const std::filesystem::path &b) {
  struct stat facts[2]{};
  for (const auto &[file, found] : {std::pair(&a, &facts[0]), std::pair(&b, &facts[1])}) {
    if (system().fstatat(AT_FDCWD, file->c_str(), found, 0) == 0) continue;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail_reading(file->string(), Errc::usage, errno);
  }
  return facts[0].st_dev == facts[1].st_dev && facts[0].st_ino == facts[1].st_ino;
}

bool write_all(int descriptor, std::span<const std::uint8_t> content) {
  while (!content.empty()) {
    const ssize_t count =
        retry([&] { return system().write(descriptor, content.data(), content.size()); });
    if (count < 0) return false;
    if (count == 0) {  // nothing was written, and there is no errno for it
      errno = EIO;
      return false;
    }
    content = content.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace flashhost::files
