// Option bytes: what a chip keeps outside its flash and obeys from its next reset on. The host owns
// the procedure and the words for the user; the family knows the fields and how to write them.
#pragma once

#include <flashhost/chip.hpp>
#include <flashhost/probe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flashhost {

// The option bytes of one chip as words; the family decides what is in which. They hold all that
// has to be written, also bits that belong to no field.
using OptionWords = std::vector<std::uint32_t>;

struct OptionValue {
  std::uint32_t value = 0;
  std::string name;     // "level0", accepted on the command line; may be empty
  std::string meaning;  // "a debugger can read the flash"
  friend bool operator==(const OptionValue &, const OptionValue &) = default;
};

// Some adjacent bits of one word.
struct OptionField {
  std::string name;        // as in the manual: "WDG_SW"
  std::string meaning;     // "the independent watchdog"
  std::uint32_t word = 0;  // index into OptionWords
  std::uint32_t shift = 0;
  std::uint32_t bits = 1;
  std::vector<OptionValue> values;  // those that have a meaning of their own; may be empty
  // The meaning of all other values; may be empty.
  std::string otherwise = {};  // NOLINT(readability-redundant-member-init)
  bool protects = false;       // it is a part of read or write protection
  friend bool operator==(const OptionField &, const OptionField &) = default;
};

// What a change of the option bytes does beyond the fields that it changes.
struct OptionEffect {
  enum class Kind : std::uint8_t {
    remark,        // worth knowing: "the board must be power-cycled"
    erases_flash,  // the chip erases its whole flash
    final,         // can never be taken back
    impossible,    // the chip does not do it
  };
  Kind kind = Kind::remark;
  std::string text;  // a sentence without a full stop: "taking the read protection off erases ..."
  friend bool operator==(const OptionEffect &, const OptionEffect &) = default;
};

// An ability of a family: reading and writing the option bytes.
// [one thread] Words have the size that `read` returns for the chip.
class OptionBytes {
 public:
  OptionBytes() = default;
  OptionBytes(const OptionBytes &) = delete;
  OptionBytes &operator=(const OptionBytes &) = delete;
  virtual ~OptionBytes() = default;

  // All fields, in the order of the manual; they do not overlap.
  [[nodiscard]] virtual std::vector<OptionField> fields(const Chip &chip) const = 0;
  // What the option bytes hold now, not what the chip has loaded from them. Reads only; also before
  // prepare, and when the flash is protected.
  [[nodiscard]] virtual OptionWords read(Probe &probe, const Chip &chip) = 0;
  // What writing `to` over `from` does, where the chip has loaded `from`. Decides nothing by
  // itself: the host asks the user. The host leaves out erases_flash where Locks says that no read
  // protection is in force.
  [[nodiscard]] virtual std::vector<OptionEffect> effects(const Chip &chip, const OptionWords &from,
                                                          const OptionWords &to) const = 0;
  // Writes all words, makes sure that they are there, and only then resets the chip, so that it
  // loads them; the core is halted afterwards. Words that close the chip for ever are written
  // without that reset. After prepare, with the core halted. When it fails it must not reset: half
  // written option bytes could close the chip. It may then be called again, without a reset
  // between. Throws as DirectFlash does; Errc::locked where the words are written, but the chip has
  // to be power-cycled before it can be used.
  virtual void write(Probe &probe, const Chip &chip, const OptionWords &words) = 0;

  // `words` with read protection, in the strongest form that can be taken off again.
  [[nodiscard]] virtual OptionWords with_read_protection(const Chip &chip,
                                                         OptionWords words) const = 0;
  // `words` with write protection of all units that hold a part of range. Errc::locked where the
  // chip cannot have it as its other options are.
  [[nodiscard]] virtual OptionWords with_write_protection(const Chip &chip, OptionWords words,
                                                          MemoryRange range) const = 0;
  // `words` without any protection that can be taken off. Errc::locked, saying why, where some
  // cannot.
  [[nodiscard]] virtual OptionWords without_protection(const Chip &chip,
                                                       OptionWords words) const = 0;
  // The parts of the flash that cannot be erased or programmed, ascending; without those that read
  // protection adds.
  [[nodiscard]] virtual std::vector<MemoryRange> write_protected(
      const Chip &chip, const OptionWords &words) const = 0;
};

// The value of a field in words.
[[nodiscard]] std::uint32_t option_value(const OptionField &field, const OptionWords &words);
void set_option_value(const OptionField &field, OptionWords &words, std::uint32_t value);
// The largest value that the field can have.
[[nodiscard]] std::uint32_t largest_option_value(const OptionField &field);

}  // namespace flashhost
