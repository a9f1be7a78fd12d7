#include "debug_group.hpp"

#include "clocks.hpp"

#include <flashhost/cortex_m.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace virtual_stlink {

namespace {

using namespace std::chrono_literals;
namespace cm = flashhost::cortex_m;

constexpr unsigned never = 1000;
constexpr unsigned j_open_ap = 28;
constexpr unsigned j_float_registers = 15;
constexpr std::uint32_t last_basic_register = 0x1F;
constexpr std::uint32_t dcrsr_write = 1U << 16;
constexpr std::uint32_t aircr_sysresetreq = 0x05FA0004;
constexpr std::uint32_t core_id_jtag_m3 = 0x3BA00477;
constexpr std::uint32_t core_id_jtag_m4 = 0x4BA00477;
constexpr std::uint32_t dp_id_m4 = 0x2BA01477;
constexpr std::uint32_t dbgmcu_idcode = 0xE0042000;
constexpr auto nrst_pulse = 100us;
constexpr auto after_reset = 100us;
constexpr int register_polls = 100;

}  // namespace

DebugGroup::DebugGroup(const FirmwareConfig &config, flashhost::machine::Target &target,
                       Notes notes)
    : config_(config),
      notes_(notes),
      swd_(config, target),
      dap_(swd_, notes, has(j_open_ap, 0) ? Dap::Opening::needed : Dap::Opening::automatic),
      swd_hertz_(default_swd_hertz),
      jtag_hertz_(default_jtag_hertz) {}

bool DebugGroup::has(unsigned from_v2, unsigned from_v3) const {
  return config_.jtag >= (config_.hardware == Hardware::v3 ? from_v3 : from_v2);
}

std::span<const DebugGroup::Row> DebugGroup::rows() {
  using G = DebugGroup;
  constexpr auto any = Needs::nothing;
  constexpr auto on = Needs::debug_mode;
  static constexpr auto table = std::to_array<Row>({
      {0x01, 0, 0, on, 2, &G::get_status},      {0x02, 0, 0, on, 2, &G::control_core},
      {0x07, 0, 0, on, 0, &G::read_memory},     {0x08, 0, 0, on, 0, &G::write_memory},
      {0x09, 0, 0, on, 2, &G::control_core},    {0x0A, 0, 0, on, 2, &G::control_core},
      {0x0C, 0, 0, on, 0, &G::read_memory},     {0x0D, 0, 0, on, 0, &G::write_memory},
      {0x21, 0, 0, any, 0, &G::exit},           {0x22, 0, 0, on, 4, &G::read_core_id},
      {0x30, 0, 0, any, 2, &G::enter},          {0x31, 0, 0, on, 12, &G::read_ids},
      {0x32, 0, 0, on, 2, &G::reset_system},    {0x33, 0, 0, on, 8, &G::read_register},
      {0x34, 0, 0, on, 2, &G::write_register},  {0x35, 0, 0, on, 2, &G::debug_register},
      {0x36, 0, 0, on, 8, &G::debug_register},  {0x3A, 0, 0, on, 88, &G::read_all_registers},
      {0x3B, 0, 0, on, 2, &G::last_status},     {0x3C, 0, 0, any, 2, &G::drive_nrst},
      {0x3E, 15, 0, on, 12, &G::last_status},   {0x40, 13, 0, on, 2, &G::trace},
      {0x41, 13, 0, on, 2, &G::trace},          {0x42, 13, 0, on, 2, &G::trace},
      {0x43, 22, never, any, 2, &G::set_speed}, {0x44, 24, never, any, 2, &G::set_speed},
      {0x45, 24, 0, on, 8, &G::dap_register},   {0x46, 24, 0, on, 2, &G::dap_register},
      {0x47, 26, 0, on, 0, &G::read_memory},    {0x48, 26, 0, on, 0, &G::write_memory},
      {0x4B, 28, 0, on, 2, &G::access_port},    {0x4C, 28, 0, on, 2, &G::access_port},
      {0x50, 26, 0, on, 0, &G::write_memory},   {0x51, 32, 2, on, 0, &G::misc},
      {0x52, 32, 2, on, 0, &G::misc},           {0x53, 32, 2, any, 4, &G::misc},
      {0x54, 32, 2, on, 0, &G::read_memory},    {0x56, 36, 6, any, 128, &G::board_identifiers},
      {0x61, never, 0, any, 8, &G::com_speed},  {0x62, never, 0, any, 52, &G::com_speed},
      {0x63, never, 0, any, 8, &G::com_speed},
  });
  return table;
}

