// A file that is there whole, or not at all.
#pragma once

#include <flashhost/types.hpp>

#include <filesystem>

namespace flashhost::config {

class OutputFile {
 public:
  // Makes a temporary file beside it at once: what is in the way shows before any work is done.
  // Errc::usage naming the file.
  explicit OutputFile(const std::filesystem::path &file);
  ~OutputFile();  // without commit nothing is left
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  // On disk under its own name when this returns. An existing file is replaced.
  void commit(const Bytes &content);

 private:
  std::filesystem::path file_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

// All of it, to a pipe or file. Errc::usage when it does not take it.
void write_all(int descriptor, const Bytes &content, const std::filesystem::path &name);

}  // namespace flashhost::config
