#include "swd.hpp"

#include "wire_cost.hpp"

#include <algorithm>
#include <limits>

namespace virtual_stlink {

namespace {

namespace cost = flashhost::sim;
using flashhost::machine::Ack;
using flashhost::machine::Nanoseconds;

constexpr std::uint32_t default_hertz = 1'800'000;
constexpr std::uint64_t line_reset_bits = 50 + 16 + 50 + 8;
constexpr std::uint64_t power_up_transfers = 6;  // DPIDR, ABORT, CTRL/STAT until acknowledged, CSW
// Words of a block for memory reach the model in portions, as in transport-sim; the last word of a
// block, which may publish the others, comes alone and on time.
constexpr std::uint32_t portion_units = 64;
constexpr std::uint32_t peripherals_start = 0x40000000;
constexpr std::uint64_t transfers_per_disturbance = 256;  // on wires that are too long

std::uint32_t value_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
  return value;
}

}  // namespace

Swd::Swd(const FirmwareConfig &config, flashhost::machine::Target &target)
    : target_(target),
      hertz_(default_hertz),
      reliable_hertz_(config.unreliable_above_khz == 0 ? std::numeric_limits<std::uint32_t>::max()
                                                       : config.unreliable_above_khz * 1000),
      random_(config.seed),
      disturbance_(config.swd_faults) {}

void Swd::transfers(std::uint64_t count) {
  target_.advance(cost::swd_time(count * cost::swd_transfer_bits, hertz_));
}

bool Swd::disturbed() {
  return hertz_ > reliable_hertz_ && random_() % transfers_per_disturbance == 0;
}

Status Swd::connect() {
  target_.advance(cost::swd_time(line_reset_bits, hertz_));
  transfers(power_up_transfers);
  if (target_.connect() != Ack::ok) return Status::get_idcode_error;
  sticky_ = false;
  return Status::ok;
}

void Swd::clear_sticky_error() {
  transfers(1);
  target_.clear_sticky_error();
  sticky_ = false;
}

Status Swd::attempt(const std::function<Ack()> &access) {
  if (disturbed()) return Status::ap_parity_error;
  for (Nanoseconds pause = cost::wait_first;; pause *= 2) {
    switch (access()) {
      case Ack::ok:
        return Status::ok;
      case Ack::fault:
        sticky_ = true;
        return Status::ap_fault;
      case Ack::no_response:
        return Status::ap_error;
      case Ack::wait:
        break;
    }
    if (pause >= cost::usb_pair) return Status::ap_wait;
    target_.advance(cost::swd_time(cost::swd_refused_bits, hertz_) + pause);
  }
}

Status Swd::read(std::uint32_t address, unsigned width, std::uint32_t &value) {
  transfers(2);
  const Status status = attempt([&] { return target_.read(address, width, value); });
  transfers(1);  // RDBUFF
  return status;
}

Status Swd::write(std::uint32_t address, unsigned width, std::uint32_t value) {
  transfers(2);
  return attempt([&] { return target_.write(address, width, value); });
}

Status Swd::begin_command() {
  switch (disturbance_.next_command()) {
    case cost::SwdTrouble::wait:
      return Status::ap_wait;
    case cost::SwdTrouble::parity:
      return Status::ap_parity_error;
    case cost::SwdTrouble::none:
      break;
  }
  return Status::ok;
}

Swd::Outcome Swd::run_block(const Block &block, const Access &access) {
  if (const Status status = begin_command(); status != Status::ok) return {status, block.address};
  const std::uint32_t units = block.size / block.width;
  const bool memory = block.width == 4 && block.step != 0 && block.address < peripherals_start;
  const std::uint32_t most = memory ? portion_units : 1;
  const auto setup = std::uint64_t{cost::swd_setup_transfers} * cost::swd_transfer_bits;
  std::uint64_t bits = setup;
  for (std::uint32_t done = 0; done < units;) {
    const std::uint32_t here = block.address + done * block.step;
    if (done != 0 && block.step != 0 && here % cost::tar_window == 0) bits += setup;
    const std::uint32_t window =
        std::max((cost::tar_window - here % cost::tar_window) / block.width, 1U);
    const std::uint32_t before_last = std::max(units - 1 - done, 1U);
    const std::uint32_t count = std::min({most, window, before_last});
    bits += std::uint64_t{count} * cost::swd_transfer_bits;
    target_.advance(cost::swd_time(bits, hertz_));
    bits = 0;
    for (const std::uint32_t end = done + count; done < end; ++done) {
      const Status status = attempt([&] { return access(done * block.width); });
      if (status != Status::ok) return {status, block.address + done * block.step};
    }
  }
  return {};
}

Swd::Outcome Swd::read_block(const Block &block, std::span<std::uint8_t> out) {
  return run_block(block, [&](std::uint32_t offset) {
    std::uint32_t value = 0;
    const std::uint32_t address = block.address + offset / block.width * block.step;
    const Ack ack = target_.read(address, block.width, value);
    for (unsigned i = 0; i < block.width; ++i) {
      out[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return ack;
  });
}

Swd::Outcome Swd::write_block(const Block &block, std::span<const std::uint8_t> data) {
  return run_block(block, [&](std::uint32_t offset) {
    const std::uint32_t address = block.address + offset / block.width * block.step;
    return target_.write(address, block.width, value_of(data.subspan(offset, block.width)));
  });
}

}  // namespace virtual_stlink
