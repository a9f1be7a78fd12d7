// A CMSIS-DAP probe with a target, both as a test wants them. No time passes but what the transport
// waits.
#pragma once

#include "bus.hpp"
#include "packets.hpp"

#include <flashhost/adiv5.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::cmsisdap::test {

class TestClock final : public Clock {
 public:
  Nanoseconds now() override { return time; }
  void sleep(Nanoseconds wait) override { time += wait; }
  Nanoseconds time{};
};

// What a receive brings.
struct Answer {
  Bytes data;
  UsbStatus status = UsbStatus::done;
  Nanoseconds ready{};  // not before
};

// A well-behaved probe until a test sets something in its way. It complains about a host that
// overruns its buffers.
class ScriptedProbe {
 public:
  explicit ScriptedProbe(std::shared_ptr<TestClock> clock_) : clock(std::move(clock_)) {}

  std::shared_ptr<TestClock> clock;
  std::size_t usb_packet = 64;
  bool padded = false;
  std::size_t packet_size = 64;  // that it says it has
  std::uint8_t packet_count = 4;
  Bytes capabilities = {0x01};
  std::size_t most_response = 1024;
  bool has_blocks = true;
  bool port_open = false;
  bool gone = false;
  bool refuses = false;      // requests: its endpoint is stalled
  Nanoseconds busy_until{};  // it answers later requests then, too
  Nanoseconds per_answer{};
  bool drops = false;  // requests that are too many, as some firmware does

  std::vector<Bytes> sent;
  std::deque<Answer> pending;
  std::size_t most_pending = 0;
  int stalls_cleared = 0;
  // Called for each request before it is answered; true: it has put what it wants into pending.
  std::function<bool(const Bytes &)> instead;
  std::function<void()> reset;  // what a reset over USB does to it

  // The operations that the target has seen, refused ones not counted. Each read brings the number
  // of operations before it, plus first_value.
  static constexpr std::uint32_t first_value = 0x1000;
  std::vector<adiv5::Operation> done;
  // The status of the operation that comes when so many are done. 4 (FAULT) stays until DP ABORT is
  // written, others are once.
  std::map<std::size_t, std::uint8_t> trouble;

  // The requests of one kind so far.
  [[nodiscard]] std::size_t count(Command command) const;
  void receive(const Bytes &request);

 private:
  struct Item {
    adiv5::Operation operation;
    std::uint8_t status = 1;
    std::optional<std::uint32_t> value;
  };
  [[nodiscard]] Bytes answer(const Bytes &request);
  [[nodiscard]] Bytes info_answer(std::uint8_t id) const;
  [[nodiscard]] Bytes transfer(const Bytes &request);
  [[nodiscard]] Bytes transfer_block(const Bytes &request);
  [[nodiscard]] std::uint8_t perform(adiv5::Operation &operation);
  bool sticky_ = false;
};

class ScriptedPipe final : public Pipe {
 public:
  explicit ScriptedPipe(std::shared_ptr<ScriptedProbe> probe) : probe_(std::move(probe)) {}
  UsbStatus send(std::span<const std::uint8_t> request, Nanoseconds limit) override;
  Transfer receive(std::span<std::uint8_t> buffer, Nanoseconds limit) override;
  void clear_stall() override { ++probe_->stalls_cleared; }
  std::size_t packet_size() const override { return probe_->usb_packet; }
  bool padded() const override { return probe_->padded; }

 private:
  std::shared_ptr<ScriptedProbe> probe_;
};

class ScriptedBus final : public Bus {
 public:
  std::vector<FoundProbe> probes;
  std::shared_ptr<ScriptedProbe> probe;
  FoundProbe last_opened;
  int opened = 0;
  int resets = 0;

  std::vector<FoundProbe> find() override { return probes; }
  std::unique_ptr<Pipe> open(const FoundProbe &found) override {
    last_opened = found;
    ++opened;
    return std::make_unique<ScriptedPipe>(probe);
  }
  void reset(const FoundProbe & /*found*/) override {
    ++resets;
    if (probe->reset) probe->reset();
  }
};

}  // namespace flashhost::cmsisdap::test
