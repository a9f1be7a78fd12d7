// What the survey found in the flash, and the plan is made from. Data only.
#pragma once

#include "journal_record.hpp"

#include <flashhost/family.hpp>

#include <cstdint>
#include <vector>

namespace flashhost {

// clearable: different, but bits have only to be cleared, which the chip can do without an erase.
enum class Content : std::uint8_t { same, blank, clearable, different };

// One sector that the image touches, as found.
struct SectorState {
  Sector sector;
  Content content = Content::different;
  std::uint32_t crc = 0;  // loader_crc of what it holds
  // The sector's whole content before the job, where some of it must be kept; empty otherwise.
  Bytes old;
  Bytes found;  // what it holds, where that is not old: an earlier run was interrupted in it
  // What of it cannot be read without error; it counts as erased in `old`.
  std::vector<MemoryRange> unreadable = {};  // NOLINT(readability-redundant-member-init)
  // Content::clearable: what is to be programmed; see bits_to_clear.
  std::vector<MemoryRange> to_clear = {};  // NOLINT(readability-redundant-member-init)
  friend bool operator==(const SectorState &, const SectorState &) = default;
};

struct DeviceState {
  std::vector<SectorState> sectors;  // ascending
  bool rest_blank = false;           // everything else that a mass erase would clear is blank
  // So it was when an interrupted run began a mass erase, which has left words there that cannot be
  // read: it has to be done again.
  bool mass_erase_cut_short = false;
  bool mass_erase_begun = false;  // by a run or a pass that was interrupted
  bool content_beyond = false;    // where the chip claims no flash, as far as looked at
  std::vector<Landmark> others;   // of everything else what is not blank, as far as looked at
  std::vector<MemoryRange> unreadable_others;  // and what of it cannot be read without error
  friend bool operator==(const DeviceState &, const DeviceState &) = default;
};

}  // namespace flashhost
