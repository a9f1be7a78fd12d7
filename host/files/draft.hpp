// New content for a file, beside it under a name of its own until it takes the file's place.
#pragma once

#include "files/system.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace flashhost::files {

// The destructor removes the new file unless replace or publish has put it in place.
class Draft {
 public:
  // The step that failed, in words for a message; the file it failed on; its errno.
  struct Failure {
    const char *doing = "";  // "cannot rename"
    std::string name;
    int error = 0;
  };

  // folder must outlive it.
  Draft(const Descriptor &folder, std::string name) : folder_(folder), name_(std::move(name)) {}
  Draft(const Draft &) = delete;
  Draft &operator=(const Draft &) = delete;
  ~Draft();

  // There must be nothing of that name. errno is set where false.
  [[nodiscard]] bool create(mode_t mode);
  // Without a name if the file system supports it: then nothing stays behind, however the program
  // ends. A file of that name, which a killed process may have left, is removed.
  [[nodiscard]] bool create_nameless(mode_t mode);
  [[nodiscard]] const Descriptor &file() const { return file_; }

  // Gives the file `name` this content. If this returns nothing, it is on disk, with its folder
  // entry; otherwise the file has the old or the new content.
  [[nodiscard]] std::optional<Failure> replace(const std::string &name,
                                               std::span<const std::uint8_t> content);
  // The same, but with EEXIST when there is something of that name.
  [[nodiscard]] std::optional<Failure> publish(const std::string &name,
                                               std::span<const std::uint8_t> content);

 private:
  void remove() noexcept;
  [[nodiscard]] std::optional<Failure> write(std::span<const std::uint8_t> content);
  [[nodiscard]] bool rename_to_new(const std::string &name);

  const Descriptor &folder_;
  std::string name_;
  bool has_name_ = false;
  Descriptor file_;
};

// errno is set where false. A folder of a file system that cannot sync folders counts as synced.
[[nodiscard]] bool sync_folder(const Descriptor &folder);

}  // namespace flashhost::files
