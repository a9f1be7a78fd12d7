// What the transport needs from USB and from time. libusb and the real clock are one implementation
// (usb.hpp); tests have another.
#pragma once

#include <flashhost/types.hpp>

#include <usb-common/clock.hpp>
#include <usb-common/transfer.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flashhost::stlink {

using usb::Clock;
using usb::Exchange;
using usb::Transfer;
using usb::UsbStatus;

// The bulk endpoints of one open probe. Never throws, never blocks longer than the limit. The
// destructor releases the probe.
class Pipe {
 public:
  Pipe() = default;
  Pipe(const Pipe &) = delete;
  Pipe &operator=(const Pipe &) = delete;
  virtual ~Pipe() = default;

  [[nodiscard]] virtual Transfer write(std::span<const std::uint8_t> data, Nanoseconds limit) = 0;
  [[nodiscard]] virtual Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) = 0;
  // Sends the parts of a request, those that are not empty, and reads its reply unless there is no
  // room for one. An implementation may have all of that under way at the same time: the probe
  // takes and answers one command after the other.
  [[nodiscard]] virtual Exchange exchange(std::span<const std::span<const std::uint8_t>> request,
                                          std::span<std::uint8_t> reply, Nanoseconds limit) {
    Exchange done;
    for (const auto part : request) {
      if (part.empty()) continue;
      const Transfer sent = write(part, limit);
      done.sent = {sent.status, done.sent.length + sent.length};
      if (sent.status != UsbStatus::done || sent.length != part.size()) return done;
    }
    if (!reply.empty()) done.received = read(reply, limit);
    return done;
  }
  // After a stall: makes both endpoints accept transfers again.
  [[nodiscard]] virtual UsbStatus clear_stall() = 0;
  // Resets the probe's USB port. gone: the probe did not come back under the same address.
  [[nodiscard]] virtual UsbStatus reset() = 0;
  [[nodiscard]] virtual std::size_t packet_size() const = 0;
};

// A probe as found on USB.
struct FoundProbe {
  std::uint16_t product = 0;
  std::string serial;    // empty: it could not be read
  std::string location;  // "bus 1 device 5"
  std::string node;      // "/dev/bus/usb/001/005"
  std::string port;      // "1-2.3"; stays the same when the probe is plugged in again
  std::string problem;   // why it cannot be used: no permission, ...; empty: none is known
};

class Bus {
 public:
  Bus() = default;
  Bus(const Bus &) = delete;
  Bus &operator=(const Bus &) = delete;
  virtual ~Bus() = default;

  // All ST-Links, of every kind.
  [[nodiscard]] virtual std::vector<FoundProbe> find() = 0;
  // Opens one of those that find has just returned. Errc::probe when that fails.
  [[nodiscard]] virtual std::unique_ptr<Pipe> open(const FoundProbe &probe) = 0;
};

}  // namespace flashhost::stlink
