// Where the program runs, as far as that decides which USB devices it can see.
#pragma once

#include <filesystem>

namespace flashhost {

// Both are true in a container under WSL.
struct Surroundings {
  bool container = false;  // Docker or Podman: it sees only the devices that it is given
  bool wsl = false;        // Linux under Windows: it sees the USB devices that Windows hands over
  friend bool operator==(const Surroundings &, const Surroundings &) = default;
};

// Looks at files that container programs and the kernel put there; what cannot be read is taken as
// absent. root: "/", or a folder in tests. [any thread]
[[nodiscard]] Surroundings surroundings(const std::filesystem::path &root = "/");

}  // namespace flashhost
