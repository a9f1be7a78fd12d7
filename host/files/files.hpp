// Files as the host uses them. All code that opens, reads, writes, renames or lists a file is in
// this folder and calls the system through System.
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

// Of an image: text with 64 MiB of data takes up to 190 MiB.
inline constexpr std::size_t max_image_file_size = std::size_t{256} * 1024 * 1024;
// Of a file that a plugin reads: packs of vendors have up to 150 MiB.
inline constexpr std::size_t max_plugins_file_size = max_image_file_size;
// Of other files that the user names.
inline constexpr std::size_t max_other_file_size = std::size_t{64} * 1024 * 1024;

// A regular file, open for reading; symbolic links are followed. Folders, pipes and devices are
// refused, so that nothing blocks and the input is finite. All errors have the given code, which
// depends on what the file is for, and name the file.
class InputFile {
 public:
  InputFile(const std::filesystem::path &file, Errc code);

  [[nodiscard]] std::uint64_t size() const { return size_; }  // at the time of opening
  // Returns the number of bytes read: as many as out has, fewer only at the end of the file.
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  Descriptor descriptor_;
  std::string name_;
  Errc code_;
  std::uint64_t size_ = 0;
};

// The whole file; it is an error if it has more than limit bytes.
[[nodiscard]] Bytes read_file(const std::filesystem::path &file, std::size_t limit, Errc code);

// Whether there is something of this name, also if it is no file or cannot be read.
[[nodiscard]] bool exists(const std::filesystem::path &name);

// Whether both exist and are the same file, under whatever names. Errc::usage when that cannot be
// found out.
[[nodiscard]] bool same_file(const std::filesystem::path &a, const std::filesystem::path &b);

// Writes all of content; when false, errno is set.
[[nodiscard]] bool write_all(int descriptor, std::span<const std::uint8_t> content);

// "a folder", "a pipe", ...
[[nodiscard]] std::string kind_of(mode_t mode);

}  // namespace flashhost::files
