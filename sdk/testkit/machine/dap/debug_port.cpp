#include "dap/line.hpp"
#include "dap/line_faults.hpp"
#include "dap/memory_ap.hpp"
#include "dap/registers.hpp"

#include <flashhost/machine/debug_port.hpp>
#include <flashhost/machine/notes.hpp>

#include <chrono>
#include <optional>
#include <random>

namespace flashhost::machine {

namespace {

constexpr std::uint32_t default_hertz = 1'000'000;
constexpr Nanoseconds power_up_time = std::chrono::microseconds(10);
constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
using Trouble = dap::LineFaults::Trouble;

}  // namespace

class DebugPort::Impl {
 public:
  Impl(Target &target, const DebugPortConfig &config)
      : target_(target),
        config_(config),
        random_(config.seed),
        line_faults_(config.faults, config.seed),
        ap_(target, config.increment, Notes(notes)) {
    power_on();
  }

  void drive(std::span<const std::uint8_t> data, std::size_t bits) {
    follow_power();
    spend(bits);
    line_.drive(data, bits);
    if (line_.resets() == resets_) return;
    resets_ = line_.resets();
    // A debugger can only rely on the field that the debug port itself needs.
    select_ = (undefined() & ~dap::select_bank) | (select_ & dap::select_bank);
    select_known_ = false;
  }

  [[nodiscard]] SwdAck transfer(SwdRequest request, std::uint32_t &value) {
    ++transfers;
    follow_power();
    const Trouble trouble = line_faults_.next_transfer(hertz);
    const bool dpidr_read = !request.access_port && request.read && request.address == dap::dpidr;
    const bool heard = trouble != Trouble::silent && listens(dpidr_read);
    const SwdAck ack = heard ? permission(request, trouble) : SwdAck::none;
    const bool refused = ack == SwdAck::wait || ack == SwdAck::fault;
    // With overrun detection, the data follow whatever the answer is.
    const bool overrun = refused && (control_ & dap::ctrl::orundetect) != 0;
    spend(refused && !overrun ? swd_refused_bits : swd_transfer_bits);
    if (lost_power()) return SwdAck::none;  // in the middle of it
    if (overrun) control_ |= dap::ctrl::stickyorun;
    const bool result_read =
        request.read && (request.access_port || request.address == dap::rdbuff);
    if (result_read) set(dap::ctrl::readok, ack == SwdAck::ok);
    if (ack != SwdAck::ok) return ack;
    return perform(request, trouble, value);
  }

  std::uint64_t transfers = 0;
  std::uint32_t hertz = default_hertz;
  std::vector<std::string> notes;
  void set_faults(const SwdLineFaults &faults) { line_faults_.set(faults); }

 private:
  void spend(std::uint64_t bits) {
    const std::uint64_t scaled = bits * nanoseconds_per_second;
    target_.advance(Nanoseconds(static_cast<Nanoseconds::rep>(scaled / hertz)));
  }

  void set(std::uint32_t flag, bool on) { control_ = on ? control_ | flag : control_ & ~flag; }
  [[nodiscard]] std::uint32_t undefined() { return static_cast<std::uint32_t>(random_()); }
  void forget_select() {
    select_ = undefined();
    select_known_ = bank_known_ = false;
  }
  [[nodiscard]] bool lost_power() const {
    return !target_.powered() || target_.statistics().power_ons != power_ons_;
  }
  void follow_power() {
    if (target_.statistics().power_ons != power_ons_) power_on();
  }
  void power_on() {
    power_ons_ = target_.statistics().power_ons;
    line_.power_on();
    resets_ = 0;
    forget_select();
    control_ = 0;
    readout_ = undefined();
    pushed_.reset();
    stalled_ = absent_ = false;
    ap_.power_on(undefined());
  }

  [[nodiscard]] bool listens(bool dpidr_read) {
    if (!target_.answers()) line_.lose();
    return line_.takes_request(dpidr_read);
  }

