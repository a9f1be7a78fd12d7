// Text that came from outside - board files, names of files and folders, devices, plugins - made
// safe for a terminal or a log. This is the only place that does it.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace flashhost {

// Shown as \xNN, a byte: control characters, and what is no UTF-8. Shown as \u{N}, a character:
// the controls U+0080..U+009F, what turns the writing direction, and the separators of lines and
// paragraphs. All else passes, as do the control characters in layout. Done twice it is the same.
[[nodiscard]] std::string harmless(std::string_view text, std::string_view layout = {});

// The same for the first character of a text that is not empty, without memory of its own.
struct HarmlessCharacter {
  std::size_t taken = 0;  // bytes of the text that it stands for
  std::size_t size = 0;
  std::array<char, 16> bytes{};
  [[nodiscard]] std::string_view shown() const noexcept { return {bytes.data(), size}; }
};
[[nodiscard]] HarmlessCharacter harmless_character(std::string_view text,
                                                   std::string_view layout) noexcept;

// The longest start of text that has at most size bytes and ends between two characters.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t size) noexcept;

}  // namespace flashhost
