#include "plugin/trust.hpp"

#include "files/system.hpp"

#include <flashhost/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace flashhost {

namespace {

std::string quoted(const std::filesystem::path &path) {
  std::string out = "'";
  for (const char c : path.native()) {
    if (c == '\'') {
      out += R"('\'')";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool only_member(const group &entry, std::string_view user) {
  for (char **member = entry.gr_mem; member != nullptr && *member != nullptr; ++member) {
    if (user != *member) return false;
  }
  return true;
}

}  // namespace

User current_user() {
  User user{geteuid(), std::nullopt};
  // Called from main before any thread is started.
  const passwd *account = getpwuid(user.id);  // NOLINT(concurrency-mt-unsafe)
  if (account == nullptr) return user;
  const std::string name = account->pw_name;
  const gid_t primary = account->pw_gid;
  const group *entry = getgrgid(primary);  // NOLINT(concurrency-mt-unsafe)
  if (entry != nullptr && name == entry->gr_name && only_member(*entry, name)) {
    user.private_group = primary;
  }
  return user;
}

FileFacts file_facts(const std::filesystem::path &file) {
  struct stat found{};
  if (files::system().fstatat(AT_FDCWD, file.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    throw Error(Errc::plugin,
                fmt::format("{}: {}", file.string(), std::generic_category().message(errno)));
  }
  return {found.st_uid, found.st_gid, found.st_mode};
}

std::optional<Distrust> judge(const FileFacts &facts, const User &user,
                              const std::filesystem::path &path) {
  const std::string name = quoted(path);
  const auto mode = static_cast<unsigned>(facts.mode & 07777U);
  if (facts.owner != 0 && facts.owner != user.id) {
    return Distrust{fmt::format("it belongs to user {}, neither to root nor to you", facts.owner),
                    user.id == 0 ? fmt::format("chown root {}", name)
                                 : fmt::format("sudo chown {} {}", user.id, name)};
  }
  if ((mode & S_IWOTH) != 0) {
    return Distrust{fmt::format("it can be written by others (mode {:04o})", mode),
                    fmt::format("chmod o-w {}", name)};
  }
  if ((mode & S_IWGRP) != 0 && facts.group != user.private_group) {
    return Distrust{
        fmt::format("it can be written by group {}, which is not your own (mode {:04o})",
                    facts.group, mode),
        fmt::format("chmod g-w {}", name)};
  }
  return std::nullopt;
}

}  // namespace flashhost
