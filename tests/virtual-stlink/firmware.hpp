// The firmware of an ST-Link/V2, V2-1 or V3 as its USB host sees it, on top of a simulated target.
// Written from the fact sheet docs/reference/stlink-v2-protocol.md.
#pragma once

#include "probe_faults.hpp"

#include <flashhost/machine/target.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace virtual_stlink {

enum class Hardware : std::uint8_t { v2, v2_1, v3 };

// What F5 tells.
enum class Mode : std::uint8_t { dfu, mass, debug, swim, bootloader };

struct FirmwareConfig {
  Hardware hardware = Hardware::v2;
  unsigned jtag = 37;                               // the version's J number
  unsigned swim = 7;                                // the S number of a V2; of a V2-1 its M number
  std::string serial = "303030303030303030303031";  // 24 hex digits, or 12 raw bytes (old clones)
  Mode start_mode = Mode::mass;                     // after power-up
  std::optional<int> reported_millivolts;  // instead of what the target has; 0: adc0 reads 0
  bool mute_until_usb_reset = false;       // answers nothing before the first usb_reset()
  unsigned unreliable_above_khz = 0;       // long wires: parity errors above this clock; 0: none
  flashhost::sim::SwdFaults swd_faults;    // of memory commands
  std::uint64_t seed = 1;                  // of those errors
};

inline constexpr std::uint16_t usb_vendor = 0x0483;
[[nodiscard]] std::uint16_t usb_product(Hardware hardware);

struct FirmwareStatistics {
  std::uint64_t commands = 0;
  std::uint64_t unknown_commands = 0;  // answered with 42
  std::vector<std::string> notes;      // what real firmware does not take well: bugs of the host
};

// One thread. target outlives the firmware.
class Firmware {
 public:
  Firmware(const FirmwareConfig &config, flashhost::machine::Target &target);
  ~Firmware();
  Firmware(const Firmware &) = delete;
  Firmware &operator=(const Firmware &) = delete;

  // A bulk OUT transfer has arrived: a command of 16 bytes, or the data of the command before. The
  // probe acts on it at once; the target's time advances by what that takes on SWD.
  void receive(std::span<const std::uint8_t> data);
  // A bulk IN transfer of at most max bytes. Nothing: NAK, there is no reply (yet). A reply that is
  // longer than max is cut: over USB that is an overflow, see reply_size().
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> send(std::size_t max);
  [[nodiscard]] std::size_t reply_size() const;  // 0: none
  void usb_reset();  // forgets a command or reply that is under way; mode and target stay

  [[nodiscard]] Mode mode() const;
  [[nodiscard]] const FirmwareStatistics &statistics() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace virtual_stlink
