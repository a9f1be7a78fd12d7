// The firmware of a CMSIS-DAP probe as its host sees it behind USB, on top of a simulated target.
// Written from the fact sheet docs/reference/cmsis-dap-and-adiv5.md, sections 2 to 4.
#pragma once

#include <flashhost/machine/debug_port.hpp>
#include <flashhost/machine/target.hpp>
#include <flashhost/types.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace virtual_cmsisdap {

struct FirmwareConfig {
  std::size_t packet_size = 64;
  std::uint8_t packet_count = 1;
  std::string vendor = "flashhost";
  std::string product = "Virtual CMSIS-DAP";
  std::string serial = "VCD00001";
  std::string protocol_version = "2.1.2";
  std::string firmware_version = "1.0";
  bool strings_end_with_nul = true;
  std::vector<std::uint8_t> capabilities = {0x11};  // one or two bytes; SWD and atomic commands
  std::vector<std::uint8_t> unknown_commands;       // answered with FF, whatever they are
  bool connects_to_default_port = true;             // Connect(0) is SWD, or refused
  std::uint32_t fastest_hz = 10'000'000;

  bool timer = true;  // without one, SWJ_Pins does not wait
  bool nreset_wired = true;
  bool nreset_readable = true;                                               // or it reads as 0
  flashhost::Nanoseconds nreset_rises_after = std::chrono::microseconds(5);  // as it reads back

  // EDBG: no answer before so many bytes have come; what came until then is one request.
  std::size_t silent_until = 0;
  // Up to 2.1.1: behind a Transfer that failed, the rest of ExecuteCommands is taken apart wrongly.
  bool misparses_after_failure = false;
  bool unpowered_pulls_low = false;            // no answer is then 0 instead of 7
  flashhost::Nanoseconds transfer_overhead{};  // of each SWD transfer, where it is bit-banged
  std::uint64_t short_count_at = 0;  // this Transfer or TransferBlock (from 1; 0: none) is cut
                                     // short, and says ok
  flashhost::machine::DebugPortConfig port;
};

struct FirmwareStatistics {
  std::uint64_t commands = 0;          // those inside ExecuteCommands among them
  std::uint64_t unknown_commands = 0;  // answered with FF
  std::uint64_t swd_transfers = 0;
  std::vector<std::string> notes;  // what real firmware or hardware does not take well: bugs of
                                   // the host
};

// One thread. target outlives the firmware.
class Firmware {
 public:
  Firmware(const FirmwareConfig &config, flashhost::machine::Target &target);
  ~Firmware();
  Firmware(const Firmware &) = delete;
  Firmware &operator=(const Firmware &) = delete;

  // One request, and its answer without padding. Acts at once; the target's time advances by what
  // SWD takes, not by anything of USB. Empty: there is no answer (TransferAbort, or silent_until).
  // QueueCommands is done like ExecuteCommands: to hold it back until another command comes is up
  // to the USB side.
  [[nodiscard]] std::optional<flashhost::Bytes> handle(std::span<const std::uint8_t> request);

  [[nodiscard]] bool connected() const;  // Connect came, and no Disconnect
  [[nodiscard]] flashhost::machine::DebugPort &port();
  [[nodiscard]] const FirmwareStatistics &statistics() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace virtual_cmsisdap
