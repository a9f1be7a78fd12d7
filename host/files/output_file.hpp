// An output file that appears complete, or not at all.
#pragma once

#include "files/draft.hpp"

#include <flashhost/types.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace flashhost::files {

// What becomes of a file that is there already.
enum class Older : std::uint8_t { replaced, refused };

class OutputFile {
 public:
  // Finds obstacles at once, before any work is done: Errc::usage naming the file. Links are
  // followed, even to a file that does not exist yet. An existing file keeps its mode and owner.
  // Without commit no file is left.
  explicit OutputFile(const std::filesystem::path &file, Older older = Older::replaced);
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  // When this returns, the file is on disk under its own name. An existing file is replaced, or
  // Errc::usage, also when it was made meanwhile.
  void commit(const Bytes &content);

 private:
  void check_existing();
  void keep_owner();

  std::filesystem::path asked_;  // as the user wrote it
  Older older_;
  std::string name_;  // in folder_
  Descriptor folder_;
  Draft draft_;
  bool exists_ = false;
  struct stat existing_{};
};

}  // namespace flashhost::files
