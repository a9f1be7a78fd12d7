// A folder for the files of one test.
#pragma once

#include <filesystem>

namespace flashhost::bench {

// Gone with its content at the end. In memory where the system has a place for that.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path &path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace flashhost::bench
