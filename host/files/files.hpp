// Files as the host uses them. All that opens, reads, writes, renames or lists a file is in this
// folder; everything goes through System.
#pragma once

#include "files/system.hpp"

#include <flashhost/error.hpp>
#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace flashhost::files {

inline constexpr std::size_t max_image_file_size = std::size_t{64} * 1024 * 1024;

// A regular file, through symbolic links, open for reading: no folder, pipe or device can make it
// wait or go on for ever. Every error is code, which says what the file was wanted for, and names
// the file.
class InputFile {
 public:
  InputFile(const std::filesystem::path &file, Errc code);

  [[nodiscard]] std::uint64_t size() const { return size_; }  // when it was opened
  // How many bytes there were, up to out's size; fewer only at the end of the file.
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  Descriptor descriptor_;
  std::string name_;
  Errc code_;
  std::uint64_t size_ = 0;
};

// The whole file; one of more than limit bytes is an error.
[[nodiscard]] Bytes read_file(const std::filesystem::path &file, std::size_t limit, Errc code);

// Whether both are there and are the same file, by whatever names. Errc::usage where that cannot be
// told.
[[nodiscard]] bool same_file(const std::filesystem::path &a, const std::filesystem::path &b);

// All of content; errno is set where false.
[[nodiscard]] bool write_all(int descriptor, std::span<const std::uint8_t> content);

// "a folder", "a pipe", ...
[[nodiscard]] std::string kind_of(mode_t mode);

}  // namespace flashhost::files
