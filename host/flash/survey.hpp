// The survey: what is in the flash now, as far as the plan needs to know.
#pragma once

#include "flash_access.hpp"
#include "image.hpp"
#include "journal.hpp"
#include "plan.hpp"

namespace flashhost {

// Whether somebody else may have written the chip since the journal was.
enum class JournalOf : std::uint8_t { earlier_run, this_run };

struct SurveyOptions {
  bool preserve = true;
  bool may_mass_erase = true;  // look whether the rest of the flash is blank
  JournalOf journal_of = JournalOf::earlier_run;
};

// crc: FlashAccess::crc, or read_crcs where nothing may run on the target. journal: what an
// interrupted run left behind for this chip, or null; throws Errc::target when that was an earlier
// run and it does not fit the flash.
[[nodiscard]] DeviceState survey(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                 const Image &image, const JournalRecord *journal,
                                 const SurveyOptions &options);

}  // namespace flashhost
