// Gate 2: is the file a plugin, and of which interface version? Reads it; executes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace flashhost {

// Fills the buffer from there on; false when the file does not reach so far.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<std::byte> buffer)>;

// Nothing when the file has the section that plugins of this interface version have; otherwise what
// it is instead, as the end of a sentence: "it speaks plugin interface 3, ...". Whatever the file
// says about itself, at most 320 KiB of it are read, in four places, and no more memory is used.
[[nodiscard]] std::optional<std::string> not_a_plugin(const ReadAt &read);

// The same for a file on disk; a folder, pipe or device is none.
[[nodiscard]] std::optional<std::string> not_a_plugin(const std::filesystem::path &file);

}  // namespace flashhost
