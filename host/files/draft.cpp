#include "files/draft.hpp"

#include "files/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <utility>

namespace flashhost::files {

namespace {

std::string link_to(const Descriptor &file) {
  return fmt::format("/proc/self/fd/{}", file.number());
}

}  // namespace

Draft::~Draft() {
  if (has_name_) remove();
}

void Draft::remove() noexcept {
  static_cast<void>(system().unlinkat(folder_.number(), name_.c_str()));
}

bool Draft::create(mode_t mode) {
  file_ = Descriptor(retry([&] {
    return system().openat(folder_.number(), name_.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  }));
  has_name_ = static_cast<bool>(file_);
  return has_name_;
}

bool Draft::create_nameless(mode_t mode) {
  file_ = Descriptor(
      retry([&] { return system().openat(folder_.number(), ".", O_WRONLY | O_TMPFILE, mode); }));
  struct stat facts{};
  if (file_ && system().fstatat(AT_FDCWD, link_to(file_).c_str(), &facts, 0) == 0) return true;
  remove();
  return create(mode);
}

std::optional<Draft::Failure> Draft::write(std::span<const std::uint8_t> content) {
  if (!write_all(file_.number(), content)) return Failure{"cannot write", name_, errno};
  if (retry([&] { return system().fsync(file_.number()); }) != 0) {
    return Failure{"cannot sync", name_, errno};
  }
  return {};
}

std::optional<Draft::Failure> Draft::replace(const std::string &name,
                                             std::span<const std::uint8_t> content) {
  if (auto failure = write(content)) return failure;
  if (!has_name_) {
    remove();
    has_name_ = system().linkat(link_to(file_).c_str(), folder_.number(), name_.c_str()) == 0;
    if (!has_name_) return Failure{"cannot name", name_, errno};
  }
  if (system().renameat(folder_.number(), name_.c_str(), name.c_str()) != 0) {
    return Failure{"cannot rename", name_, errno};
  }
  has_name_ = false;
  if (!sync_folder(folder_)) return Failure{"cannot sync the folder of", name, errno};
  return {};
}

// For file systems without hard links. Between the look and the renaming somebody else could make
// the file; no call that all systems have would notice that.
bool Draft::rename_to_new(const std::string &name) {
  struct stat facts{};
  if (system().fstatat(folder_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return false;
  }
  if (errno != ENOENT || system().renameat(folder_.number(), name_.c_str(), name.c_str()) != 0) {
    return false;
  }
  has_name_ = false;
  return true;
}

std::optional<Draft::Failure> Draft::publish(const std::string &name,
                                             std::span<const std::uint8_t> content) {
  if (auto failure = write(content)) return failure;
  const bool linked = system().linkat(link_to(file_).c_str(), folder_.number(), name.c_str()) == 0;
  const bool no_links = !linked && has_name_ && errno != EEXIST;
  if (!linked && !(no_links && rename_to_new(name))) return Failure{"cannot name", name, errno};
  if (std::exchange(has_name_, false)) remove();
  if (!sync_folder(folder_)) return Failure{"cannot sync the folder of", name, errno};
  return {};
}

bool sync_folder(const Descriptor &folder) {
  return retry([&] { return system().fsync(folder.number()); }) == 0 || errno == EINVAL;
}

}  // namespace flashhost::files
