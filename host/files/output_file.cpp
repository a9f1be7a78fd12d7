#include "files/output_file.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

namespace flashhost::files {

namespace {

namespace fs = std::filesystem;

std::string hint_for(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return "Its folder does not let you create files.";
    case ENOSPC:
    case EDQUOT:
      return "Make room, or name another folder.";
    case ENOENT:
    case ENOTDIR:
      return "Its folder does not exist: make it first, or correct the path.";
    case EEXIST:
      return "It is left as it is: name another file, or remove this one first.";
    case ELOOP:
      return "It is a symbolic link that leads back to itself.";
    case ENAMETOOLONG:
      return "Choose a shorter name.";
    case EMFILE:
    case ENFILE:
      return "Too many files are open: raise the limit (ulimit -n), or close other programs.";
    default:
      return "The disk or the network behind it has a fault; name another folder.";
  }
}

[[noreturn]] void fail(const fs::path &file, int error) {
  throw Error(
      Errc::usage,
      fmt::format("cannot write {}: {}", file.string(), std::generic_category().message(error)),
      hint_for(error));
}

// The path after following all links, even if the last one points to nothing yet.
fs::path resolved(const fs::path &file) {
  constexpr int most_links = 40;  // the kernel's own limit
  fs::path at = file;
  for (int i = 0; i < most_links; ++i) {
    std::error_code error;
    const fs::path target = fs::read_symlink(at, error);
    if (error) return at;
    at = at.parent_path() / target;
  }
  fail(file, ELOOP);
}

}  // namespace

OutputFile::OutputFile(const fs::path &file, Older older)
    : asked_(file), older_(older), draft_(folder_, fmt::format(".flashhost-{}.part", ::getpid())) {
  const fs::path real = resolved(file);
  name_ = real.filename().string();
  const fs::path parent = real.parent_path();
  folder_ = Descriptor(retry([&] {
    return system().openat(AT_FDCWD, parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY,
                           0);
  }));
  if (!folder_) fail(asked_, errno);
  check_existing();
  if (!draft_.create_nameless(0666)) fail(asked_, errno);
  if (exists_) keep_owner();
}

void OutputFile::check_existing() {
  if (name_.empty() || name_ == "." || name_ == "..") {
    throw Error(Errc::usage, fmt::format("cannot write {}: it is a folder", asked_.string()),
                "Name a file, or - for standard output.");
  }
  exists_ = system().fstatat(folder_.number(), name_.c_str(), &existing_, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists_ && errno != ENOENT) fail(asked_, errno);
  if (exists_ && older_ == Older::refused) fail(asked_, EEXIST);
  if (exists_ && !S_ISREG(existing_.st_mode)) {
    throw Error(Errc::usage,
                fmt::format("cannot write {}: it is {}", asked_.string(),
                            S_ISDIR(existing_.st_mode) ? "a folder" : "no ordinary file"),
                "Name a file, or - for standard output.");
  }
}

void OutputFile::keep_owner() {
  const int file = draft_.file().number();
  struct stat mine{};
  if (system().fstat(file, &mine) != 0) fail(asked_, errno);
  const bool other = mine.st_uid != existing_.st_uid || mine.st_gid != existing_.st_gid;
  if (other && system().fchown(file, existing_.st_uid, existing_.st_gid) != 0) {
    throw Error(Errc::usage,
                fmt::format("cannot write {}: it belongs to another user or group, and would "
                            "become yours",
                            asked_.string()),
                "Remove it first, or name another file.");
  }
  if (system().fchmod(file, existing_.st_mode & 07777) != 0) fail(asked_, errno);
}

void OutputFile::commit(const Bytes &content) {
  const auto failure =
      older_ == Older::refused ? draft_.publish(name_, content) : draft_.replace(name_, content);
  if (failure) fail(asked_, failure->error);
}

}  // namespace flashhost::files
