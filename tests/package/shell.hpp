// Other programs, as a user runs them.
#pragma once

#include "temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost {

struct Outcome {
  int exit_code = -1;
  std::string output;  // both streams
};
[[nodiscard]] Outcome run(const std::string &command);

using bench::TemporaryFolder;

// The *.so in folder, sorted.
[[nodiscard]] std::vector<std::filesystem::path> shared_objects(
    const std::filesystem::path &folder);
// Those that are plugins of the host, and those that are chips of the simulator.
[[nodiscard]] std::vector<std::filesystem::path> plugin_files(const std::filesystem::path &folder);
[[nodiscard]] std::vector<std::filesystem::path> model_files(const std::filesystem::path &folder);
[[nodiscard]] bool is_loaded(const std::filesystem::path &file);

}  // namespace flashhost
