// The sectors that a plan leaves alone: proof that they stay as they are, for flash algorithms that
// nobody here has tested.
#pragma once

#include "flash_access.hpp"
#include "image.hpp"
#include "journal_record.hpp"
#include "observer.hpp"
#include "plan.hpp"

#include <vector>

namespace flashhost {

// One thread. probe and chip outlive the object. Does nothing unless Chip::check_others.
class Bystanders {
 public:
  Bystanders(ProbeReader &probe, const Chip &chip, const Image &image);

  // Reads some of what is next to the image, which `remember` will want: to be called while the
  // target is at work on something else.
  void read_ahead();

  // Remembers what is there now: before the first pass of a job changes anything. Where the sectors
  // next to one that will be erased have content, and are not too large, it is read, so that it can
  // be put back.
  void remember(const Plan &plan, FlashAccess &access);
  [[nodiscard]] bool remembers() const { return remembers_; }

  // Those that were read and that this plan leaves alone, too: for the journal.
  [[nodiscard]] std::vector<JournalSector> for_journal(const Plan &plan) const;

  // Errc::refused when one of them has changed that this plan leaves alone, too; what can be put
  // back has been.
  void check(const Plan &plan, FlashAccess &access, Observer &observer);
  // The same after the first erase, of `first`: looks at the sectors next to it, also at those that
  // the plan will erase later, and at a sample of the others, in which the loss of a sector shows.
  void check_first_erase(const Sector &first, const Plan &plan, FlashAccess &access,
                         Observer &observer);

 private:
  struct Bystander {
    Sector sector;
    std::uint32_t crc = 0;
    bool blank = false;
    std::vector<std::uint32_t> samples;  // their CRCs; none where it is blank
    Bytes content;                       // empty: it was not read
  };
  struct Copy {
    MemoryRange range;
    Bytes content;  // as far as it has been read
  };
  [[nodiscard]] std::vector<RangeCrc> crcs(const std::vector<MemoryRange> &ranges,
                                           FlashAccess &access);
  // Nothing where that would take too long.
  void want_copy(const Sector &sector);
  void read_block(Copy &copy);
  [[nodiscard]] Bytes read(const Bystander &one);
  void put_back(const Bystander &one, FlashAccess &access);
  // Whether it is as it was again.
  [[nodiscard]] bool is_put_back(const Bystander &one, FlashAccess &access, Observer &observer);

  ProbeReader &probe_;
  const Chip &chip_;
  bool remembers_ = false;
  std::vector<Copy> copies_;  // read ahead
  std::vector<Bystander> others_;
};

}  // namespace flashhost
