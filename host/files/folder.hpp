// Folders as the host uses them.
#pragma once

#include <flashhost/error.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::files {

// All files in a folder and its subfolders, as paths relative to it, always in the same order. All
// errors have the given code.
[[nodiscard]] std::vector<std::filesystem::path> files_below(const std::filesystem::path &folder,
                                                             Errc code);

// Makes a folder and its parents; if it exists, it must be empty. Errc::usage otherwise.
void make_empty_folder(const std::filesystem::path &folder);
// Makes a folder and its parents if they do not exist. Errc::usage.
void make_folder(const std::filesystem::path &folder);

}  // namespace flashhost::files
