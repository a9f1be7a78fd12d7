// A probe at its USB plug: descriptors, transfers with the time that they take, trouble. What the
// kernel's usbfs does for a program, without the kernel.
#pragma once

#include "function.hpp"
#include "pace.hpp"
#include "probe_faults.hpp"
#include "usb_descriptors.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>

namespace virtual_usb {

using flashhost::sim::UsbFaults;

// One request of the program, until it is reaped.
struct Urb {
  enum class Kind : std::uint8_t { control, bulk, interrupt, other };
  Urb() = default;
  Urb(const Urb &) = delete;
  Urb &operator=(const Urb &) = delete;
  virtual ~Urb() = default;

  Kind kind = Kind::other;
  std::uint8_t endpoint = 0;
  const void *owner = nullptr;     // the program's handle
  std::uint64_t tag = 0;           // by which the program knows it
  std::span<std::uint8_t> buffer;  // of a control request with its 8 bytes of setup
  bool zero_packet = false;        // an OUT transfer that fills its packets ends with an empty one
  int status = 0;                  // 0 or a negative errno
  std::size_t actual = 0;
};

// Counted over the life of a probe, also when it was unplugged in between.
struct UsbTraffic {
  std::uint64_t bulk_transfers = 0;  // with those of interrupt endpoints
  std::uint64_t control_transfers = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t resets = 0;
  std::uint64_t unplugged = 0;
  // Of those to and from endpoints that are not for control: when the first request was sent, and
  // when the last good transfer was through.
  std::optional<Nanoseconds> first;
  Nanoseconds last{};
};

// One thread at a time. What is given by reference outlives the device.
class UsbDevice {
 public:
  UsbDevice(UsbIdentity identity, std::unique_ptr<Function> function, const UsbFaults &faults,
            flashhost::machine::Target &target, ModelClock &clock, UsbTraffic &traffic,
            std::uint64_t seed);

  // Of a network between the program and the probe: so much later does a program learn of the end
  // of each transfer. What it asks for at one time is late together.
  void set_latency(Nanoseconds latency) { latency_ = latency; }

  // Results are 0 or an errno.
  [[nodiscard]] int submit(std::shared_ptr<Urb> urb);
  [[nodiscard]] int discard(const void *owner, std::uint64_t tag);
  // One of the owner's that is finished, or null.
  [[nodiscard]] std::shared_ptr<Urb> reap(const void *owner);
  // When reap() may have something.
  [[nodiscard]] std::optional<Nanoseconds> next_due() const;
  [[nodiscard]] std::optional<Wall> next_due_on_the_wall() const;
  [[nodiscard]] int claim(const void *owner, unsigned interface);
  [[nodiscard]] int release(const void *owner, unsigned interface);
  [[nodiscard]] int clear_halt(std::uint8_t endpoint);
  [[nodiscard]] int reset();
  void closed(const void *owner);  // the program has closed the device
  // The reply goes behind the setup. Empty: refused with a stall.
  [[nodiscard]] std::optional<Bytes> control(std::span<const std::uint8_t> setup,
                                             std::span<const std::uint8_t> data = {});

  [[nodiscard]] bool plugged() const { return plugged_; }
  [[nodiscard]] Nanoseconds unplugged_at() const { return unplugged_at_; }
  [[nodiscard]] const UsbIdentity &identity() const { return identity_; }
  [[nodiscard]] const Function &function() const { return *function_; }

 private:
  struct Finished {
    std::shared_ptr<Urb> urb;
    Nanoseconds due{};
  };
  struct Pipe {
    Endpoint endpoint;
    Nanoseconds last{};  // when its last transfer was through
  };
  // Lets the target live until now. All that is computed then happens at this one time: what the
  // computing takes is not the model's time.
  void catch_up();
  void finish(const std::shared_ptr<Urb> &urb, int status, std::size_t actual, Nanoseconds due);
  void answer(const std::shared_ptr<Urb> &urb, int status, std::size_t actual, Nanoseconds due) {
    finish(urb, status, actual, due + latency_);
  }
  void submit_control(const std::shared_ptr<Urb> &urb);
  void move_on();
  [[nodiscard]] bool serve(const std::shared_ptr<Urb> &urb);
  [[nodiscard]] bool serve_out(const std::shared_ptr<Urb> &urb, Pipe &pipe);
  [[nodiscard]] bool serve_in(const std::shared_ptr<Urb> &urb, Pipe &pipe);
  [[nodiscard]] bool hold_reply(std::uint8_t endpoint);
  [[nodiscard]] bool deliver(const std::shared_ptr<Urb> &urb, Pipe &pipe, const Reply &reply);
  [[nodiscard]] Nanoseconds start() const;
  [[nodiscard]] Nanoseconds end_of(const Pipe &pipe, Nanoseconds from, std::size_t bytes) const;
  void advance_to(Nanoseconds time);
  void unplug();

  UsbFaults faults_;
  UsbIdentity identity_;
  flashhost::machine::Target &target_;
  ModelClock &clock_;
  UsbTraffic &traffic_;
  std::unique_ptr<Function> function_;
  std::mt19937_64 random_;
  Nanoseconds latency_{};
  Nanoseconds now_{};  // of the last catch_up()
  bool plugged_ = true;
  Nanoseconds unplugged_at_{};
  std::map<std::uint8_t, Pipe> pipes_;
  std::deque<std::shared_ptr<Urb>> waiting_;  // IN without a reply so far, OUT that is not accepted
  std::deque<Finished> finished_;             // earliest first
  std::set<std::uint8_t> halted_;
  std::vector<const void *> owners_;       // of each interface
  std::optional<Nanoseconds> reply_from_;  // a late reply is held back until then
};

}  // namespace virtual_usb
