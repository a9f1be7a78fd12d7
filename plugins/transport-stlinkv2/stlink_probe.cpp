#include "stlink_probe.hpp"

#include "limits.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <usb-common/reopen.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace flashhost::stlink {

namespace {

constexpr std::uint32_t word_size = 4;
constexpr std::uint32_t sram_start = 0x20000000, peripherals_start = 0x40000000,
                        system_start = 0xE0000000;

// A write must not be repeated for a flash cell or for a register with a key sequence.
Repeat repeat_of_write(std::uint32_t address) {
  const bool harmless =
      (address >= sram_start && address < peripherals_start) || address >= system_start;
  return harmless ? Repeat::harmless : Repeat::never;
}

}  // namespace

StlinkProbe::StlinkProbe(Host &host, std::shared_ptr<Bus> bus, std::shared_ptr<Clock> clock,
                         const FoundProbe &found, ProbeSettings settings)
    : host_(host), bus_(std::move(bus)), clock_(std::move(clock)), settings_(std::move(settings)) {
  open(found);
}

StlinkProbe::~StlinkProbe() {
  if (!attached_ || session_ == nullptr || session_->lost()) return;
  try {
    // Leaving the debug mode would let a halted core run.
    if ((read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_halt) == 0) session_->disconnect();
  } catch (const std::exception &problem) {
    host_.debug("closing the probe: {}", problem.what());
  }
}

void StlinkProbe::open(const FoundProbe &found) {
  const Product *product = find_product(found.product);
  product_ = product != nullptr ? product->name : "ST-LINK";
  session_ = std::make_unique<Session>(host_, *clock_, bus_->open(found), found.product);
  session_->choose_speed(settings_.speed_hz);
  host_.debug("{} {} {} at {}", product_, settings_.serial, session_->version().text,
              found.location);
  if (settings_.speed_hz && !session_->features().frequency && !session_->features().frequency_v3) {
    host_.warning("the probe's firmware {} has one SWD clock only, {} kHz; a newer one has more",
                  session_->version().text, session_->speed_hz() / 1000);
  }
}

void StlinkProbe::reopen() {
  attached_ = false;
  session_.reset();
  const Nanoseconds away = usb::reopen(*clock_, settings_.serial, [&] {
    for (const FoundProbe &found : bus_->find()) {
      if (found.serial != settings_.serial) continue;
      if (!settings_.port.empty() && found.port != settings_.port) continue;
      try {
        open(found);
      } catch (const Error &) {
        session_.reset();
        throw;
      }
      return true;
    }
    return false;
  });
  host_.info("the probe {} is back after {}", settings_.serial, format_duration(away));
}

Session &StlinkProbe::session() {
  if (session_ == nullptr || session_->lost()) {
    throw Error(Errc::probe,
                fmt::format("the connection to the probe {} was lost", settings_.serial))
        .see(Cause::usb);
  }
  return *session_;
}

ProbeInfo StlinkProbe::info() {
  Session &probe = session();
  ProbeInfo result;
  result.product = product_;
  result.serial = settings_.serial;
  result.firmware = probe.version().text;
  result.target_millivolts = probe.millivolts();
  if (attached_) result.debug_port_id = probe.debug_port_id();
  result.speed_hz = probe.speed_hz();
  result.halfword_access = probe.features().half;
  return result;
}

void StlinkProbe::attach(AttachMode mode) {
  if (session_ == nullptr || session_->lost()) reopen();
  if (mode == AttachMode::under_reset) {
    session().connect(NrstLevel::low);
    attached_ = true;
    halt_at_release([&] { session().drive_nrst(NrstLevel::high); });
  } else {
    session().connect(NrstLevel::high);
    attached_ = true;
  }
  host_.debug("debug port {}, SWD at {} kHz", hex(session().debug_port_id()),
              session().speed_hz() / 1000);
}

AccessLimits StlinkProbe::limits() const {
  const Features &can = session_->features();
  return {can.byte_limit, can.half ? can.block_limit : 0, can.block_limit, can.block_boundary};
}

Width StlinkProbe::possible(Width width) const {
  if (width != Width::half || session_->features().half) return width;
  throw Error(
      Errc::refused,
      fmt::format("the probe's firmware {} has no 16-bit memory access", session_->version().text),
      "Update the probe's firmware (V2J26 or newer) with ST's STSW-LINK007.");
}

void StlinkProbe::read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) {
  Session &probe = session();
  for (const AccessBlock &block : cut_into_blocks(address, out.size(), possible(width), limits())) {
    const std::uint32_t start = address + block.offset;
    const auto part = out.subspan(block.offset, block.size);
    Request request{.doing = "reading", .address = start, .length = block.size};
    Bytes data;
    if (block.unit == word_size && block.size == word_size) {
      request.command = stlink::read_word(start);
      request.reply = value_size;
      data = probe.run(request);
      data.erase(data.begin(), data.begin() + word_size);
    } else {
      request.command = read_block(block.unit, start, static_cast<std::uint16_t>(block.size));
      // A single byte is sent as two.
      request.reply = std::max<std::size_t>(block.size, 2);
      request.status = StatusAt::after;
      data = probe.run(request);
    }
    std::copy_n(data.begin(), part.size(), part.begin());
  }
}

void StlinkProbe::write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                               Width width) {
  Session &probe = session();
  for (const AccessBlock &block :
       cut_into_blocks(address, data.size(), possible(width), limits())) {
    const std::uint32_t start = address + block.offset;
    const auto part = data.subspan(block.offset, block.size);
    Request request{.doing = "writing",
                    .address = start,
                    .length = block.size,
                    .repeat = repeat_of_write(start)};
    if (block.unit == word_size && block.size == word_size) {
      request.command = stlink::write_word(start, word_at(part, 0));
    } else {
      request.command = write_block(block.unit, start, static_cast<std::uint16_t>(block.size));
      request.payload = part;
      request.reply = 0;
      request.status = StatusAt::after;
    }
    static_cast<void>(probe.run(request));
  }
}

std::uint32_t StlinkProbe::read_register(CoreRegister which) {
  require_halted(read_word(cortex_m::dhcsr));
  const Bytes reply =
      session().run({.doing = "reading a core register",
                     .command = stlink::read_register(static_cast<std::uint8_t>(which)),
                     .reply = value_size});
  return word_at(reply, word_size);
}

void StlinkProbe::write_register(CoreRegister which, std::uint32_t value) {
  write_registers(std::array{RegisterValue{which, value}});
}

void StlinkProbe::write_registers(std::span<const RegisterValue> values) {
  require_halted(read_word(cortex_m::dhcsr));
  for (const RegisterValue &one : values) {
    static_cast<void>(session().run(
        {.doing = "writing a core register",
         .command = stlink::write_register(static_cast<std::uint8_t>(one.which), one.value)}));
  }
}

void StlinkProbe::pulse_reset_pin() {
  session().drive_nrst(NrstLevel::low);
  sleep(nrst_low);
  session().drive_nrst(NrstLevel::high);
}

Nanoseconds StlinkProbe::now() {
  return clock_->now();
}

void StlinkProbe::sleep(Nanoseconds time) {
  if (time > Nanoseconds::zero()) clock_->sleep(time);
}

}  // namespace flashhost::stlink
