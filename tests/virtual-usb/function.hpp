// What a USB device does: the firmware behind its endpoints.
#pragma once

#include "bytes.hpp"

#include <flashhost/machine/target.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace virtual_usb {

using flashhost::machine::Nanoseconds;

struct Statistics {
  std::uint64_t commands = 0;
  std::uint64_t unknown_commands = 0;      // to this firmware
  std::optional<std::uint64_t> transfers;  // on SWD, where the firmware counts them
  std::vector<std::string> notes;  // what real firmware does not take well: bugs of the host
};

struct Reply {
  std::size_t size = 0;
  Nanoseconds ready{};  // since then it can be fetched
};

// One thread. Times are the target's.
class Function {
 public:
  Function() = default;
  Function(const Function &) = delete;
  Function &operator=(const Function &) = delete;
  virtual ~Function() = default;

  // When a transfer on this OUT endpoint is accepted that could arrive at `at`. Empty: not before a
  // reply is fetched; until then the endpoint sends NAK.
  [[nodiscard]] virtual std::optional<Nanoseconds> accepts(std::uint8_t endpoint,
                                                           Nanoseconds at) const = 0;
  // It has arrived. The firmware acts on it at once; the target's time advances by what that takes.
  virtual void receive(std::uint8_t endpoint, std::span<const std::uint8_t> data,
                       Nanoseconds at) = 0;
  // The next reply on this IN endpoint. Empty: NAK, there is none.
  [[nodiscard]] virtual std::optional<Reply> reply(std::uint8_t endpoint) const = 0;
  // Takes it away, cut to max; the host has it at `at`.
  [[nodiscard]] virtual Bytes take(std::uint8_t endpoint, std::size_t max, Nanoseconds at) = 0;
  // A class or vendor request with the data that the host sends; what it gets. Empty: stall.
  [[nodiscard]] virtual std::optional<Bytes> control(std::span<const std::uint8_t> setup,
                                                     std::span<const std::uint8_t> data) = 0;
  virtual void usb_reset() = 0;
  [[nodiscard]] virtual Statistics statistics() const = 0;
};

}  // namespace virtual_usb
