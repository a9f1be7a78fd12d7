// Probes that answer what a test tells them to. No time passes but what the transport waits.
#pragma once

#include "bus.hpp"
#include "hosts.hpp"
#include "protocol.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flashhost::stlink::test {

class TestClock final : public Clock {
 public:
  Nanoseconds now() override { return time; }
  void sleep(Nanoseconds wait) override { time += wait; }
  Nanoseconds time{};
};

// What an IN transfer brings.
struct Answer {
  Bytes data;
  UsbStatus status = UsbStatus::done;
};

// A well-behaved probe (V2J37) with a target, until a test sets something in its way.
class ScriptedProbe {
 public:
  explicit ScriptedProbe(std::shared_ptr<TestClock> clock_) : clock(std::move(clock_)) {}

  std::shared_ptr<TestClock> clock;
  Bytes version = {0x29, 0x47, 0x83, 0x04, 0x48, 0x37};  // V2J37S7
  std::uint8_t mode = 1;
  std::uint8_t last_status = 0x80;
  std::vector<Command> sent;
  std::vector<Bytes> payloads;
  std::deque<Answer> pending;
  int usb_resets = 0;
  bool mute_until_reset = false;
  // Called for each command before it is answered; true: it has put what it wants into pending.
  std::function<bool(const Command &)> instead;

  // The commands of one kind so far.
  [[nodiscard]] std::size_t count(std::uint8_t code) const;
  void receive(std::span<const std::uint8_t> data);

 private:
  void answer(const Command &command);
  bool payload_expected_ = false;
};

class ScriptedPipe final : public Pipe {
 public:
  explicit ScriptedPipe(std::shared_ptr<ScriptedProbe> probe) : probe_(std::move(probe)) {}
  Transfer write(std::span<const std::uint8_t> data, Nanoseconds limit) override;
  Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) override;
  UsbStatus clear_stall() override { return UsbStatus::done; }
  UsbStatus reset() override;
  std::size_t packet_size() const override { return 64; }

 private:
  std::shared_ptr<ScriptedProbe> probe_;
};

class ScriptedBus final : public Bus {
 public:
  std::vector<FoundProbe> probes;
  std::shared_ptr<ScriptedProbe> probe;

  std::vector<FoundProbe> find() override { return probes; }
  FoundProbe last_opened;
  int opened = 0;
  std::unique_ptr<Pipe> open(const FoundProbe &found) override {
    last_opened = found;
    ++opened;
    return std::make_unique<ScriptedPipe>(probe);
  }
};

}  // namespace flashhost::stlink::test
