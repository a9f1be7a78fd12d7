// A folder for the files of one test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace flashhost::bench {

// In memory if the system has such a file system.
[[nodiscard]] inline std::filesystem::path quickest_folder() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  return std::filesystem::is_directory(memory, error) && ::access(memory.c_str(), W_OK) == 0
             ? memory
             : std::filesystem::temp_directory_path();
}

// Empty at first; removed with its content at the end. Programs can be run from it, except from a
// folder in memory.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(
      const std::filesystem::path &where = std::filesystem::temp_directory_path()) {
    std::string name = (where / "flashhost-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = std::filesystem::canonical(name);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path &path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// For files that are written many times.
class QuickFolder : public TemporaryFolder {
 public:
  QuickFolder() : TemporaryFolder(quickest_folder()) {}
};

}  // namespace flashhost::bench
