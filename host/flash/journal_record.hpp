// What a journal says, as a value and as the text of its file (docs/journal.md).
#pragma once

#include <flashhost/family.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost {

// A sector that the run was going to erase; or a bystander, next to one of those, which code that
// nobody here has tested might erase.
struct JournalSector {
  MemoryRange range;
  std::uint32_t found_crc = 0;   // loader_crc of the whole sector as the run found it
  std::uint32_t wanted_crc = 0;  // and as it shall be
  // Whole contents; all three are empty where nothing of the sector has to be kept.
  Bytes old;     // what has to be there where no image covers it
  Bytes wanted;  // afterwards
  Bytes found;   // what this run found there, if that was not old (an earlier run was interrupted)
  bool guarded = false;  // erased first and programmed last
  [[nodiscard]] bool is_bystander() const {
    return !guarded && !old.empty() && old == wanted && found.empty();
  }
  friend bool operator==(const JournalSector &, const JournalSector &) = default;
};

// An untouched, non-blank sector; identifies the board. In the file: witness.
struct Landmark {
  MemoryRange range;
  std::uint32_t crc = 0;
  friend bool operator==(const Landmark &, const Landmark &) = default;
};

// Which chip a journal is of, as far as that can be known.
struct JournalIdentity {
  std::uint32_t device_id = 0;
  Bytes unique_id;    // empty where the chip has none
  std::string probe;  // its serial number, for people; may be empty
  friend bool operator==(const JournalIdentity &, const JournalIdentity &) = default;
};

struct JournalRecord {
  JournalIdentity identity;
  std::string chip;  // its name, for people
  bool mass_erase = false;
  std::vector<JournalSector> sectors;  // at least one; ascending, not overlapping
  std::vector<Landmark> landmarks;

  // Whether something would be lost without it.
  [[nodiscard]] bool keeps_bytes() const;
  friend bool operator==(const JournalRecord &, const JournalRecord &) = default;
};

// Option bytes that a run was going to write.
struct OptionRecord {
  JournalIdentity identity;
  std::string chip;    // its name, for people
  OptionWords before;  // at least one
  OptionWords wanted;  // as many
  friend bool operator==(const OptionRecord &, const OptionRecord &) = default;
};

// The file's text: a line with version and SHA-256 of the rest, the body.
[[nodiscard]] std::string journal_text(const JournalRecord &record);
// Throws std::invalid_argument, saying what is wrong, for any text that journal_text could not have
// written: another version, damage, a value out of range, a word too many.
[[nodiscard]] JournalRecord parse_journal(std::string_view text);
// The body alone.
[[nodiscard]] JournalRecord parse_journal_body(std::string_view body);

// The same for the file of option bytes.
[[nodiscard]] std::string option_record_text(const OptionRecord &record);
[[nodiscard]] OptionRecord parse_option_record(std::string_view text);

}  // namespace flashhost
