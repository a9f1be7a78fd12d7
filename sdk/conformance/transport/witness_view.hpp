// Access to the board's witness (flashhost/machine/witness.hpp) through the probe under test.
#pragma once

#include <flashhost/machine/witness.hpp>
#include <flashhost/probe.hpp>

#include <chrono>
#include <vector>

namespace flashhost::conformance {

struct BusAccess {
  std::uint32_t address = 0;
  std::uint32_t width = 0;
  bool write = false;
  bool refused = false;
  std::uint32_t value = 0;
  friend bool operator==(const BusAccess &, const BusAccess &) = default;
};

class WitnessView {
 public:
  explicit WitnessView(Probe &probe) : probe_(probe) {}

  // Real boards have no witness. Nothing below may be called then.
  [[nodiscard]] bool present();
  // From now on accesses to this range are recorded, and the counts start at 0.
  void watch(MemoryRange range);
  void refuse(MemoryRange range);  // size 0: nothing
  // From now on the target does not answer for so long.
  void silence(std::chrono::milliseconds time);
  [[nodiscard]] std::vector<BusAccess> accesses();
  [[nodiscard]] std::uint32_t resets() { return probe_.read_word(machine::witness::resets); }
  [[nodiscard]] std::uint32_t pin_resets() {
    return probe_.read_word(machine::witness::pin_resets);
  }
  [[nodiscard]] std::uint32_t halts() { return probe_.read_word(machine::witness::halts); }

 private:
  Probe &probe_;
};

}  // namespace flashhost::conformance
