// Of the debug group: clocks, raw DAP registers, trace, board.
#include "clocks.hpp"
#include "debug_group.hpp"

namespace virtual_stlink {

DebugGroup::Answer DebugGroup::set_speed(const Row &row) {
  constexpr std::uint8_t swd = 0x43;
  const std::uint32_t divisor = get_u16(command_, 2);
  if (row.code == swd) {
    swd_hertz_ = swd_hertz(divisor);
  } else {
    jtag_hertz_ = jtag_hertz(divisor);
  }
  apply_speed();
  return {status_reply(Status::ok), 0};
}

DebugGroup::Answer DebugGroup::com_speed(const Row &row) {
  constexpr std::uint8_t set = 0x61;
  constexpr std::uint8_t get = 0x62;
  std::uint32_t &hertz = command_[2] == 1 ? jtag_hertz_ : swd_hertz_;
  Bytes reply = status_reply(Status::ok, row.reply);
  if (row.code == set) {
    hertz = v3_kilohertz(get_u32(command_, 4)) * 1000;
    apply_speed();
    put_u32(reply, 4, hertz / 1000);
  } else if (row.code == get) {
    const auto list = v3_kilohertz();
    put_u32(reply, 4, hertz / 1000);
    put_u32(reply, 8, static_cast<std::uint32_t>(list.size()));
    for (std::size_t i = 0; i < list.size(); ++i) put_u32(reply, 12 + 4 * i, list[i]);
  } else {
    const std::uint8_t prescaler = command_[2];
    if (prescaler != 1 && prescaler != 2 && prescaler != 4) {
      return {status_reply(Status::frequency_unsupported, row.reply), 0};
    }
  }
  return {reply, 0};
}

DebugGroup::Answer DebugGroup::dap_register(const Row &row) {
  constexpr std::uint8_t read = 0x45;
  const std::uint32_t port = get_u16(command_, 2);
  const std::uint32_t address = get_u16(command_, 4);
  if (row.code != read) {
    return {status_reply(dap_.write(port, address, get_u32(command_, 6))), 0};
  }
  std::uint32_t value = 0;
  const Status status = dap_.read(port, address, value);
  return value_reply(status, value);
}

DebugGroup::Answer DebugGroup::access_port(const Row &row) {
  constexpr std::uint8_t init = 0x4B;
  const Status status = row.code == init ? dap_.open(command_[2]) : dap_.close(command_[2]);
  return {status_reply(status), 0};
}

DebugGroup::Answer DebugGroup::trace(const Row &row) {
  constexpr std::uint8_t bytes_waiting = 0x42;
  // The target has no trace output: there is never anything to fetch.
  if (row.code == bytes_waiting) return {Bytes(row.reply), 0};
  return {status_reply(Status::ok), 0};
}

DebugGroup::Answer DebugGroup::board_identifiers(const Row &row) {
  return {Bytes(row.reply), 0};  // none are stored
}

}  // namespace virtual_stlink
