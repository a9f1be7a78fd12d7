// The sectors that a plan leaves alone: proof that they stay as they are, for flash algorithms that
// nobody here has tested.
#pragma once

#include "flash_access.hpp"
#include "observer.hpp"
#include "plan.hpp"

#include <vector>

namespace flashhost {

// One thread. References outlive the object.
class Bystanders {
 public:
  // Remembers what is there now. Where the sectors next to one that will be erased have content, it
  // is read, so that it can be put back. Does nothing unless Chip::check_others.
  Bystanders(Probe &probe, const Chip &chip, const Plan &plan, FlashAccess &access);

  // Errc::refused when one of them has changed; what can be put back has been.
  void check(FlashAccess &access, Observer &observer);

 private:
  struct Bystander {
    Sector sector;
    std::uint32_t crc = 0;
    Bytes content;  // empty: it was not read
  };
  [[nodiscard]] std::vector<std::uint32_t> crcs(FlashAccess &access) const;
  void put_back(const Bystander &one, FlashAccess &access);

  Probe &probe_;
  const Chip &chip_;
  std::vector<Bystander> others_;
};

}  // namespace flashhost
