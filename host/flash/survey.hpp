// The survey: what is in the flash now, as far as the plan needs to know.
#pragma once

#include "device_state.hpp"
#include "flash_access.hpp"
#include "image.hpp"
#include "journal_fit.hpp"
#include "options.hpp"

#include <functional>

namespace flashhost {

struct SurveyOptions {
  bool preserve = true;
  // Whether to look at the rest of the flash: not by sectors; otherwise where a mass erase may gain
  // something, or was asked for and something is to be done.
  EraseMode erase = EraseMode::automatic;
  BoardMatch board_match = BoardMatch::weak;  // that the journal is of this board
  // Asked where it costs only time to look at the rest of the flash: whether a mass erase would be
  // planned if that were blank. Empty: it is looked at.
  // g++ warns without the initializer. NOLINTNEXTLINE(readability-redundant-member-init)
  std::function<bool(const DeviceState &)> rest_matters = {};
  Questions questions = {};  // NOLINT(readability-redundant-member-init)
};

// journal: what an interrupted run left behind, or null. The sectors that it keeps bytes of are
// looked at, too, and get them back whatever `preserve` says. Errc::refused when it is not of this
// board, or does not fit what the flash holds.
[[nodiscard]] DeviceState survey(ProbeReader &probe, const CrcFunction &crc, const Chip &chip,
                                 const Image &image, const JournalRecord *journal,
                                 const SurveyOptions &options);

// For a mass erase that puts back: adds to a state whose rest is not blank all sectors of it that
// are not, with their content. Instead, where the flash beyond the chip's claimed size is not
// blank: state.content_beyond. Throws as survey does.
void take_in_the_rest(DeviceState &state, ProbeReader &probe, const CrcFunction &crc,
                      const Chip &chip);

}  // namespace flashhost
