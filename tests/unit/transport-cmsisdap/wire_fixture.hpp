// A wire on a scripted probe.
#pragma once

#include "hosts.hpp"
#include "scripted_probe.hpp"
#include "thrown.hpp"
#include "wire.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace flashhost::cmsisdap::test {

class WireFixture : public testing::Test {
 protected:
  using Operations = std::vector<adiv5::Operation>;

  std::unique_ptr<CmsisDapWire> open() {
    return std::make_unique<CmsisDapWire>(host_, bus_, clock_, bus_->probes.front(), "");
  }
  std::unique_ptr<CmsisDapWire> connected() {
    auto wire = open();
    wire->connect();
    return wire;
  }
  // The next `times` requests with this command get these responses.
  void answer(std::uint8_t command, std::vector<Answer> answers, int times = 1) {
    scripted_->instead = [this, command, answers, left = times](const Bytes &request) mutable {
      if (request.front() != command || left == 0) return false;
      --left;
      for (const Answer &each : answers) scripted_->pending.push_back(each);
      return true;
    };
  }
  static Answer reply(const Bytes &bytes) { return {bytes, UsbStatus::done}; }
  // The error of an action, and that it came within the contract's time.
  template <class Action>
  Error error_of(const Action &action) {
    using namespace std::chrono_literals;
    const Nanoseconds start = clock_->time;
    Error error = bench::error_of(action);
    EXPECT_LE(clock_->time - start, 5500ms);
    EXPECT_FALSE(error.hint().empty()) << error.what();
    return error;
  }

  static constexpr int always = -1;
  testing::RecordingHost host_;
  std::shared_ptr<TestClock> clock_ = std::make_shared<TestClock>();
  std::shared_ptr<ScriptedProbe> scripted_ = std::make_shared<ScriptedProbe>(clock_);
  std::shared_ptr<ScriptedBus> bus_ = [this] {
    auto bus = std::make_shared<ScriptedBus>();
    FoundProbe found;
    found.product = "ACME CMSIS-DAP";
    found.serial = "A1";
    found.location = "bus 1 device 5";
    found.port = "1-2";
    bus->probes = {found};
    bus->probe = scripted_;
    return bus;
  }();
};

}  // namespace flashhost::cmsisdap::test
