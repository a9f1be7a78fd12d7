// An output file that appears complete, or not at all.
#pragma once

#include "files/draft.hpp"

#include <flashhost/types.hpp>

#include <filesystem>
#include <string>

namespace flashhost::files {

class OutputFile {
 public:
  // Finds obstacles at once, before any work is done: Errc::usage naming the file. Links are
  // followed, even to a file that does not exist yet. An existing file keeps its mode and owner.
  // Without commit no file is left.
  explicit OutputFile(const std::filesystem::path &file);
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  // When this returns, the file is on disk under its own name. An existing file is replaced.
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
