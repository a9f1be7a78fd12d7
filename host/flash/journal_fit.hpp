// Whether a journal belongs to the connected board, and fits what its flash holds. Bytes of one
// board must never end up on another (docs/journal.md).
#pragma once

#include "flash_access.hpp"
#include "journal_record.hpp"
#include "plan.hpp"

#include <cstdint>

namespace flashhost {

// How sure it is that a journal belongs to this board, apart from what the flash holds.
enum class BoardMatch : std::uint8_t {
  weak,      // the chip has no id of its own
  strong,    // it has the same one
  user,      // the user says so (--use-journal)
  this_run,  // it was written by this very run
};

[[nodiscard]] BoardMatch board_match(const JournalRecord &record, const JournalIdentity &connected);

// Errc::refused where an entry's sector is none of the chip's.
void check_sectors_exist(const JournalRecord &record, const Chip &chip);

// The content that has to come back of a sector that an interrupted run was working on, which
// holds `now`. Errc::refused where a byte cannot be on its way from old to wanted.
[[nodiscard]] Bytes from_journal(const JournalSector &entry, const Bytes &now, BoardMatch how);

enum class Needs : std::uint8_t { nothing, bytes };

// Errc::refused unless the flash shows that this is the journal's board; only for a journal that
// keeps bytes. Known by its id: where sectors need bytes, some known content must be there, unless
// the run can have left none. Otherwise: the flash must be exactly what the interrupted run leaves.
void require_evidence(const JournalRecord &record, Needs needs, const Chip &chip,
                      const CrcFunction &crc, BoardMatch how);

// The record to save before plan erases anything; no sectors if nothing is erased. state: what the
// plan was made from.
[[nodiscard]] JournalRecord journal_record(const Plan &plan, const DeviceState &state,
                                           const Chip &chip, JournalIdentity identity);

// Adds bystanders, ascending as those of the record; not among those.
void add_bystanders(JournalRecord &record, std::vector<JournalSector> bystanders);
// Without the bystanders that hold what they held.
[[nodiscard]] JournalRecord without_intact(JournalRecord record, const CrcFunction &crc);

// "1 KiB in 1 sector (0x08000c00..0x08000fff)": the sectors of which bytes would be lost without
// it.
[[nodiscard]] std::string kept_text(const JournalRecord &record);

}  // namespace flashhost