  // Whether the port takes the transfer now.
  [[nodiscard]] SwdAck permission(SwdRequest request, Trouble trouble) {
    finish_access();
    const bool always = !request.access_port && (request.read ? request.address <= dap::ctrl_stat
                                                              : request.address == dap::dpidr);
    if (always) return SwdAck::ok;
    if ((control_ & dap::ctrl::sticky) != 0) return SwdAck::fault;
    return stalled_ || trouble == Trouble::wait ? SwdAck::wait : SwdAck::ok;
  }

  [[nodiscard]] SwdAck perform(SwdRequest request, Trouble trouble, std::uint32_t &value) {
    const bool damaged = trouble == Trouble::parity;
    if (!request.read) {
      if (damaged) {
        control_ |= dap::ctrl::wdataerr;
      } else if (request.access_port) {
        write_ap(request.address, value);
      } else {
        write_dp(request.address, value);
      }
      return SwdAck::ok;
    }
    value = request.access_port ? read_ap(request.address) : read_dp(request.address);
    if (!damaged) return SwdAck::ok;
    value ^= 1U << (undefined() % 32);
    return SwdAck::parity;
  }

  [[nodiscard]] std::uint32_t read_dp(std::uint8_t address) {
    switch (address) {
      case dap::dpidr:
        return target_.debug_port_id();
      case dap::ctrl_stat:
        return in_bank_0() ? status() : 0;
      case dap::select:
        return readout_;
      default:
        return readout_ = result();
    }
  }

  void write_dp(std::uint8_t address, std::uint32_t value) {
    switch (address) {
      case dap::dpidr:
        write_abort(value);
        break;
      case dap::ctrl_stat:
        if (in_bank_0()) write_control(value);
        break;
      case dap::select:
        select_ = value;
        select_known_ = bank_known_ = true;
        break;
      default:
        Notes(notes).add("DP TARGETSEL was written, which this debug port does not have");
        break;
    }
  }

  [[nodiscard]] bool in_bank_0() {
    if (!bank_known_) Notes(notes).add("DP register 4 was accessed before SELECT was written");
    return (select_ & dap::select_bank) == 0;
  }

  [[nodiscard]] std::uint32_t status() const {
    const std::uint32_t requests = control_ & dap::ctrl::power_requests;
    const bool up = target_.now() - power_requested_ >= power_up_time;
    return control_ | (up ? requests << dap::ctrl::ack_shift : 0);
  }
  [[nodiscard]] bool debug_power() const {
    return (status() & dap::ctrl::debug_power_request << dap::ctrl::ack_shift) != 0;
  }

  void write_control(std::uint32_t value) {
    std::uint32_t writable = dap::ctrl::power_requests | dap::ctrl::orundetect;
    const bool minimal = (target_.debug_port_id() & dap::minimal_port) != 0;
    if (!minimal) writable |= dap::ctrl::trnmode | dap::ctrl::masklane;
    if (((value ^ control_) & dap::ctrl::power_requests) != 0) power_requested_ = target_.now();
    control_ = (control_ & ~writable) | (value & writable);
  }

  void write_abort(std::uint32_t value) {
    if ((value & dap::abort::dapabort) != 0) {
      stalled_ = false;
      pushed_.reset();
      ap_.abort(undefined());
    }
    if ((value & dap::abort::stkcmpclr) != 0) control_ &= ~dap::ctrl::stickycmp;
    if ((value & dap::abort::wderrclr) != 0) control_ &= ~dap::ctrl::wdataerr;
    if ((value & dap::abort::orunerrclr) != 0) control_ &= ~dap::ctrl::stickyorun;
    if ((value & dap::abort::stkerrclr) == 0) return;
    control_ &= ~dap::ctrl::stickyerr;
    target_.clear_sticky_error();
  }

