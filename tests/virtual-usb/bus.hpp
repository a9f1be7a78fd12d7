// The virtual USB bus: sysfs and device nodes of the probes, seen by programs that run with the
// environment of this test bed. Their requests are answered on a thread of the bus.
#pragma once

#include "virtual_probe.hpp"

#include <memory>
#include <vector>

namespace virtual_usb {

// The test bed needs umockdev's library preloaded, in this program as in those that see it. Where
// it is not, starts this program anew with it and does not return. Throws std::runtime_error.
void require_preload(char *const *argv);

class Bus {
 public:
  // Plugs the probes in; they outlive the bus. Throws std::runtime_error.
  explicit Bus(const std::vector<VirtualProbe *> &probes);
  ~Bus();
  Bus(const Bus &) = delete;
  Bus &operator=(const Bus &) = delete;

  // Now and then: tells what was unplugged, plugs in what is back. Throws what went wrong in the
  // model since the last time.
  void tend();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace virtual_usb
