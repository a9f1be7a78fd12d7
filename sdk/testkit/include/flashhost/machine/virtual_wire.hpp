// The wires of a probe with raw access to the debug port, on a simulated target: a Wire without a
// probe, for tests of what is built on one.
#pragma once

#include <flashhost/adiv5.hpp>
#include <flashhost/machine/debug_port.hpp>
#include <flashhost/machine/target.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace flashhost::machine {

struct VirtualWireConfig {
  adiv5::WireInfo info = {"Virtual wire", "VW0001", "1.0", std::nullopt};
  std::uint32_t fastest_hz = 10'000'000;
  std::uint32_t slowest_hz = 10'000;
  bool tells_clock = true;
  Nanoseconds wait_limit = std::chrono::milliseconds(5);  // WAIT is repeated for so long
  Nanoseconds call_time{};  // what each call takes beside the bits: the round trip of a USB probe
  // After an operation that failed, those behind it are sent as well where Order::loose allows it.
  bool loose_goes_on = false;
  std::size_t packet = 1;  // operations: the rest of the one that failed is not done
};

struct VirtualWireCounts {
  std::uint64_t connects = 0;
  std::uint64_t clocks = 0;
  std::uint64_t sequences = 0;
  std::uint64_t nrst_changes = 0;
  std::uint64_t transfers = 0;   // calls
  std::uint64_t operations = 0;  // asked for by them
};

// Time is the target's. Before connect, the wires are not driven: nobody answers. Target and port
// must outlive it.
class VirtualWire final : public adiv5::Wire {
 public:
  VirtualWire(Target &target, DebugPort &port, VirtualWireConfig config = {});
  ~VirtualWire() override;
  VirtualWire(const VirtualWire &) = delete;
  VirtualWire &operator=(const VirtualWire &) = delete;

  [[nodiscard]] adiv5::WireInfo info() override;
  void connect() override;
  std::optional<std::uint32_t> set_clock(std::uint32_t hertz) override;
  void sequence(std::span<const std::uint8_t> data, std::size_t bits) override;
  void drive_nrst(bool low) override;
  [[nodiscard]] adiv5::Outcome transfer(std::span<adiv5::Operation> operations,
                                        adiv5::Order order) override;
  [[nodiscard]] Nanoseconds now() override;
  void sleep(Nanoseconds time) override;

  // Hooks. The probe is lost in the n-th transfer call from now on, counted from 1, after the first
  // half of its operations.
  void lose_at(std::uint64_t transfer) { lose_at_ = counts_.transfers + transfer; }
  // While it is away, connect throws, too.
  void set_away(bool away);
  [[nodiscard]] const VirtualWireCounts &counts() const { return counts_; }

 private:
  void begin();
  [[noreturn]] void lose();
  [[nodiscard]] adiv5::Ack access(SwdRequest request, std::uint32_t &value);
  // The result of the AP read that is still in the AP, if there is one.
  [[nodiscard]] adiv5::Ack fetch(std::optional<std::size_t> &posted,
                                 std::span<adiv5::Operation> operations);
  [[nodiscard]] adiv5::Outcome run(std::span<adiv5::Operation> operations);

  Target &target_;
  DebugPort &port_;
  VirtualWireConfig config_;
  VirtualWireCounts counts_;
  std::uint64_t lose_at_ = 0;
  bool lost_ = false;
  bool away_ = false;
  bool driving_ = false;
};

}  // namespace flashhost::machine
