// Reading input files.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/types.hpp>

#include <cstddef>
#include <filesystem>

namespace flashhost::config {

inline constexpr std::size_t max_image_file_size = std::size_t{64} * 1024 * 1024;

// The whole file. Only regular files (through symbolic links) of at most limit bytes are read: no
// folder, pipe or device can make it wait or go on for ever. Throws code, which says what the file
// was wanted for, naming the file.
[[nodiscard]] Bytes read_file(const std::filesystem::path &file, std::size_t limit, Errc code);

}  // namespace flashhost::config
