#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

namespace flashhost {

namespace {

constexpr std::uint64_t kibi = 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_name_character(char c) {
  return is_digit(c) || c == '_' || (lower(c) >= 'a' && lower(c) <= 'z');
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char &c : result) c = lower(c);
  return result;
}

// Takes an unsigned integer, decimal or hexadecimal with 0x, from the front of text.
std::optional<std::uint64_t> take_integer(std::string_view &text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), value, base);
  if (failure != std::errc{}) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  return value;
}

// A decimal number and its unit, one of the table's names in any case.
template <std::size_t Count>
std::optional<double> parse_scaled(
    std::string_view text, const std::array<std::pair<std::string_view, double>, Count> &units) {
  text = trim(text);
  if (text.empty() || !is_digit(text.front())) return {};
  double value = 0;
  const auto [end, failure] =
      std::from_chars(text.begin(), text.end(), value, std::chars_format::fixed);
  if (failure != std::errc{} || !std::isfinite(value)) return {};
  const std::string unit = lower(trim(text.substr(static_cast<std::size_t>(end - text.begin()))));
  for (const auto &[name, factor] : units) {
    if (unit == name) return value * factor;
  }
  return {};
}

// At most one decimal, none when it is zero.
std::string short_number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// Edit distance; swapping two adjacent letters counts as one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::string hex(std::uint32_t value) {
  return fmt::format("0x{:08x}", value);
}

std::string hex_bytes(const Bytes &bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string format_range(MemoryRange range) {
  if (range.size == 0) return hex(range.address) + " (empty)";
  return hex(range.address) + ".." + hex(static_cast<std::uint32_t>(range.end() - 1));
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 1) return "1 byte";
  if (bytes != 0 && bytes % (kibi * kibi) == 0) return fmt::format("{} MiB", bytes / (kibi * kibi));
  if (bytes != 0 && bytes % kibi == 0) return fmt::format("{} KiB", bytes / kibi);
  return fmt::format("{} bytes", bytes);
}

std::string format_duration(Nanoseconds time) {
  if (time < Nanoseconds::zero()) return "-" + format_duration(-time);
  const auto count = static_cast<double>(time.count());
  // A value at the limit would be shown as 1.0 of the next unit after rounding.
  if (time.count() < 1000) return fmt::format("{} ns", time.count());
  if (count < 999.95e3) return short_number(count / 1e3) + " us";
  if (count < 999.95e6) return short_number(count / 1e6) + " ms";
  return short_number(count / 1e9) + " s";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  text = trim(text);
  const auto number = take_integer(text);
  if (!number) return {};
  const std::string unit = lower(trim(text));
  std::uint64_t factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  if (unit == "k" || unit == "kb" || unit == "kib") factor = kibi;
  if (unit == "m" || unit == "mb" || unit == "mib") factor = kibi * kibi;
  if (factor == 0 || *number > std::numeric_limits<std::uint64_t>::max() / factor) return {};
  return *number * factor;
}

std::optional<std::uint32_t> parse_address(std::string_view text) {
  text = trim(text);
  const auto number = take_integer(text);
  if (!number || !text.empty() || *number > std::numeric_limits<std::uint32_t>::max()) return {};
  return static_cast<std::uint32_t>(*number);
}

std::optional<std::uint32_t> parse_frequency(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 6> units{
      {{"", 1}, {"hz", 1}, {"k", 1e3}, {"khz", 1e3}, {"m", 1e6}, {"mhz", 1e6}}};
  const auto hertz = parse_scaled(text, units);
  if (!hertz || *hertz < 1 || *hertz > std::numeric_limits<std::uint32_t>::max()) return {};
  return static_cast<std::uint32_t>(std::llround(*hertz));
}

std::optional<Nanoseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 4> units{
      {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}};
  const auto time = parse_scaled(text, units);
  if (!time || *time > 9e18) return {};
  return Nanoseconds(std::llround(*time));
}

bool begins_with(std::string_view text, std::string_view beginning) {
  return lower(text.substr(0, beginning.size())) == lower(beginning);
}

bool contains(std::string_view text, std::string_view part) {
  return lower(text).find(lower(part)) != std::string::npos;
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string> &candidates) {
  constexpr std::size_t longest_word = 64;
  if (word.size() > longest_word) return {};
  std::optional<std::string> best;
  std::size_t best_distance = 1 + std::max<std::size_t>(1, word.size() / 3);
  for (const std::string &candidate : candidates) {
    const std::size_t edits = distance(lower(word), lower(candidate));
    if (edits < best_distance && edits < candidate.size()) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best;
}

std::string expand_variables(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("$${")) {
      result += "${";
      at += 3;
      continue;
    }
    if (!rest.starts_with("${")) {
      result += text[at++];
      continue;
    }
    const std::size_t end = rest.find('}');
    const std::string name(rest.substr(2, end == std::string_view::npos ? end : end - 2));
    const bool good = end != std::string_view::npos && !name.empty() &&
                      std::ranges::all_of(name, is_name_character);
    if (!good) {
      throw Error(Errc::config, R"("${" is not followed by the name of a variable and "}")",
                  "Write ${NAME}, or $${ for the characters themselves.");
    }
    const char *value = std::getenv(name.c_str());
    if (value == nullptr) {
      throw Error(Errc::config, fmt::format("the environment variable {} is not set", name),
                  fmt::format("Set it for this run: {}=... flashhost ...", name));
    }
    result += value;
    at += end + 1;
  }
  return result;
}

}  // namespace flashhost
