#include "dap.hpp"

namespace virtual_stlink {

namespace {

constexpr std::uint32_t dp_id = 0x0;      // read; ABORT when written
constexpr std::uint32_t dp_ctrl = 0x4;    // CTRL/STAT
constexpr std::uint32_t dp_select = 0x8;  // RESEND when read
constexpr std::uint32_t dp_rdbuff = 0xC;
constexpr std::uint32_t abort_sticky = 1U << 2;
constexpr std::uint32_t ctrl_orundetect = 1U << 0;
constexpr std::uint32_t ctrl_stickyerr = 1U << 5;
constexpr std::uint32_t ctrl_requests = 0x50000000;  // CDBGPWRUPREQ, CSYSPWRUPREQ; acks one above

constexpr std::uint32_t ap_csw = 0x00;
constexpr std::uint32_t ap_tar = 0x04;
constexpr std::uint32_t ap_drw = 0x0C;
constexpr std::uint32_t ap_bd0 = 0x10;
constexpr std::uint32_t ap_bd3 = 0x1C;
constexpr std::uint32_t ap_base = 0xF8;
constexpr std::uint32_t ap_idr = 0xFC;
constexpr std::uint32_t base_value = 0xE00FF003;
constexpr std::uint32_t idr_m3 = 0x14770011;
constexpr std::uint32_t idr_m4 = 0x24770011;
constexpr std::uint32_t dp_id_m4 = 0x2BA01477;
constexpr std::uint32_t csw_writable = 0x23000037;  // SIZE, ADDRINC, PROT, MASTERTYPE
constexpr std::uint32_t csw_enabled = 1U << 6;
constexpr std::uint32_t csw_default = 0x23000050;
constexpr std::uint32_t tar_wrap = 0xFFF;  // of the increment, Cortex-M3 and M4

}  // namespace

Status Dap::open(std::uint32_t access_port) {
  swd_.transfers(2);
  if (access_port != 0) return Status::bad_ap;
  open_.insert(access_port);
  return Status::ok;
}

Status Dap::close(std::uint32_t access_port) {
  return open_.erase(access_port) != 0 ? Status::ok : Status::bad_ap;
}

Status Dap::read(std::uint32_t port, std::uint32_t address, std::uint32_t &value) {
  if (port == debug_port) return read_dp(address, value);
  if (opening_ == Opening::needed && !open_.contains(port)) return Status::bad_ap;
  if (port != 0) {
    value = 0;  // an access port that does not exist reads as zero
    swd_.transfers(2);
    return Status::ok;
  }
  return read_ap(address, value);
}

Status Dap::write(std::uint32_t port, std::uint32_t address, std::uint32_t value) {
  if (port == debug_port) return write_dp(address, value);
  if (opening_ == Opening::needed && !open_.contains(port)) return Status::bad_ap;
  if (port != 0) {
    swd_.transfers(1);
    return Status::ok;
  }
  return write_ap(address, value);
}

void Dap::memory_command(unsigned width, std::uint32_t end) {
  csw_ = csw_default | (width == 4 ? 2 : width - 1);
  tar_ = end;
}

Status Dap::read_dp(std::uint32_t address, std::uint32_t &value) {
  swd_.transfers(1);
  switch (address) {
    case dp_id:
      value = swd_.target().debug_port_id();
      return Status::ok;
    case dp_ctrl:
      value =
          control_ | (control_ & ctrl_requests) << 1 | (swd_.sticky_error() ? ctrl_stickyerr : 0);
      return Status::ok;
    case dp_rdbuff:
      value = last_read_;
      return swd_.sticky_error() ? Status::dp_fault : Status::ok;
    default:
      value = 0;
      return Status::ok;
  }
}

Status Dap::write_dp(std::uint32_t address, std::uint32_t value) {
  switch (address) {
    case dp_id:
      if ((value & abort_sticky) != 0) {
        swd_.clear_sticky_error();
      } else {
        swd_.transfers(1);
      }
      return Status::ok;
    case dp_ctrl:
      swd_.transfers(1);
      if ((value & ctrl_orundetect) != 0) notes_.add("DP CTRL/STAT.ORUNDETECT was set");
      control_ = value & ctrl_requests;
      return Status::ok;
    case dp_select:
      notes_.add("DP SELECT was written; the probe does that itself");
      return Status::ok;
    default:
      swd_.transfers(1);
      return Status::ok;
  }
}

unsigned Dap::width() const {
  const unsigned size = csw_ & 7;
  return size > 2 ? 4 : 1U << size;
}

void Dap::increment() {
  const std::uint32_t mode = csw_ >> 4 & 3;
  if (mode == 2) notes_.add("CSW asks for packed transfers, which the firmware cannot do");
  if (mode == 1) tar_ = (tar_ & ~tar_wrap) | ((tar_ + width()) & tar_wrap);
}

Status Dap::read_data(std::uint32_t &value) {
  std::uint32_t lanes = 0;
  const std::uint32_t address = tar_ & ~(width() - 1);
  const Status status = swd_.read(address, width(), lanes);
  value = last_read_ = lanes << (8 * (address & 3));
  if (status == Status::ok) increment();
  return status;
}

Status Dap::write_data(std::uint32_t value) {
  if (swd_.sticky_error()) return Status::ap_fault;
  const std::uint32_t address = tar_ & ~(width() - 1);
  const std::uint32_t data = value >> (8 * (address & 3));
  const std::uint32_t mask = width() == 4 ? ~0U : (1U << (8 * width())) - 1;
  const Status status = swd_.write(address, width(), data & mask);
  if (status == Status::ok) increment();
  // Posted: a refusal shows at the next access.
  return status == Status::ap_fault ? Status::ok : status;
}

Status Dap::read_ap(std::uint32_t address, std::uint32_t &value) {
  if (address == ap_drw) return read_data(value);
  if (address >= ap_bd0 && address <= ap_bd3) {
    const Status status = swd_.read_word((tar_ & ~0xFU) + address - ap_bd0, value);
    last_read_ = value;
    return status;
  }
  swd_.transfers(2);
  if (swd_.sticky_error()) return Status::ap_fault;
  switch (address) {
    case ap_csw:
      value = csw_ | csw_enabled;
      break;
    case ap_tar:
      value = tar_;
      break;
    case ap_base:
      value = base_value;
      break;
    case ap_idr:
      value = swd_.target().debug_port_id() == dp_id_m4 ? idr_m4 : idr_m3;
      break;
    default:
      value = 0;
      break;
  }
  last_read_ = value;
  return Status::ok;
}

Status Dap::write_ap(std::uint32_t address, std::uint32_t value) {
  if (address == ap_drw) return write_data(value);
  if (address >= ap_bd0 && address <= ap_bd3) {
    if (swd_.sticky_error()) return Status::ap_fault;
    const Status status = swd_.write_word((tar_ & ~0xFU) + address - ap_bd0, value);
    return status == Status::ap_fault ? Status::ok : status;
  }
  swd_.transfers(1);
  if (swd_.sticky_error()) return Status::ap_fault;
  if (address == ap_csw) csw_ = value & csw_writable;
  if (address == ap_tar) tar_ = value;
  return Status::ok;
}

}  // namespace virtual_stlink
