// A folder that plugins are looked for in: what is in it, and why it cannot be told.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost {

// Adds the names in folder, in no order. 0, or what stands in the way as errno: also when that
// shows only half-way, or when the names can be listed, but the files not be opened.
[[nodiscard]] int list_folder(const std::filesystem::path &folder, std::vector<std::string> &names);

// Why a folder is of no use, in words.
struct FolderTrouble {
  std::filesystem::path folder;
  std::string reason;  // "you have no permission to read it"
  std::string remedy;
  bool operator==(const FolderTrouble &) const = default;
};
[[nodiscard]] FolderTrouble folder_trouble(const std::filesystem::path &folder, int error);

}  // namespace flashhost
