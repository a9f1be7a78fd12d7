// SHA-256, for pinned images (image.sha256).
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace flashhost::files {

// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::span<const std::uint8_t> bytes);

}  // namespace flashhost::files
