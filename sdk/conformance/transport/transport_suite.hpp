// What the tests of transports share.
#pragma once

#include "plugin_under_test.hpp"

#include <flashhost/transport.hpp>

#include <memory>

namespace flashhost::conformance {

class TransportConformance : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Transport &transport() { return plugin_.configured<Transport>(); }
  [[nodiscard]] static const TransportCase &given() { return run().given.transport; }
  [[nodiscard]] static OpenOptions options() { return {given().serial, {}}; }
  // Opened and attached without reset; halted when asked for.
  [[nodiscard]] std::unique_ptr<Probe> attached();
  [[nodiscard]] std::unique_ptr<Probe> halted();

  PluginUnderTest plugin_;
};

}  // namespace flashhost::conformance
