// Makes text from outside (board files, names of files and folders, devices, plugins) safe for a
// terminal or a log. This is the only place that does so.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace flashhost {

// Shows control characters and bytes that are not UTF-8 as \xNN; the controls U+0080..U+009F, the
// characters that change the direction of writing, and line and paragraph separators as \u{N}. All
// else stays, and so do the control characters listed in layout. Applying it twice changes nothing
// more.
[[nodiscard]] std::string harmless(std::string_view text, std::string_view layout = {});

// The same for the first character of a non-empty text, without allocating memory.
struct HarmlessCharacter {
  std::size_t taken = 0;  // bytes of the text that it replaces
  std::size_t size = 0;
  std::array<char, 16> bytes{};
  [[nodiscard]] std::string_view shown() const noexcept { return {bytes.data(), size}; }
};
[[nodiscard]] HarmlessCharacter harmless_character(std::string_view text,
                                                   std::string_view layout) noexcept;

// The longest start of text that has at most size bytes and does not cut a character.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t size) noexcept;

}  // namespace flashhost
