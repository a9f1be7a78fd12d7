// Faults on USB for a command and its reply.
#pragma once

#include "probe_faults.hpp"

#include <cstdint>
#include <optional>

namespace flashhost::sim {

// [one thread] Counts commands with their replies. Throws Errc::probe when one is lost, and then at
// once for every later one, until find_again().
class UsbCable {
 public:
  // target must outlive it.
  UsbCable(machine::Target &target, const UsbFaults &faults);

  void before_command();
  void after_command();
  // Opens the probe again if it was lost. Throws Errc::probe when it is unplugged and does not come
  // back within some seconds.
  void find_again();

 private:
  [[noreturn]] void lose(const char *what);

  machine::Target &target_;
  UsbFaults faults_;
  std::uint64_t commands_ = 0;
  bool lost_ = false;
  std::optional<machine::Nanoseconds> unplugged_at_;
};

}  // namespace flashhost::sim
