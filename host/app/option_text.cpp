#include "option_text.hpp"

#include "config/words.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace flashhost {

namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_hex(const std::string &text) {
  return text.starts_with("0x");
}

std::optional<std::uint32_t> number(std::string_view text, int base) {
  std::uint32_t value = 0;
  const char *const begin = text.data();
  const char *const end = begin + text.size();
  const auto [last, error] = std::from_chars(begin, end, value, base);
  if (text.empty() || last != end || error != std::errc()) return std::nullopt;
  return value;
}

std::vector<std::string> names_of(const std::vector<OptionValue> &values) {
  std::vector<std::string> names;
  for (const OptionValue &value : values) {
    if (!value.name.empty()) names.push_back(value.name);
  }
  return names;
}

[[noreturn]] void refuse(const std::string &what, const std::string &hint) {
  throw Error(Errc::usage, what, hint);
}

const OptionField &field_of(const std::vector<OptionField> &fields, const std::string &name) {
  for (const OptionField &field : fields) {
    if (lower(field.name) == lower(name)) return field;
  }
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const OptionField &field : fields) names.push_back(field.name);
  refuse(fmt::format("this chip has no option {}{}", config::in_quotes(name),
                     config::did_you_mean(name, names)),
         fmt::format("It has {}.", config::joined(names)));
}

std::uint32_t value_of(const OptionField &field, const std::string &word) {
  const std::string text = lower(word);
  for (const OptionValue &value : field.values) {
    if (!value.name.empty() && lower(value.name) == text) return value.value;
  }
  const std::vector<std::string> names = names_of(field.values);
  const auto value = is_hex(text) ? number(std::string_view(text).substr(2), 16) : number(text, 10);
  const std::string asked = fmt::format("{}={}", field.name, config::printable(word));
  // 0, 1 and 2 would be taken for levels.
  if (value && !names.empty() && !is_hex(text)) {
    refuse(fmt::format("{} could mean two things", asked),
           fmt::format("Name the value ({}), or write its bits in hexadecimal: {}=0x{:x}.",
                       config::alternatives(names), field.name, *value));
  }
  if (!value) {
    refuse(fmt::format("{}: {} is no number", asked, config::in_quotes(word)),
           names.empty() ? std::string("Numbers are decimal, or hexadecimal with 0x.")
                         : fmt::format("It can be {}, or a hexadecimal number.",
                                       config::alternatives(names)));
  }
  if (*value > largest_option_value(field)) {
    refuse(fmt::format("{} is too large for {}", asked, field.name),
           fmt::format("It has {} bit{}: at most {}.", field.bits, field.bits == 1 ? "" : "s",
                       option_number(field, largest_option_value(field))));
  }
  return *value;
}

// The meaning of field and value.
std::string described(const OptionField &field, std::uint32_t value) {
  const std::string meaning = option_meaning(field, value);
  return meaning.empty() ? field.meaning : fmt::format("{}: {}", field.meaning, meaning);
}

// Columns as wide as they must be.
std::vector<std::string> lines_of(const std::vector<std::array<std::string, 3>> &rows) {
  std::size_t name = 0;
  std::size_t value = 0;
  for (const auto &row : rows) {
    name = std::max(name, row[0].size());
    value = std::max(value, row[1].size());
  }
  std::vector<std::string> lines;
  lines.reserve(rows.size());
  for (const auto &row : rows) {
    lines.push_back(fmt::format("{:<{}}  {:<{}}  {}", row[0], name, row[1], value, row[2]));
  }
  return lines;
}

}  // namespace

std::string option_number(const OptionField &field, std::uint32_t value) {
  constexpr std::uint32_t digit_bits = 4;
  if (field.bits == 1) return fmt::format("{}", value);
  return fmt::format("0x{:0{}x}", value, (field.bits + digit_bits - 1) / digit_bits);
}

std::string option_meaning(const OptionField &field, std::uint32_t value) {
  for (const OptionValue &known : field.values) {
    if (known.value == value && !known.meaning.empty()) return known.meaning;
  }
  return field.otherwise;
}

std::vector<std::string> option_lines(const std::vector<OptionField> &fields,
                                      const OptionWords &words) {
  std::vector<std::array<std::string, 3>> rows;
  for (const OptionField &field : fields) {
    const std::uint32_t value = option_value(field, words);
    rows.push_back({field.name, option_number(field, value), described(field, value)});
  }
  return lines_of(rows);
}

std::vector<std::string> change_lines(const std::vector<OptionField> &fields,
                                      const OptionWords &from, const OptionWords &to) {
  std::vector<std::array<std::string, 3>> rows;
  for (const OptionField &field : fields) {
    const std::uint32_t old = option_value(field, from);
    const std::uint32_t value = option_value(field, to);
    if (old == value) continue;
    const std::string meaning = option_meaning(field, old);
    const bool tells = !meaning.empty() && meaning != option_meaning(field, value);
    rows.push_back({field.name,
                    fmt::format("{} -> {}", option_number(field, old), option_number(field, value)),
                    described(field, value) + (tells ? fmt::format(" (now: {})", meaning) : "")});
  }
  return lines_of(rows);
}

OptionWords with_values(const std::vector<OptionField> &fields, OptionWords words,
                        const std::vector<config::OptionAssignment> &assignments) {
  std::vector<const OptionField *> set;
  for (const config::OptionAssignment &assignment : assignments) {
    const OptionField &field = field_of(fields, assignment.field);
    if (std::ranges::find(set, &field) != set.end()) {
      refuse(fmt::format("{} is given twice", field.name), "Only one of them can have an effect.");
    }
    set.push_back(&field);
    set_option_value(field, words, value_of(field, assignment.value));
  }
  return words;
}

}  // namespace flashhost
