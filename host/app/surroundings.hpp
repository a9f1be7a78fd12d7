// Where the program runs, as far as that decides which USB devices it can see.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace flashhost {

enum class Surroundings : std::uint8_t { computer, container, wsl };

// root: "/", or a folder in tests.
[[nodiscard]] Surroundings surroundings(const std::filesystem::path &root);
// What helps there when no probe is seen, after another sentence; empty on a plain computer.
[[nodiscard]] std::string_view hint_of(Surroundings surroundings);

}  // namespace flashhost
