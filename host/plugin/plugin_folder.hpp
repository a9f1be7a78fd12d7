// A folder in which plugins are searched: what is in it, and why it cannot be used.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost {

// Adds the names in folder, in any order. Returns 0, or an errno: also when the error comes in the
// middle of the list, or when the names can be listed but the files not be opened.
[[nodiscard]] int list_folder(const std::filesystem::path &folder, std::vector<std::string> &names);

// Why a folder cannot be used, in words.
struct FolderTrouble {
  std::filesystem::path folder;
  std::string reason;  // "you have no permission to read it"
  std::string remedy;
  bool operator==(const FolderTrouble &) const = default;
};
[[nodiscard]] FolderTrouble folder_trouble(const std::filesystem::path &folder, int error);

}  // namespace flashhost
