#include "output/harmless.hpp"

#include <algorithm>
#include <cstdint>

namespace flashhost {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::uint8_t byte_at(std::string_view text, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(text[index]);
}

bool is_continuation(std::uint8_t byte) noexcept {
  return (byte & 0xC0U) == 0x80;
}

struct Decoded {
  char32_t character = 0;
  std::size_t size = 0;  // 0: not UTF-8
};

// One character by the rules of RFC 3629: the shortest form, no surrogates, at most U+10FFFF.
Decoded decode(std::string_view text) noexcept {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t character = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(byte_at(text, i))) return {};
    character = character << 6 | (byte_at(text, i) & 0x3FU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < smallest[size] || surrogate || character > 0x10FFFF) return {};
  return {character, size};
}

bool drives_a_terminal(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F)  // C0, DEL and C1
         || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069)    // writing direction
         || c == 0x2028 || c == 0x2029;  // separators
}

void append(HarmlessCharacter &to, std::string_view text) noexcept {
  std::copy(text.begin(), text.end(), to.bytes.begin() + to.size);
  to.size += text.size();
}

void append_hex(HarmlessCharacter &to, std::uint32_t value) noexcept {
  unsigned shift = 4;
  while (value >> shift > 0xF) shift += 4;
  for (;; shift -= 4) {
    append(to, digits.substr(value >> shift & 0xFU, 1));
    if (shift == 0) return;
  }
}

}  // namespace

HarmlessCharacter harmless_character(std::string_view text, std::string_view layout) noexcept {
  const Decoded decoded = decode(text);
  HarmlessCharacter result;
  result.taken = std::max<std::size_t>(1, decoded.size);
  if (decoded.size <= 1 && (decoded.size == 0 || drives_a_terminal(decoded.character)) &&
      layout.find(text[0]) == std::string_view::npos) {
    append(result, "\\x");
    append_hex(result, byte_at(text, 0));
  } else if (decoded.size > 1 && drives_a_terminal(decoded.character)) {
    append(result, "\\u{");
    append_hex(result, decoded.character);
    append(result, "}");
  } else {
    append(result, text.substr(0, result.taken));
  }
  return result;
}

std::string harmless(std::string_view text, std::string_view layout) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const HarmlessCharacter character = harmless_character(text, layout);
    result += character.shown();
    text.remove_prefix(character.taken);
  }
  return result;
}

std::string_view cut(std::string_view text, std::size_t size) noexcept {
  if (text.size() <= size) return text;
  // Cuts before a character that would be cut in two. Bytes that are not UTF-8 count one by one.
  for (std::size_t begin = size; begin > 0 && size - begin < 3;) {
    --begin;
    const std::size_t length = decode(text.substr(begin)).size;
    if (length > 1) return text.substr(0, begin + length > size ? begin : size);
    if (!is_continuation(byte_at(text, begin))) break;
  }
  return text.substr(0, size);
}

}  // namespace flashhost
