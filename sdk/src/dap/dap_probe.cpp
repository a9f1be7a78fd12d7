#include "../register_write.hpp"
#include "memory_port.hpp"

#include <flashhost/access.hpp>
#include <flashhost/error.hpp>

#include <exception>

namespace flashhost::adiv5 {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds nrst_low = 5ms;
constexpr std::uint32_t memory_end = 0x40000000;
constexpr std::uint32_t block_size = 16384;

class DapProbe final : public cortex_m::DebugProbe, private RawDebugPort {
 public:
  DapProbe(Host &host, std::unique_ptr<Wire> wire, const DapSettings &settings)
      : host_(host),
        link_(host, std::move(wire), settings),
        memory_(host, link_, settings.access_port) {}
  DapProbe(const DapProbe &) = delete;
  DapProbe &operator=(const DapProbe &) = delete;
  ~DapProbe() override;

  ProbeInfo info() override;
  void attach(AttachMode mode) override;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override;
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override;
  void run(std::span<Access> accesses) override { memory_.run(accesses, Order::strict); }
  void write_registers(std::span<const RegisterValue> values) override;
  void reset(ResetMode mode) override {
    DebugProbe::reset(mode);
    memory_.forget();
  }
  RawDebugPort *raw_debug_port() override { return this; }
  Nanoseconds now() override { return link_.wire().now(); }
  void sleep(Nanoseconds time) override {
    if (time > Nanoseconds::zero()) link_.wire().sleep(time);
  }

 private:
  void pulse_reset_pin() override;
  void reach(AttachMode mode);
  void attach_under_reset();

  std::uint32_t read_dp(std::uint8_t address) override {
    memory_.forget();
    return link_.read(Operation::Kind::read_dp, {0, address});
  }
  void write_dp(std::uint8_t address, std::uint32_t value) override {
    memory_.forget();
    link_.write(Operation::Kind::write_dp, {0, address}, value);
  }
  std::uint32_t read_ap(std::uint8_t access_port, std::uint8_t address) override {
    memory_.forget();
    return link_.read(Operation::Kind::read_ap, {access_port, address});
  }
  void write_ap(std::uint8_t access_port, std::uint8_t address, std::uint32_t value) override {
    memory_.forget();
    link_.write(Operation::Kind::write_ap, {access_port, address}, value);
  }

