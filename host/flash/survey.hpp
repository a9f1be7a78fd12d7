// The survey: what is in the flash now, as far as the plan needs to know.
#pragma once

#include "device_state.hpp"
#include "flash_access.hpp"
#include "image.hpp"
#include "journal_fit.hpp"

namespace flashhost {

struct SurveyOptions {
  bool preserve = true;
  bool may_mass_erase = true;                 // look whether the rest of the flash is blank
  BoardMatch board_match = BoardMatch::weak;  // that the journal is of this board
};

// journal: what an interrupted run left behind, or null. The sectors that it keeps bytes of are
// looked at, too, and get them back whatever `preserve` says. Errc::refused when it is not of this
// board, or does not fit what the flash holds.
[[nodiscard]] DeviceState survey(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                 const Image &image, const JournalRecord *journal,
                                 const SurveyOptions &options);

}  // namespace flashhost
