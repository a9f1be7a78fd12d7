// A folder whose files are flashhost's own: what must survive it is kept there.
#pragma once

#include "files/system.hpp"

#include <flashhost/types.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace flashhost::files {

// The folder is held open: everything happens in that very folder, whatever is renamed or linked
// above it. Its owner must be the user, or for root the user who called sudo; new files get the
// same owner. No file in it is reached through a symbolic link. Every error is Errc::config and
// names the file.
class StateFolder {
 public:
  // Made, with the folders above it (0700), where it does not exist. Writing by others is
  // forbidden.
  explicit StateFolder(const std::filesystem::path &folder);
  // Nothing where it does not exist.
  [[nodiscard]] static std::optional<StateFolder> open_if_there(
      const std::filesystem::path &folder);

  // Nothing only where there is no such file, by two system calls that agree. One that cannot be
  // read, for whatever reason, that is larger than limit, is no regular file or is somebody else's
  // is an error.
  [[nodiscard]] std::optional<Bytes> read(const std::string &name, std::size_t limit) const;
  // Whole and on disk, with its folder entry, when this returns; as it was before when this throws,
  // or already as it shall be. 0600. Not by two at a time: take a lock first.
  void replace(const std::string &name, const Bytes &content) const;
  // On disk when this returns. It need not exist.
  void remove(const std::string &name) const;
  // Held for the life of what is returned, through the file of that name; empty where another
  // process holds it.
  [[nodiscard]] Descriptor lock(const std::string &name) const;

  [[nodiscard]] std::filesystem::path path_of(const std::string &name) const {
    return path_ / name;
  }

 private:
  StateFolder(std::filesystem::path path, Descriptor folder);

  void check_owner();
  void give_to_owner(const Descriptor &file, const std::string &name) const;
  void check_file(const Descriptor &file, const std::string &name) const;
  void sync(const std::string &name) const;
  [[nodiscard]] bool is_there(const std::string &name) const;
  [[noreturn]] void fail(const std::string &doing, const std::string &name, int error) const;

  std::filesystem::path path_;
  Descriptor folder_;
  uid_t owner_ = 0;
  gid_t group_ = 0;
};

}  // namespace flashhost::files
