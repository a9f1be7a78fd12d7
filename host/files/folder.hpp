// Folders as the host uses them.
#pragma once

#include <flashhost/error.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::files {

// The files in a folder and in those below it, relative to it, always in the same order. Every
// error is code.
[[nodiscard]] std::vector<std::filesystem::path> files_below(const std::filesystem::path &folder,
                                                             Errc code);

// Makes a folder, with those above it; one that exists must be empty. Errc::usage otherwise.
void make_empty_folder(const std::filesystem::path &folder);
// Makes a folder, with those above it, where it does not exist. Errc::usage.
void make_folder(const std::filesystem::path &folder);

}  // namespace flashhost::files
