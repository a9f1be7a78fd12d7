#include "files/state_folder.hpp"

#include "files/draft.hpp"
#include "files/files.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace flashhost::files {

namespace {

namespace fs = std::filesystem;

constexpr mode_t others_may_write = S_IWGRP | S_IWOTH;

std::string hint_for(int error) {
  const std::string why =
      "flashhost needs this folder: there it saves data that must not be lost, before it erases "
      "anything. ";
  switch (error) {
    case EACCES:
    case EPERM:
      return why +
             "An earlier run as root may have made it: give it back with chown, or set "
             "XDG_STATE_HOME to a folder of yours.";
    case EROFS:
      return why + "That disk cannot be written: set XDG_STATE_HOME to a folder on another one.";
    case ENOSPC:
    case EDQUOT:
      return why + "Make room on that disk, or set XDG_STATE_HOME to a folder on another one.";
    case EMFILE:
    case ENFILE:
      return why + "Too many files are open: raise the limit (ulimit -n), or close other programs.";
    case ENOTDIR:
    case EEXIST:
      return why +
             "Something that is not a folder is in its place: move it away, or set "
             "XDG_STATE_HOME to another folder.";
    case EFBIG:
      return why + "It is far larger than any journal: look at it, and move it away.";
    case ENOENT:
      return why +
             "A folder or a link in its path leads to nothing, or takes no new files: set "
             "XDG_STATE_HOME to a folder of yours.";
    case ELOOP:
      return why + "There is a symbolic link where none may be: remove it.";
    default:
      return why +
             "The disk or the network behind it has a fault: set XDG_STATE_HOME to a folder "
             "on another one.";
  }
}

[[noreturn]] void fail_at(const std::string &doing, const fs::path &path, int error) {
  throw Error(
      Errc::config,
      fmt::format("{} {}: {}", doing, path.string(), std::generic_category().message(error)),
      hint_for(error))
      .see(Cause::host_means);
}

Descriptor open_folder(const fs::path &path) {
  return Descriptor(
      retry([&] { return system().openat(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0); }));
}

// The user who called sudo; empty when not running as root.
std::optional<uid_t> caller_of_sudo() {
  const char *text = std::getenv("SUDO_UID");  // NOLINT(concurrency-mt-unsafe): never written
  if (text == nullptr) return {};
  const std::string_view digits(text);
  uid_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  return id;
}

// Under sudo, what root creates in the home of the calling user must belong to that user.
void give_to_caller_of_sudo(const fs::path &folder, const fs::path &above) {
  struct stat facts{};
  if (::geteuid() != 0 || system().fstatat(AT_FDCWD, above.c_str(), &facts, 0) != 0) return;
  if (facts.st_uid == 0 || caller_of_sudo() != facts.st_uid) return;
  const Descriptor made = open_folder(folder);
  if (!made || system().fchown(made.number(), facts.st_uid, facts.st_gid) != 0) {
    fail_at("cannot change the owner of", folder, errno);
  }
}

// Makes the folder and its parents; they are on disk when this returns.
void make_folders(const fs::path &folder) {
  struct stat facts{};
  if (system().fstatat(AT_FDCWD, folder.c_str(), &facts, 0) == 0) return;
  if (errno != ENOENT) fail_at("cannot reach", folder, errno);
  const fs::path above = folder.parent_path();
  if (!above.empty() && above != folder) make_folders(above);
  if (system().mkdirat(AT_FDCWD, folder.c_str(), 0700) != 0 && errno != EEXIST) {
    fail_at("cannot create", folder, errno);
  }
  give_to_caller_of_sudo(folder, above);
  const Descriptor parent = open_folder(above);
  if (parent && sync_folder(parent)) return;
  // We may not be able to read a folder of another owner: EACCES is no reason to stop.
  if (errno != EACCES) fail_at("cannot sync", above, errno);
}

}  // namespace

StateFolder::StateFolder(fs::path path, Descriptor folder)
    : path_(std::move(path)), folder_(std::move(folder)) {
  check_owner();
}

StateFolder::StateFolder(const fs::path &folder) : path_(folder) {
  make_folders(folder);
  folder_ = open_folder(folder);
  if (!folder_) fail_at("cannot open", folder, errno);
  check_owner();
}

std::optional<StateFolder> StateFolder::open_if_there(const fs::path &folder) {
  Descriptor descriptor = open_folder(folder);
  if (!descriptor && errno == ENOENT) return {};
  if (!descriptor) fail_at("cannot open", folder, errno);
  return StateFolder(folder, std::move(descriptor));
}

