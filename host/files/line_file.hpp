// A file that grows by whole lines, also when several processes write to it.
#pragma once

#include "files/system.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace flashhost::files {

class LineFile {
 public:
  // Opens the file, or makes it: obstacles are found at once, before any work is done. Links are
  // followed. Errc::usage naming the file.
  explicit LineFile(const std::filesystem::path &file);

  enum class Before : std::uint8_t {
    whole,  // the file was empty, or its last line had an end
    torn,   // its last line had none, as after a crash: it was given one
  };
  // Adds the line, which has no newline, and a newline. When this returns, it is on disk. If it
  // throws, nothing of the line is in the file, unless the disk fails even to take it back. Waits
  // some seconds for another process that is just adding a line.
  Before append(std::string_view line);

 private:
  void lock();
  [[noreturn]] void fail(int error) const;

  std::filesystem::path name_;
  Descriptor file_;
};

}  // namespace flashhost::files
