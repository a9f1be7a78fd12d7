// What the transport needs from USB. libusb and hidapi are one implementation (usb_bus.hpp); tests
// have another.
#pragma once

#include <flashhost/types.hpp>

#include <usb-common/clock.hpp>
#include <usb-common/transfer.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flashhost::cmsisdap {

using usb::Clock;
using usb::Transfer;
using usb::UsbStatus;

// Requests to and responses from one open probe, each one a packet. Never throws, never blocks much
// longer than the limit. The destructor releases the probe.
class Pipe {
 public:
  Pipe() = default;
  Pipe(const Pipe &) = delete;
  Pipe &operator=(const Pipe &) = delete;
  virtual ~Pipe() = default;

  // Several requests may be sent before the response to the first is received.
  [[nodiscard]] virtual UsbStatus send(std::span<const std::uint8_t> request,
                                       Nanoseconds limit) = 0;
  // The next response. buffer has packet_size() bytes.
  [[nodiscard]] virtual Transfer receive(std::span<std::uint8_t> buffer, Nanoseconds limit) = 0;
  // After a stall: makes the endpoints accept transfers again.
  virtual void clear_stall() = 0;
  // The most bytes of one USB packet (bulk) or report (HID).
  [[nodiscard]] virtual std::size_t packet_size() const = 0;
  // Every response has packet_size() bytes, whatever it needs (HID).
  [[nodiscard]] virtual bool padded() const = 0;
};

enum class Protocol : std::uint8_t { hid, bulk };  // CMSIS-DAP v1, v2

// The interface of a device that speaks CMSIS-DAP.
struct Interface {
  Protocol protocol = Protocol::bulk;
  std::uint8_t number = 0;
  std::uint8_t endpoint_out = 0;  // bulk only
  std::uint8_t endpoint_in = 0;
  std::size_t packet_size = 0;  // of the endpoint; HID: of the report, where that is known
  friend bool operator==(const Interface &, const Interface &) = default;
};

// A probe as found on USB.
struct FoundProbe {
  std::uint16_t vendor = 0;
  std::uint16_t product_id = 0;
  std::uint16_t release = 0;  // bcdDevice
  std::string product;
  std::string serial;    // empty: it has none
  std::string location;  // "bus 1 device 5"
  std::string node;      // "/dev/bus/usb/001/005", "/dev/hidraw3"
  std::string port;      // "1-2.3"; stays the same when the probe is plugged in again
  std::string problem;   // why it cannot be used: no permission, ...; empty: none is known
  Interface interface;
};

class Bus {
 public:
  Bus() = default;
  Bus(const Bus &) = delete;
  Bus &operator=(const Bus &) = delete;
  virtual ~Bus() = default;

  // All probes. Sends nothing to any device.
  [[nodiscard]] virtual std::vector<FoundProbe> find() = 0;
  // Opens one of those that find has just returned. Errc::probe when that fails.
  [[nodiscard]] virtual std::unique_ptr<Pipe> open(const FoundProbe &probe) = 0;
  // Resets one of them over USB, whatever state it is in. Nobody has it open. Never throws: when it
  // fails, opening the probe does as well.
  virtual void reset(const FoundProbe &probe) = 0;
};

}  // namespace flashhost::cmsisdap
