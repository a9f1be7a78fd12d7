#include "unreadable_words.hpp"

#include "sim_board.hpp"

namespace flashhost::testing {

namespace {

bool take_errors(machine::Target &target, const Chip &chip) {
  bool any = false;
  for (const ReadErrorRegister &one : chip.read_errors) {
    const std::uint32_t found = bench::read_word(target, one.address).value_or(0);
    if ((found & one.mask) == 0) continue;
    any = true;
    static_cast<void>(target.write(one.address, 4, found));
  }
  return any;
}

bool reads_without_error(machine::Target &target, const Chip &chip, MemoryRange range) {
  for (std::uint32_t at = 0; at < range.size; at += ecc_word) {
    static_cast<void>(bench::read_word(target, range.address + at));
  }
  return !take_errors(target, chip);
}

}  // namespace

std::set<std::uint32_t> unreadable_words(machine::Target &target, const Chip &chip,
                                         MemoryRange range) {
  std::set<std::uint32_t> words;
  take_errors(target, chip);
  if (reads_without_error(target, chip, range)) return words;
  for (std::uint32_t at = 0; at < range.size; at += ecc_word) {
    const std::uint32_t word = range.address + at;
    if (!reads_without_error(target, chip, {word, ecc_word})) words.insert(word);
  }
  return words;
}

}  // namespace flashhost::testing