void StateFolder::check_owner() {
  struct stat facts{};
  if (system().fstat(folder_.number(), &facts) != 0) fail_at("cannot examine", path_, errno);
  owner_ = facts.st_uid;
  group_ = facts.st_gid;
  const uid_t user = ::geteuid();
  if (owner_ != user && (user != 0 || caller_of_sudo() != owner_)) {
    throw Error(
        Errc::config,
        fmt::format("{} belongs to user {}, not to you (user {})", path_.string(), owner_, user),
        "flashhost saves data there that must not be lost. Set XDG_STATE_HOME to a folder of "
        "yours.")
        .see(Cause::host_means);
  }
  if ((facts.st_mode & others_may_write) == 0) return;
  if (system().fchmod(folder_.number(), facts.st_mode & 07777 & ~others_may_write) != 0) {
    fail_at("cannot forbid others to write to", path_, errno);
  }
}

void StateFolder::fail(const std::string &doing, const std::string &name, int error) const {
  fail_at(doing, path_of(name), error);
}

void StateFolder::give_to_owner(const Descriptor &file, const std::string &name) const {
  if (owner_ == ::geteuid()) return;
  if (system().fchown(file.number(), owner_, group_) != 0) {
    fail("cannot change the owner of", name, errno);
  }
}

void StateFolder::check_file(const Descriptor &file, const std::string &name) const {
  struct stat facts{};
  if (system().fstat(file.number(), &facts) != 0) fail("cannot examine", name, errno);
  const auto refuse = [&](const std::string &what) {
    throw Error(Errc::config, fmt::format("{}: {}", path_of(name).string(), what),
                "flashhost does not create it like that. Look at the file, and move it away.")
        .see(Cause::host_means);
  };
  if (!S_ISREG(facts.st_mode)) refuse(fmt::format("it is {}, not a file", kind_of(facts.st_mode)));
  if (facts.st_nlink > 1) refuse("it has a second name (hard link)");
  if (facts.st_uid != owner_ && facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    refuse(fmt::format("it belongs to user {}", facts.st_uid));
  }
}

std::optional<Bytes> StateFolder::read(const std::string &name, std::size_t limit) const {
  const Descriptor file(retry([&] {
    return system().openat(folder_.number(), name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
  }));
  if (!file) {
    const int error = errno;
    if (error == ENOENT && !is_there(name)) return {};
    fail("cannot open", name, error);
  }
  check_file(file, name);
  Bytes content;
  constexpr std::size_t piece = std::size_t{64} * 1024;
  for (;;) {
    const std::size_t filled = content.size();
    content.resize(filled + piece);
    const ssize_t count = retry([&] {
      return system().pread(file.number(), content.data() + filled, piece,
                            static_cast<off_t>(filled));
    });
    if (count < 0) fail("cannot read", name, errno);
    content.resize(filled + static_cast<std::size_t>(count));
    if (count == 0) return content;
    if (content.size() > limit) fail("cannot read", name, EFBIG);
  }
}

void StateFolder::replace(const std::string &name, const Bytes &content) const {
  const std::string draft_name = name + ".new";
  remove(draft_name);  // left by a run that was killed; it is neither followed nor opened
  Draft draft(folder_, draft_name);
  if (!draft.create(0600)) fail("cannot create", draft_name, errno);
  give_to_owner(draft.file(), draft_name);
  if (const auto failure = draft.replace(name, content)) {
    fail(failure->doing, failure->name, failure->error);
  }
}

void StateFolder::remove(const std::string &name) const {
  if (system().unlinkat(folder_.number(), name.c_str()) == 0) return sync(name);
  const int error = errno;
  if (error != ENOENT || is_there(name)) fail("cannot remove", name, error);
}

bool StateFolder::is_there(const std::string &name) const {
  struct stat facts{};
  if (system().fstatat(folder_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
    return true;
  }
  if (errno != ENOENT) fail("cannot examine", name, errno);
  return false;
}

void StateFolder::sync(const std::string &name) const {
  if (!sync_folder(folder_)) fail("cannot sync the folder of", name, errno);
}

Descriptor StateFolder::lock(const std::string &name) const {
  Descriptor file(retry([&] {
    return system().openat(folder_.number(), name.c_str(),
                           O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  }));
  if (!file) fail("cannot open", name, errno);
  check_file(file, name);
  give_to_owner(file, name);
  if (retry([&] { return system().flock(file.number(), LOCK_EX | LOCK_NB); }) == 0) return file;
  if (errno != EWOULDBLOCK) fail("cannot lock", name, errno);
  return {};
}

}  // namespace flashhost::files