  // The register's address with its bank; empty: of an AP that is not there.
  [[nodiscard]] std::optional<std::uint8_t> ap_register(std::uint8_t address) {
    if (!select_known_) Notes(notes).add("an AP was accessed before SELECT was written");
    if (select_ >> 24 != config_.access_port) return std::nullopt;
    return static_cast<std::uint8_t>((select_ & 0xF0) | address);
  }

  [[nodiscard]] bool powered_for_ap() {
    if (debug_power()) return true;
    control_ |= dap::ctrl::stickyerr;
    return false;
  }

  [[nodiscard]] std::uint32_t result() const { return absent_ ? 0 : ap_.value(); }

  [[nodiscard]] std::uint32_t read_ap(std::uint8_t address) {
    readout_ = result();
    if (!powered_for_ap()) return readout_;
    const std::optional<std::uint8_t> where = ap_register(address);
    absent_ = !where;
    if (where) ap_.read(*where);
    finish_access();
    return readout_;
  }

  void write_ap(std::uint8_t address, std::uint32_t value) {
    if (!powered_for_ap()) return;
    const std::optional<std::uint8_t> where = ap_register(address);
    if (!where) return;
    if ((control_ & dap::ctrl::trnmode) == 0) {
      ap_.write(*where, value);
    } else {
      pushed_ = value;
      ap_.read(*where);
    }
    finish_access();
  }

  void finish_access() {
    const Ack ack = ap_.proceed();
    stalled_ = ack == Ack::wait;
    if (stalled_) return;
    if (ack != Ack::ok) {
      control_ |= dap::ctrl::stickyerr;
    } else if (pushed_) {
      compare(*pushed_);
    }
    pushed_.reset();
  }

  // Pushed verify and compare: what was "written" is compared with what was read.
  void compare(std::uint32_t value) {
    std::uint32_t lanes = 0;
    for (unsigned i = 0; i < 4; ++i) {
      if ((control_ >> (dap::ctrl::masklane_shift + i) & 1) != 0) lanes |= 0xFFU << (8 * i);
    }
    const bool equal = ((ap_.value() ^ value) & lanes) == 0;
    const bool stop_at_equal = (control_ & dap::ctrl::trnmode) == dap::ctrl::pushed_compare;
    if (equal == stop_at_equal) control_ |= dap::ctrl::stickycmp;
  }

  Target &target_;
  DebugPortConfig config_;
  std::mt19937_64 random_;
  dap::LineFaults line_faults_;
  dap::Line line_;
  dap::MemoryAp ap_;
  std::uint64_t power_ons_ = 0;
  std::uint64_t resets_ = 0;
  std::uint32_t control_ = 0;  // CTRL/STAT without the acknowledges
  Nanoseconds power_requested_{};
  std::uint32_t select_ = 0;
  bool select_known_ = false;
  bool bank_known_ = false;    // DPBANKSEL
  bool stalled_ = false;       // an access to memory waits for the bus
  bool absent_ = false;        // the last AP read was of an AP that is not there
  std::uint32_t readout_ = 0;  // what the last AP or RDBUFF read gave: RESEND
  std::optional<std::uint32_t> pushed_;
};

DebugPort::DebugPort(Target &target, const DebugPortConfig &config)
    : impl_(std::make_unique<Impl>(target, config)) {}

DebugPort::~DebugPort() = default;

void DebugPort::set_clock(std::uint32_t hertz) {
  impl_->hertz = hertz;
}

void DebugPort::set_faults(const SwdLineFaults &faults) {
  impl_->set_faults(faults);
}

void DebugPort::sequence(std::span<const std::uint8_t> data, std::size_t bits) {
  impl_->drive(data, bits);
}

SwdAck DebugPort::transfer(SwdRequest request, std::uint32_t &value) {
  return impl_->transfer(request, value);
}

std::uint64_t DebugPort::transfers() const {
  return impl_->transfers;
}

const std::vector<std::string> &DebugPort::notes() const {
  return impl_->notes;
}

}  // namespace flashhost::machine
