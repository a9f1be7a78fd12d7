// A file that is there whole, or not at all.
#pragma once

#include "files/draft.hpp"

#include <flashhost/types.hpp>

#include <filesystem>
#include <string>

namespace flashhost::files {

class OutputFile {
 public:
  // What is in the way shows at once, before any work is done: Errc::usage naming the file. Links
  // are followed, to a file that is not there yet, too. A file that is there keeps its mode and
  // owner. Without commit nothing is left.
  explicit OutputFile(const std::filesystem::path &file);
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  // On disk under its own name when this returns. An existing file is replaced.
  void commit(const Bytes &content);

 private:
  void check_existing();
  void keep_owner();

  std::filesystem::path asked_;  // as the user wrote it
  std::string name_;             // in folder_
  Descriptor folder_;
  Draft draft_;
  bool exists_ = false;
  struct stat existing_{};
};

}  // namespace flashhost::files
