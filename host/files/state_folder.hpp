// The folder for files that must survive the program, such as the journal.
#pragma once

#include "files/system.hpp"

#include <flashhost/types.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace flashhost::files {

// The folder is held open: all operations use that very folder, even if something above it is
// renamed or replaced by a link. Its owner must be the user, or, for root, the user who called
// sudo; new files get the same owner. Symbolic links in it are not followed. All errors are
// Errc::config and name the file.
class StateFolder {
 public:
  // Makes the folder and its parents (mode 0700) if they do not exist. Removes write permission for
  // others.
  explicit StateFolder(const std::filesystem::path &folder);
  // Empty when the folder does not exist.
  [[nodiscard]] static std::optional<StateFolder> open_if_there(
      const std::filesystem::path &folder);

  // Empty only when the file does not exist, confirmed by two system calls. It is an error if the
  // file cannot be read for any other reason, is larger than limit, is not a regular file or
  // belongs to somebody else.
  [[nodiscard]] std::optional<Bytes> read(const std::string &name, std::size_t limit) const;
  // When this returns, the file has the new content, and it and its folder entry are on disk. When
  // this throws, the file has the old or the new content. Mode 0600. Take a lock first: two
  // processes must not do this at the same time.
  void replace(const std::string &name, const Bytes &content) const;
  // When this returns, the file is gone and that is on disk. It need not exist.
  void remove(const std::string &name) const;
  // A lock by the file of that name, held as long as the returned object lives; empty when another
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
