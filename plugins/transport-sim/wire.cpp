#include "wire.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flashhost::sim {

namespace {

using machine::Ack;

constexpr std::uint32_t word_size = 4;
// The words of a block for SRAM or code memory reach the model in portions, each at the time when
// its last word would arrive: the core could only notice that by polling the words within a
// portion. The last word of a block, which may publish the others, always comes alone and on time.
constexpr std::uint32_t portion_units = 64;
constexpr std::uint32_t peripherals_start = 0x40000000;

constexpr AccessLimits limits{byte_block_limit, block_limit, block_limit, 0};

}  // namespace

Wire::Wire(machine::Target &target, std::uint32_t speed_hz, const ProbeFaults &faults)
    : target_(target), speed_hz_(speed_hz), cable_(target, faults.usb), disturbance_(faults.swd) {}

template <class Access>
Ack Wire::patiently(const Access &access) {
  const Nanoseconds deadline = target_.now() + wait_limit;
  for (Nanoseconds pause = wait_first;; pause = std::min(pause * 2, wait_longest)) {
    const Ack ack = access();
    if (ack != Ack::wait || target_.now() >= deadline) return ack;
    const bool host_repeats = pause >= usb_pair;
    target_.advance(swd_time(swd_refused_bits, speed_hz_) + pause +
                    (host_repeats ? usb_pair : Nanoseconds::zero()));
  }
}

Ack Wire::read_unit(std::uint32_t address, std::uint32_t unit, std::uint8_t *out) {
  std::uint32_t value = 0;
  const Ack ack = patiently([&] { return target_.read(address, unit, value); });
  for (std::uint32_t i = 0; i < unit; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return ack;
}

Ack Wire::write_unit(std::uint32_t address, std::uint32_t unit, const std::uint8_t *data) {
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < unit; ++i) value |= std::uint32_t{data[i]} << (8 * i);
  return patiently([&] { return target_.write(address, unit, value); });
}

void Wire::sit_out_disturbances(std::uint32_t address, const char *what) {
  const Nanoseconds deadline = target_.now() + wait_limit;
  Nanoseconds pause = usb_pair;
  for (unsigned line_errors = 0;;) {
    switch (disturbance_.next_command()) {
      case SwdTrouble::none:
        return;
      case SwdTrouble::wait:
        command([] {});
        if (target_.now() >= deadline) check(Ack::wait, address, what);
        target_.advance(pause);
        pause = std::min(pause * 2, wait_longest);
        break;
      case SwdTrouble::parity:
        command([] {});
        if (++line_errors == most_line_errors) check(Ack::no_response, address, what);
        command([&] { target_.clear_sticky_error(); });  // line reset and the error flags
        break;
    }
  }
}

void Wire::check(Ack ack, std::uint32_t address, const char *what) {
  switch (ack) {
    case Ack::ok:
      return;
    case Ack::fault:
      command([&] { target_.clear_sticky_error(); });
      throw Error(Errc::memory_fault,
                  fmt::format("the target refused {} {} (bus fault)", what, hex(address)),
                  "Nothing may answer at this address, the flash may be read-protected, or it may "
                  "not take an access of this width.");
    case Ack::wait:
      command([&] { target_.clear_sticky_error(); });
      throw Error(Errc::target,
                  fmt::format("SWD answers nothing but WAIT for {} while {} {}",
                              format_duration(wait_limit), what, hex(address)),
                  "Something on the chip holds the bus, most likely a flash operation that does "
                  "not end. Switch the board off and on.");
    case Ack::no_response:
      break;
  }
  throw Error(Errc::probe,
              fmt::format("SWD does not answer any more, while {} {}", what, hex(address)),
              "The chip may have lost its supply, gone to standby, or its firmware may use the SWD "
              "pins. Check power and wires; connecting under reset may help.");
}

template <class Access>
void Wire::run_block(std::uint32_t address, const AccessBlock &block, const Access &access) {
  const std::uint32_t units = block.size / block.unit;
  const std::uint32_t most =
      block.unit == word_size && address < peripherals_start ? portion_units : 1;
  Nanoseconds due = swd_time(std::uint64_t{swd_setup_transfers} * swd_transfer_bits, speed_hz_);
  for (std::uint32_t done = 0; done < units;) {
    const std::uint32_t here = address + done * block.unit;
    if (done != 0 && here % tar_window == 0) {
      due += swd_time(std::uint64_t{swd_setup_transfers} * swd_transfer_bits, speed_hz_);
    }
    const std::uint32_t window = (tar_window - here % tar_window) / block.unit;
    const std::uint32_t before_last = std::max(units - 1 - done, 1U);
    const std::uint32_t count = std::min({most, window, before_last});
    due += swd_time(std::uint64_t{count} * swd_transfer_bits, speed_hz_);
    target_.advance(due);
    due = Nanoseconds::zero();
    for (const std::uint32_t end = done + count; done < end; ++done) {
      if (!access(done * block.unit)) return;
    }
  }
}

void Wire::read(std::uint32_t address, std::span<std::uint8_t> out, Width width) {
  for (const AccessBlock &block : cut_into_blocks(address, out.size(), width, limits)) {
    const std::uint32_t start = address + block.offset;
    sit_out_disturbances(start, "reading");
    std::uint32_t reached = start;
    Ack ack = Ack::ok;
    const auto access = [&](std::uint32_t offset) {
      reached = start + offset;
      ack = read_unit(reached, block.unit, &out[block.offset + offset]);
      return ack == Ack::ok;
    };
    command([&] { run_block(start, block, access); });
    if (block.size != word_size || block.unit != word_size) {
      target_.advance(usb_payload_time(block.size));
      command([] {});
    }
    check(ack, reached, "reading");
  }
}

void Wire::write(std::uint32_t address, std::span<const std::uint8_t> data, Width width) {
  for (const AccessBlock &block : cut_into_blocks(address, data.size(), width, limits)) {
    const std::uint32_t start = address + block.offset;
    sit_out_disturbances(start, "writing");
    std::uint32_t reached = start;
    Ack ack = Ack::ok;
    const auto access = [&](std::uint32_t offset) {
      reached = start + offset;
      ack = write_unit(reached, block.unit, &data[block.offset + offset]);
      return ack == Ack::ok;
    };
    const bool single = block.size == word_size && block.unit == word_size;
    command([&] {
      if (!single) target_.advance(usb_payload_time(block.size));
      run_block(start, block, access);
    });
    if (!single) command([] {});
    check(ack, reached, "writing");
  }
}

std::uint32_t Wire::probe_read(std::uint32_t address) {
  std::array<std::uint8_t, word_size> bytes{};
  target_.advance(swd_time(swd_transfer_bits, speed_hz_));
  check(read_unit(address, word_size, bytes.data()), address, "reading");
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
  return value;
}

void Wire::probe_write(std::uint32_t address, std::uint32_t value) {
  std::array<std::uint8_t, word_size> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  target_.advance(swd_time(swd_transfer_bits, speed_hz_));
  check(write_unit(address, word_size, bytes.data()), address, "writing");
}

}  // namespace flashhost::sim
