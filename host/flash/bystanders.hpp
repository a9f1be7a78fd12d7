// The sectors that a plan leaves alone: proof that they stay as they are, for flash algorithms that
// nobody here has tested.
#pragma once

#include "flash_access.hpp"
#include "observer.hpp"
#include "plan.hpp"

#include <vector>

namespace flashhost {

// One thread. probe and chip outlive the object.
class Bystanders {
 public:
  // Remembers what is there now: before the first pass of a job changes anything. Where the sectors
  // next to one that will be erased have content, it is read, so that it can be put back. Does
  // nothing unless Chip::check_others.
  Bystanders(Probe &probe, const Chip &chip, const Plan &plan, FlashAccess &access);

  // Errc::refused when one of them has changed that this plan leaves alone, too; what can be put
  // back has been.
  void check(const Plan &plan, FlashAccess &access, Observer &observer);

 private:
  struct Bystander {
    Sector sector;
    std::uint32_t crc = 0;
    bool blank = false;
    Bytes content;  // empty: it was not read
  };
  [[nodiscard]] static std::vector<std::uint32_t> crcs(const std::vector<Bystander> &some,
                                                       FlashAccess &access);
  [[nodiscard]] Bytes read(const Bystander &one);
  void put_back(const Bystander &one, FlashAccess &access);
  // Whether it is as it was again.
  [[nodiscard]] bool is_put_back(const Bystander &one, FlashAccess &access, Observer &observer);

  Probe &probe_;
  const Chip &chip_;
  std::vector<Bystander> others_;
};

}  // namespace flashhost
