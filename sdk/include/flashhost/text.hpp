// How flashhost writes and reads addresses, sizes, times and frequencies: the same everywhere.
#pragma once

#include <flashhost/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost {

[[nodiscard]] std::string hex(std::uint32_t value);           // 0x08000000, always eight digits
[[nodiscard]] std::string hex_bytes(const Bytes &bytes);      // 0669ff30...
[[nodiscard]] std::string format_range(MemoryRange range);    // 0x08000000..0x080003ff
[[nodiscard]] std::string format_size(std::uint64_t bytes);   // 120 KiB, 42 368 B -> "42368 bytes"
[[nodiscard]] std::string format_duration(Nanoseconds time);  // 3.4 s, 20 ms, 52.5 us

// "4096", "0x1000", "128K", "128KiB", "128 KB" (all 1024-based), "1M". Empty on anything else or
// overflow.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
// "0x08000000" or decimal, up to 2^32 - 1.
[[nodiscard]] std::optional<std::uint32_t> parse_address(std::string_view text);
// "4MHz", "950kHz", "1.8 MHz", "1800000". In Hz.
[[nodiscard]] std::optional<std::uint32_t> parse_frequency(std::string_view text);
// "20ms", "1s", "52.5us".
[[nodiscard]] std::optional<Nanoseconds> parse_duration(std::string_view text);

// In upper or lower case of ASCII letters: for serial numbers and names that people type.
[[nodiscard]] bool begins_with(std::string_view text, std::string_view beginning);
[[nodiscard]] bool contains(std::string_view text, std::string_view part);

// The candidate that is most similar to the word, in upper or lower case; empty when none is so
// similar that it can be meant.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string> &candidates);

// "${BUILD}/app.hex" with the value of the environment variable BUILD; "$${" stands for "${".
// Errc::config when a variable is not set, or "${" is not followed by a name and "}".
[[nodiscard]] std::string expand_variables(std::string_view text);

}  // namespace flashhost
