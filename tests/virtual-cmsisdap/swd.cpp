#include "swd.hpp"

#include "protocol.hpp"

#include <algorithm>

namespace virtual_cmsisdap {

using flashhost::machine::SwdAck;

Swd::Swd(const FirmwareConfig &config, flashhost::machine::Target &target)
    : config_(config), target_(target), port_(target, config.port) {}

void Swd::set_clock(std::uint32_t hertz) {
  port_.set_clock(std::min(hertz, config_.fastest_hz));
}

std::uint8_t Swd::nobody() const {
  return config_.unpowered_pulls_low && !target_.powered() ? 0 : response_bit::no_answer;
}

std::uint8_t Swd::transfer_once(std::uint8_t request, std::uint32_t &value) {
  if (config_.transfer_overhead.count() != 0) target_.advance(config_.transfer_overhead);
  if (turnaround_ != 1) {  // the target's is one clock: they do not understand each other
    const std::uint8_t start_bit = 1;
    port_.sequence({&start_bit, 1}, 1);
  }
  const bool access_port = (request & request_bit::access_port) != 0;
  const bool read = (request & request_bit::read) != 0;
  const auto address = static_cast<std::uint8_t>(request & request_bit::address);
  switch (port_.transfer({access_port, read, address}, value)) {
    case SwdAck::ok:
      break;
    case SwdAck::wait:
      return response_bit::wait;
    case SwdAck::fault:
      return response_bit::fault;
    case SwdAck::parity:
      return response_bit::error;
    case SwdAck::none:
      return nobody();
  }
  const std::uint8_t idle[32] = {};
  if (settings.idle_cycles != 0) port_.sequence(idle, settings.idle_cycles);
  return response_bit::ok;
}

std::uint8_t Swd::transfer(std::uint8_t request, std::uint32_t &value) {
  for (std::uint32_t tries = settings.wait_retry + 1U;; --tries) {
    const std::uint8_t response = transfer_once(request, value);
    if (response != response_bit::wait || tries == 1) return response;
  }
}

}  // namespace virtual_cmsisdap
