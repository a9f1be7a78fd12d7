// Gate 1: whose code would it be?
//
// A shared object runs with the user's rights, so its file and the folder it lies in must be under
// the control of root or the user alone: owned by one of them, not writable by others, and writable
// by a group only if that is the user's private group (the primary group, named like the user,
// without other members - what Debian's adduser makes). Under sudo the user who called it counts as
// the user, too. The file must be a regular file itself, not a link.
// Folders above are not judged: the search path resolves links once, and who can rename a folder
// above owns that part of the tree. What is trusted so cannot be exchanged between this gate and
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
  // Who called sudo, where this is root.
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
// Nothing when facts can be trusted. path is for the remedy only.
[[nodiscard]] std::optional<Distrust> judge(const FileFacts &facts, const User &user,
                                            const std::filesystem::path &path);

// The gate: the file, which must be a regular one, and its folder. facts_of says what lstat says of
// either; what it throws is passed on. Here the remedy is a whole sentence.
using FactsOf = std::function<FileFacts(const std::filesystem::path &path)>;
[[nodiscard]] std::optional<Distrust> distrusted(const std::filesystem::path &file,
                                                 const User &user, const FactsOf &facts_of);

}  // namespace flashhost
