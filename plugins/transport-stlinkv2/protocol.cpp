#include "protocol.hpp"

#include <fmt/format.h>

namespace flashhost::stlink {

namespace {

constexpr std::uint8_t group_debug = 0xF2, group_dfu = 0xF3, group_swim = 0xF4;
constexpr std::size_t word_size = 4;

void put(Command &command, std::size_t offset, std::uint32_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    command[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

Command debug(std::uint8_t code) {
  Command command{};
  command[0] = group_debug;
  command[1] = code;
  return command;
}

Command single(std::uint8_t code) {
  Command command{};
  command[0] = code;
  return command;
}

Command block(std::uint8_t code, std::uint32_t address, std::uint16_t length) {
  Command command = debug(code);
  put(command, 2, address, word_size);
  put(command, 6, length, 2);
  return command;
}

}  // namespace

Command get_version() {
  return single(0xF1);
}

Command get_version_ext() {
  return single(0xFB);
}

Command get_mode() {
  return single(0xF5);
}

Command get_voltage() {
  return single(0xF7);
}

Command leave(Mode mode) {
  switch (mode) {
    case Mode::dfu: {
      Command command = single(group_dfu);
      command[1] = 0x07;
      return command;
    }
    case Mode::swim: {
      Command command = single(group_swim);
      command[1] = 0x01;
      return command;
    }
    default:
      return debug(0x21);
  }
}

Command enter_swd() {
  Command command = debug(0x30);
  command[2] = 0xA3;
  return command;
}

Command read_idcodes() {
  return debug(0x31);
}

Command drive_nrst(NrstLevel level) {
  Command command = debug(0x3C);
  command[2] = static_cast<std::uint8_t>(level);
  return command;
}

Command open_ap(std::uint8_t ap) {
  Command command = debug(0x4B);
  command[2] = ap;
  return command;
}

Command set_divisor(std::uint16_t divisor) {
  Command command = debug(0x43);
  put(command, 2, divisor, 2);
  return command;
}

Command list_frequencies_v3() {
  return debug(0x62);
}

Command set_frequency_v3(std::uint32_t kilohertz) {
  Command command = debug(0x61);
  put(command, 4, kilohertz, word_size);
  return command;
}

Command read_register(std::uint8_t selector) {
  Command command = debug(0x33);
  command[2] = selector;
  return command;
}

Command write_register(std::uint8_t selector, std::uint32_t value) {
  Command command = debug(0x34);
  command[2] = selector;
  put(command, 3, value, word_size);
  return command;
}

Command read_word(std::uint32_t address) {
  Command command = debug(0x36);
  put(command, 2, address, word_size);
  return command;
}

Command write_word(std::uint32_t address, std::uint32_t value) {
  Command command = debug(0x35);
  put(command, 2, address, word_size);
  put(command, 6, value, word_size);
  return command;
}

Command read_block(std::uint32_t unit, std::uint32_t address, std::uint16_t length) {
  const std::uint8_t code = unit == 1 ? 0x0C : unit == 2 ? 0x47 : 0x07;
  return block(code, address, length);
}

Command write_block(std::uint32_t unit, std::uint32_t address, std::uint16_t length) {
  const std::uint8_t code = unit == 1 ? 0x0D : unit == 2 ? 0x48 : 0x08;
  return block(code, address, length);
}

Command last_status() {
  return debug(0x3B);
}

Command last_status2() {
  return debug(0x3E);
}

Command write_dap(std::uint16_t port, std::uint16_t address, std::uint32_t value) {
  Command command = debug(0x46);
  put(command, 2, port, 2);
  put(command, 4, address, 2);
  put(command, 6, value, word_size);
  return command;
}

namespace {

struct StatusRow {
  std::uint8_t code;
  Meaning meaning;
  const char *words;
};

constexpr StatusRow statuses[] = {
    {0x80, Meaning::good, "done"},
    {0x81, Meaning::fault, "fault"},
    {0x01, Meaning::fault, "memory fault"},
    {0x02, Meaning::refused, "error on the probe's own bus"},
    {0x03, Meaning::refused, "error of the probe's DMA"},
    {0x04, Meaning::absent, "no JTAG device"},
    {0x05, Meaning::absent, "no target"},
    {0x06, Meaning::refused, "internal error of the probe"},
    {0x07, Meaning::wait, "the probe is busy"},
    {0x08, Meaning::refused, "command refused"},
    {0x09, Meaning::absent, "no identification from the target"},
    {0x0A, Meaning::refused, "address not aligned"},
    {0x0B, Meaning::absent, "the target's debug logic does not power up"},
    {0x0C, Meaning::refused, "writing failed"},
    // Some bits of the register cannot be written: every driver treats this status as success.
    {0x0D, Meaning::good, "written value differs"},
    {0x0E, Meaning::busy_mode, "the probe is in another mode"},
    {0x10, Meaning::wait, "SWD access port: WAIT"},
    {0x11, Meaning::fault, "SWD access port: FAULT"},
    {0x12, Meaning::line, "SWD access port: no acknowledge"},
    {0x13, Meaning::line, "SWD access port: parity error"},
    {0x14, Meaning::wait, "SWD debug port: WAIT"},
    {0x15, Meaning::fault, "SWD debug port: FAULT"},
    {0x16, Meaning::line, "SWD debug port: no acknowledge"},
    {0x17, Meaning::line, "SWD debug port: parity error"},
    {0x18, Meaning::line, "SWD: parity error in written data"},
    {0x19, Meaning::fault, "SWD: sticky error"},
    {0x1A, Meaning::line, "SWD: overrun"},
    {0x1D, Meaning::refused, "access port not open"},
    {0x20, Meaning::refused, "no trace"},
    {0x29, Meaning::refused, "too many access ports open"},
    // After a change of the clock: the new clock is in use.
    {0x40, Meaning::good, "configuration changed"},
    {0x41, Meaning::unsupported, "clock not supported"},
    {0x42, Meaning::unsupported, "command not known"},
};

const StatusRow *find_status(std::uint8_t status) {
  for (const StatusRow &row : statuses) {
    if (row.code == status) return &row;
  }
  return nullptr;
}

}  // namespace

Meaning meaning(std::uint8_t status) {
  const StatusRow *row = find_status(status);
  return row != nullptr ? row->meaning : Meaning::unknown;
}

std::string describe(std::uint8_t status) {
  const StatusRow *row = find_status(status);
  return fmt::format("{} (0x{:02x})", row != nullptr ? row->words : "not a status", status);
}

}  // namespace flashhost::stlink
