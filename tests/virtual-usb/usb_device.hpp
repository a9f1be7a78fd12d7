// A probe at its USB plug: descriptors, transfers with the time that they take, trouble. What the
// kernel's usbfs does for a program, without the kernel.
#pragma once

#include "firmware.hpp"
#include "pace.hpp"
#include "probe_faults.hpp"
#include "usb_descriptors.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>

namespace virtual_stlink {

using flashhost::sim::UsbFaults;

// One request of the program, until it is reaped.
struct Urb {
  enum class Kind : std::uint8_t { control, bulk, other };
  Urb() = default;
  Urb(const Urb &) = delete;
  Urb &operator=(const Urb &) = delete;
  virtual ~Urb() = default;

  Kind kind = Kind::other;
  std::uint8_t endpoint = 0;
  const void *owner = nullptr;     // the program's handle
  std::uint64_t tag = 0;           // by which the program knows it
  std::span<std::uint8_t> buffer;  // of a control request with its 8 bytes of setup
  int status = 0;                  // 0 or a negative errno
  std::size_t actual = 0;
};

// Counted over the life of a probe, also when it was unplugged in between.
struct UsbTraffic {
  std::uint64_t bulk_transfers = 0;
  std::uint64_t control_transfers = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t resets = 0;
  std::uint64_t unplugged = 0;
};

// One thread at a time. All that is given outlives the device.
class UsbDevice {
 public:
  UsbDevice(const FirmwareConfig &config, const UsbFaults &faults,
            flashhost::machine::Target &target, ModelClock &clock, UsbTraffic &traffic);

  // Results are 0 or an errno.
  [[nodiscard]] int submit(std::shared_ptr<Urb> urb);
  [[nodiscard]] int discard(const void *owner, std::uint64_t tag);
  // One of the owner's that is finished, or null.
  [[nodiscard]] std::shared_ptr<Urb> reap(const void *owner);
  [[nodiscard]] std::optional<Wall> next_due() const;  // when reap() may have something
  [[nodiscard]] int claim(const void *owner, unsigned interface);
  [[nodiscard]] int release(const void *owner, unsigned interface);
  [[nodiscard]] int clear_halt(std::uint8_t endpoint);
  [[nodiscard]] int reset();
  void closed(const void *owner);  // the program has closed the device
  // Standard requests; the reply goes behind the setup. Empty: refused with a stall.
  [[nodiscard]] std::optional<Bytes> control(std::span<const std::uint8_t> setup) const;

  [[nodiscard]] bool plugged() const { return plugged_; }
  [[nodiscard]] Nanoseconds unplugged_at() const { return unplugged_at_; }
  [[nodiscard]] const UsbIdentity &identity() const { return identity_; }
  [[nodiscard]] const Firmware &firmware() const { return firmware_; }

 private:
  struct Finished {
    std::shared_ptr<Urb> urb;
    Nanoseconds due{};
  };
  void catch_up();
  void finish(const std::shared_ptr<Urb> &urb, int status, std::size_t actual);
  void submit_control(const std::shared_ptr<Urb> &urb);
  void submit_out(const std::shared_ptr<Urb> &urb);
  void answer_waiting();
  [[nodiscard]] bool hold_reply();
  void deliver(const std::shared_ptr<Urb> &urb);
  [[nodiscard]] Nanoseconds transfer_time(std::size_t bytes) const;
  void unplug();

  UsbFaults faults_;
  UsbIdentity identity_;
  flashhost::machine::Target &target_;
  ModelClock &clock_;
  UsbTraffic &traffic_;
  Firmware firmware_;
  std::mt19937_64 random_;
  bool plugged_ = true;
  Nanoseconds unplugged_at_{};
  std::deque<std::shared_ptr<Urb>> waiting_;  // IN, without a reply so far
  std::deque<Finished> finished_;
  std::set<std::uint8_t> halted_;
  std::vector<const void *> owners_;       // of each interface
  std::optional<Nanoseconds> reply_from_;  // a late reply is held back until then
};

}  // namespace virtual_stlink
