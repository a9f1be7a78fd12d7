// Gate 1: who can change the file?
//
// A shared object runs with the user's rights, so its file and the folder it lies in must be under
// the control of root or the user alone: owned by one of them, not writable by others, and writable
// by a group only if that is the user's private group (the primary group, named like the user,
// without other members - what Debian's adduser makes). Under sudo the user who called it counts as
// Folders above that one are not judged: the search path has resolved all links, and whoever can
// rename a folder above controls that part of the tree anyway. Between this gate and the next ones
// only root or the user can replace a file that has passed.
// the next ones but by root or the user.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace flashhost {

struct User {
  uid_t id = 0;
  std::optional<gid_t> private_group;
  // The user who called sudo; set only when this process runs as root.
  std::optional<uid_t> caller = {};        // NOLINT(readability-redundant-member-init)
  std::optional<gid_t> caller_group = {};  // NOLINT(readability-redundant-member-init): private
};
[[nodiscard]] User current_user();

// What stat says.
struct FileFacts {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;  // with the file type
};

struct Distrust {
  std::string reason;  // "it can be written by others (mode 0666)"
  std::string remedy;  // the command that repairs it
};
// Empty when the facts can be trusted. path is for the remedy only.
[[nodiscard]] std::optional<Distrust> judge(const FileFacts &facts, const User &user,
                                            const std::filesystem::path &path);

// The gate: the file, which must be a regular one, and its folder. facts_of returns what lstat says
// about either; its exceptions are passed on. The remedy in the result is a whole sentence here.
using FactsOf = std::function<FileFacts(const std::filesystem::path &path)>;
[[nodiscard]] std::optional<Distrust> distrusted(const std::filesystem::path &file,
                                                 const User &user, const FactsOf &facts_of);

}  // namespace flashhost