DebugGroup::Answer DebugGroup::command(Command command, Mode &mode) {
  std::ranges::copy(command, command_.begin());
  mode_ = &mode;
  const auto all = rows();
  const auto row = std::ranges::find(all, command[1], &Row::code);
  if (row == all.end() || !has(row->from_v2, row->from_v3)) {
    return {status_reply(Status::unknown_command), 0};
  }
  if (row->needs == Needs::debug_mode && mode != Mode::debug) return refuse(*row);
  return (this->*row->run)(*row);
}

DebugGroup::Answer DebugGroup::refuse(const Row &row) const {
  // A block's data phase comes in any case; the hosts depend on it.
  if (row.run == &DebugGroup::read_memory) return {Bytes(get_u16(command_, 6)), 0};
  if (row.run == &DebugGroup::write_memory) return {{}, get_u16(command_, 6)};
  return {status_reply(Status::command_error, std::max<std::size_t>(row.reply, 2)), 0};
}

Status DebugGroup::finish(Status status) {
  if (status == Status::ap_fault) swd_.clear_sticky_error();
  return status;
}

DebugGroup::Answer DebugGroup::value_reply(Status status, std::uint32_t value) const {
  Bytes reply = status_reply(status, 8);
  put_u32(reply, 4, value);
  return {reply, 0};
}

void DebugGroup::leave() {
  dap_.close_all();
}

void DebugGroup::apply_speed() {
  swd_.set_speed(jtag_ ? jtag_hertz_ : swd_hertz_);
}

DebugGroup::Answer DebugGroup::enter(const Row & /*row*/) {
  constexpr std::uint8_t swd = 0xA3;
  constexpr std::uint8_t jtag = 0xA4;
  constexpr std::uint8_t jtag_with_reset = 0;
  const std::uint8_t how = command_[2];
  if (how != swd && how != jtag && how != jtag_with_reset) {
    return {status_reply(Status::command_error), 0};
  }
  if (*mode_ == Mode::swim || *mode_ == Mode::bootloader) {
    return {status_reply(Status::other_mode), 0};
  }
  jtag_ = how != swd;
  apply_speed();
  if (how == jtag_with_reset) {
    swd_.target().set_nrst(0);
    swd_.wait(nrst_pulse);
    swd_.target().set_nrst(1);
  }
  const Status status = swd_.connect();
  if (status == Status::ok) {
    *mode_ = Mode::debug;
    last_access_ = {};
  }
  return {status_reply(status), 0};
}

DebugGroup::Answer DebugGroup::exit(const Row & /*row*/) {
  leave();
  if (*mode_ == Mode::debug) *mode_ = Mode::mass;
  return {};
}

std::uint32_t DebugGroup::core_id() {
  const std::uint32_t swd = swd_.target().debug_port_id();
  if (!jtag_) return swd;
  return swd == dp_id_m4 ? core_id_jtag_m4 : core_id_jtag_m3;
}