  Host &host_;
  Link link_;
  MemoryPort memory_;
  bool attached_ = false;
};

// In memory it does no harm when an access is done twice, or a later one before an earlier one. In
// the flash's range only for reading: a write may program a cell or be part of a key sequence.
Order order_of(std::uint32_t address, bool reading) {
  constexpr std::uint32_t ram_start = 0x20000000;
  const bool memory = address < memory_end && (reading || address >= ram_start);
  return memory ? Order::loose : Order::strict;
}

// A probe that is lost has another cause.
bool is_silence(const Error &error) {
  return error.code() == Errc::probe &&
         (error.cause() == Cause::out_of_reach || error.cause() == Cause::line_errors);
}

DapProbe::~DapProbe() {
  if (!attached_) return;
  try {
    // Without power the debug logic would let a halted core run.
    if ((read_word(cortex_m::dhcsr) & cortex_m::dhcsr_s_halt) == 0) {
      link_.write(Operation::Kind::write_dp, {0, dp_ctrl}, 0);
    }
  } catch (const std::exception &problem) {
    host_.debug("closing the probe: {}", problem.what());
  }
}

ProbeInfo DapProbe::info() {
  const WireInfo wire = link_.wire().info();
  ProbeInfo result;
  result.product = wire.product;
  result.serial = wire.serial;
  result.firmware = wire.firmware;
  result.target_millivolts = wire.target_millivolts;
  if (attached_) result.debug_port_id = link_.debug_port_id();
  result.speed_hz = link_.speed_hz();
  return result;
}

// Errc::target for a target that does not answer, also where it did at first.
void DapProbe::attach(AttachMode mode) {
  attached_ = false;
  link_.wire().connect();
  try {
    if (mode == AttachMode::under_reset) {
      attach_under_reset();
    } else {
      reach(mode);
    }
  } catch (const Error &error) {
    if (!is_silence(error)) throw;
    throw cortex_m::no_answer(mode, error.what());
  }
  attached_ = true;
}

void DapProbe::reach(AttachMode mode) {
  link_.connect(mode);
  memory_.find();
}

void DapProbe::attach_under_reset() {
  link_.wire().drive_nrst(true);
  sleep(nrst_low);
  bool answers = false;
  try {
    reach(AttachMode::under_reset);
    answers = true;
  } catch (const Error &error) {
    if (error.code() != Errc::target && !is_silence(error)) throw;
    host_.debug("while NRST is low: {}", error.what());
  }
  if (answers) {
    halt_at_release([&] { link_.wire().drive_nrst(false); });
    return;
  }
  // On some chips NRST resets the debug port, too. Then it is a race with the firmware, which a
  // second reset ends.
  link_.wire().drive_nrst(false);
  reach(AttachMode::under_reset);
  halt_at_release([&] { reset(ResetMode::system); });
}

void DapProbe::read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) {
  const AccessLimits limits{block_size, block_size, block_size, 0};
  for (const AccessBlock &block : cut_into_blocks(address, out.size(), width, limits)) {
    const std::uint32_t start = address + block.offset;
    const auto unit = static_cast<Width>(block.unit);
    std::vector<Access> accesses;
    accesses.reserve(block.size / block.unit);
    for (std::uint32_t at = 0; at < block.size; at += block.unit) {
      accesses.push_back(Access::read(start + at, unit));
    }
    memory_.run(accesses, order_of(start, true));
    std::size_t to = block.offset;
    for (const Access &access : accesses) {
      for (unsigned i = 0; i < block.unit; ++i) {
        out[to++] = static_cast<std::uint8_t>(access.value >> 8 * i);
      }
    }
  }
}

void DapProbe::write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                            Width width) {
  const AccessLimits limits{block_size, block_size, block_size, 0};
  for (const AccessBlock &block : cut_into_blocks(address, data.size(), width, limits)) {
    const std::uint32_t start = address + block.offset;
    const auto unit = static_cast<Width>(block.unit);
    std::vector<Access> accesses;
    accesses.reserve(block.size / block.unit);
    for (std::uint32_t at = 0; at < block.size; at += block.unit) {
      std::uint32_t value = 0;
      for (unsigned i = 0; i < block.unit; ++i) {
        value |= std::uint32_t{data[block.offset + at + i]} << 8 * i;
      }
      accesses.push_back(Access::write(start + at, value, unit));
    }
    memory_.run(accesses, order_of(start, false));
  }
}

void DapProbe::write_registers(std::span<const RegisterValue> values) {
  require_halted(read_word(cortex_m::dhcsr));
  std::vector<Access> accesses;
  for (const RegisterValue &one : values) {
    const auto writing = cortex_m::register_write(one);
    accesses.insert(accesses.end(), writing.begin(), writing.end());
  }
  run(accesses);
  // A core that is slower than the wire may not have taken one when the next was written.
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!cortex_m::is_over(accesses[3 * i + 2].value)) {
      return Probe::write_registers(values.subspan(i));
    }
  }
}

void DapProbe::pulse_reset_pin() {
  link_.wire().drive_nrst(true);
  sleep(nrst_low);
  link_.wire().drive_nrst(false);
}

}  // namespace

std::unique_ptr<Probe> make_dap_probe(Host &host, std::unique_ptr<Wire> wire,
                                      const DapSettings &settings) {
  return std::make_unique<DapProbe>(host, std::move(wire), settings);
}

}  // namespace flashhost::adiv5
