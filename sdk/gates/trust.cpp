#include "gates/trust.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

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

// Called from main before any thread is started.
std::optional<gid_t> private_group_of(uid_t id) {
  const passwd *account = getpwuid(id);  // NOLINT(concurrency-mt-unsafe)
  if (account == nullptr) return std::nullopt;
  const std::string name = account->pw_name;
  const gid_t primary = account->pw_gid;
  const group *entry = getgrgid(primary);  // NOLINT(concurrency-mt-unsafe)
  if (entry == nullptr || name != entry->gr_name || !only_member(*entry, name)) return std::nullopt;
  return primary;
}

// SUDO_UID counts only for root: who can set it in root's environment has root's rights already.
std::optional<uid_t> caller_of_sudo() {
  const char *const text = std::getenv("SUDO_UID");  // NOLINT(concurrency-mt-unsafe)
  if (geteuid() != 0 || text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  uid_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && !digits.empty() ? std::optional(id) : std::nullopt;
}

}  // namespace

User current_user() {
  User user{geteuid(), private_group_of(geteuid())};
  user.caller = caller_of_sudo();
  if (user.caller) user.caller_group = private_group_of(*user.caller);
  return user;
}

std::optional<Distrust> judge(const FileFacts &facts, const User &user,
                              const std::filesystem::path &path) {
  const std::string name = quoted(path);
  const auto mode = static_cast<unsigned>(facts.mode & 07777U);
  if (facts.owner != 0 && facts.owner != user.id && facts.owner != user.caller) {
    return Distrust{fmt::format("it belongs to user {}, neither to root nor to you", facts.owner),
                    user.id == 0 ? fmt::format("chown root {}", name)
                                 : fmt::format("sudo chown {} {}", user.id, name)};
  }
  if ((mode & S_IWOTH) != 0) {
    return Distrust{fmt::format("it can be written by others (mode {:04o})", mode),
                    fmt::format("chmod o-w {}", name)};
  }
  const bool own_group = facts.group == user.private_group || facts.group == user.caller_group;
  if ((mode & S_IWGRP) != 0 && !own_group) {
    return Distrust{
        fmt::format("it can be written by group {}, which is not your own (mode {:04o})",
                    facts.group, mode),
        fmt::format("chmod g-w {}", name)};
  }
  return std::nullopt;
}

std::optional<Distrust> distrusted(const std::filesystem::path &file, const User &user,
                                   const FactsOf &facts_of) {
  const FileFacts facts = facts_of(file);
  if (!S_ISREG(facts.mode)) {
    return Distrust{S_ISLNK(facts.mode) ? "it is a symbolic link, not a regular file"
                                        : "it is not a regular file",
                    "Put the file itself into the folder."};
  }
  const auto look = [&](const FileFacts &found, const std::filesystem::path &path,
                        std::string_view subject) {
    std::optional<Distrust> distrust = judge(found, user, path);
    if (distrust) {
      distrust->reason.insert(0, subject);
      distrust->remedy =
          fmt::format("Someone else could have put code there. If you trust what it holds now: {}",
                      distrust->remedy);
    }
    return distrust;
  };
  const std::filesystem::path folder = file.parent_path();
  if (auto distrust = look(facts_of(folder), folder, "its folder is not safe: ")) return distrust;
  return look(facts, file, "");
}

}  // namespace flashhost
