// Which of the probes that are plugged in is meant.
#pragma once

#include <span>
#include <string>

namespace flashhost::usb {

struct Candidate {
  std::string name;      // of the product
  std::string serial;    // empty: it could not be read
  std::string location;  // "bus 1 device 5"
  std::string port;      // "1-2.3"; empty: unknown
  std::string problem;   // why it cannot be used; empty: nothing is known
  // It can never be used, so it is not meant unless it is named. What is only busy or lacks a
  // permission may be meant.
  bool unsupported = false;
};

struct ProbeKind {
  std::string name;    // "ST-Link", for the messages
  std::string advice;  // "Plug the probe in; `lsusb -d 0483:` shows whether the system sees it."
};

// "ST-LINK/V2 0669FF30 (usb:1-2.3, no permission)"
[[nodiscard]] std::string line(const Candidate &probe);

// The index of the one whose serial number begins with serial and that is at port; empty: any. An
// equal serial number is preferred to a longer one. Errc::probe when there is none, or several (the
// message lists them).
[[nodiscard]] std::size_t choose(std::span<const Candidate> probes, const ProbeKind &kind,
                                 const std::string &serial, const std::string &port);

}  // namespace flashhost::usb