DebugGroup::Answer DebugGroup::read_ids(const Row &row) {
  Bytes reply = status_reply(Status::ok, row.reply);
  std::uint32_t value = 0;
  const Status status = swd_.connect();
  reply[0] = static_cast<std::uint8_t>(status);
  if (status != Status::ok) return {reply, 0};
  put_u32(reply, 4, core_id());
  if (jtag_) {
    if (swd_.read_word(dbgmcu_idcode, value) == Status::ok) {
      put_u32(reply, 8, 0x16000041 | (value & 0xFFF) << 12);
    }
  }
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::read_core_id(const Row & /*row*/) {
  Bytes reply(4);
  swd_.transfers(1);
  put_u32(reply, 0, core_id());
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::get_status(const Row & /*row*/) {
  constexpr std::uint8_t running = 0x80;
  constexpr std::uint8_t halted = 0x81;
  std::uint32_t value = 0;
  const Status status = finish(swd_.read_word(cm::dhcsr, value));
  if (status != Status::ok) return {status_reply(status), 0};
  Bytes reply(2);
  reply[0] = (value & cm::dhcsr_s_halt) != 0 ? halted : running;
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::control_core(const Row &row) {
  constexpr std::uint8_t force_debug = 0x02;
  constexpr std::uint8_t run_core = 0x09;
  constexpr std::uint32_t step = 1U << 2;
  std::uint32_t bits = cm::dhcsr_debugen;
  if (row.code == force_debug) {
    bits |= cm::dhcsr_halt;
  } else if (row.code != run_core) {
    bits |= step;
  }
  return {status_reply(finish(swd_.write_word(cm::dhcsr, cm::dhcsr_key | bits))), 0};
}

DebugGroup::Answer DebugGroup::reset_system(const Row & /*row*/) {
  const Status status = finish(swd_.write_word(cm::aircr, aircr_sysresetreq));
  swd_.wait(after_reset);
  return {status_reply(status), 0};
}

DebugGroup::Answer DebugGroup::drive_nrst(const Row & /*row*/) {
  switch (command_[2]) {
    case 0:
    case 1:
      swd_.target().set_nrst(command_[2]);
      break;
    case 2:
      swd_.target().set_nrst(0);
      swd_.wait(nrst_pulse);
      swd_.target().set_nrst(1);
      break;
    default:
      return {status_reply(Status::command_error), 0};
  }
  return {status_reply(Status::ok), 0};
}

Status DebugGroup::wait_for_register() {
  for (int i = 0; i < register_polls; ++i) {
    std::uint32_t value = 0;
    const Status status = swd_.read_word(cm::dhcsr, value);
    if (status != Status::ok) return status;
    if ((value & cm::dhcsr_s_regrdy) != 0) return Status::ok;
  }
  return Status::unknown_error;
}

Status DebugGroup::read_core_register(std::uint32_t selector, std::uint32_t &value) {
  if (selector > last_basic_register && !has(j_float_registers, 0)) return Status::command_error;
  if (const Status s = swd_.write_word(cm::dcrsr, selector); s != Status::ok) return s;
  if (const Status s = wait_for_register(); s != Status::ok) return s;
  return swd_.read_word(cm::dcrdr, value);
}

DebugGroup::Answer DebugGroup::read_register(const Row & /*row*/) {
  std::uint32_t value = 0;
  const Status status = finish(read_core_register(command_[2], value));
  return value_reply(status, value);
}

DebugGroup::Answer DebugGroup::write_register(const Row & /*row*/) {
  const std::uint32_t selector = command_[2];
  if (selector > last_basic_register && !has(j_float_registers, 0)) {
    return {status_reply(Status::command_error), 0};
  }
  Status status = swd_.write_word(cm::dcrdr, get_u32(command_, 3));
  if (status == Status::ok) status = swd_.write_word(cm::dcrsr, dcrsr_write | selector);
  if (status == Status::ok) status = wait_for_register();
  return {status_reply(finish(status)), 0};
}

DebugGroup::Answer DebugGroup::read_all_registers(const Row &row) {
  constexpr std::uint32_t slots = 21;
  constexpr std::uint32_t unused_slot = 19;
  Bytes reply = status_reply(Status::ok, row.reply);
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    if (slot == unused_slot) continue;
    std::uint32_t value = 0;
    const Status status = finish(read_core_register(slot, value));
    if (status != Status::ok) return {status_reply(status, row.reply), 0};
    put_u32(reply, 4 + slot * 4, value);
  }
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::debug_register(const Row &row) {
  constexpr std::uint8_t write = 0x35;
  const std::uint32_t address = get_u32(command_, 2);
  if (address % 4 != 0) notes_.add("a debug register command with an address that is no word's");
  std::uint32_t value = 0;
  Status status = swd_.begin_command();
  if (row.code == write) {
    if (status == Status::ok) status = swd_.write_word(address & ~3U, get_u32(command_, 6));
    return {status_reply(finish(status)), 0};
  }
  if (status == Status::ok) status = swd_.read_word(address & ~3U, value);
  return value_reply(finish(status), value);
}

}  // namespace virtual_stlink
