#include <flashhost/option_bytes.hpp>

namespace flashhost {

std::uint32_t largest_option_value(const OptionField &field) {
  constexpr std::uint32_t word_bits = 32;
  return field.bits >= word_bits ? 0xFFFFFFFF : (1U << field.bits) - 1;
}

std::uint32_t option_value(const OptionField &field, const OptionWords &words) {
  return (words.at(field.word) >> field.shift) & largest_option_value(field);
}

void set_option_value(const OptionField &field, OptionWords &words, std::uint32_t value) {
  const std::uint32_t mask = largest_option_value(field) << field.shift;
  std::uint32_t &word = words.at(field.word);
  word = (word & ~mask) | ((value << field.shift) & mask);
}

}  // namespace flashhost
