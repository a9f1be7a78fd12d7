// A virtual probe with its target, spoken to in bytes.
#pragma once

#include "firmware.hpp"
#include "protocol.hpp"
#include "test_models.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace virtual_stlink::testing {

inline FirmwareConfig version(unsigned jtag, Hardware hardware = Hardware::v2) {
  FirmwareConfig config;
  config.hardware = hardware;
  config.jtag = jtag;
  return config;
}

inline Bytes ramp(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
  return bytes;
}

class Probe {
 public:
  explicit Probe(const FirmwareConfig &config = {},
                 const flashhost::machine::Config &board = quiet())
      : flash(flashhost::test::flash_size(board.part), 0xFF),
        target(board, flash),
        firmware(config, target) {
    target.advance(std::chrono::milliseconds(20));  // the board has had power for a while
  }

  static flashhost::machine::Config quiet() {
    flashhost::machine::Config config = flashhost::test::board_config();
    config.firmware_runs = false;
    return config;
  }

  void tell(Bytes command) {
    command.resize(command_size);
    firmware.receive(command);
  }
  // The reply, of whatever length; empty: there is none.
  Bytes ask(const Bytes &command) {
    tell(command);
    return firmware.send(65536).value_or(Bytes{});
  }
  std::uint8_t status_of(const Bytes &command) {
    const Bytes reply = ask(command);
    return reply.empty() ? std::uint8_t{0} : reply[0];
  }
  void enter() { EXPECT_EQ(status_of({0xF2, 0x30, 0xA3}), 0x80); }

  static Bytes block(std::uint8_t opcode, std::uint32_t address, std::uint32_t size) {
    Bytes command(command_size);
    command[0] = 0xF2;
    command[1] = opcode;
    put_u32(command, 2, address);
    put_u16(command, 6, size);
    return command;
  }
  Bytes read(std::uint8_t opcode, std::uint32_t address, std::uint32_t size) {
    return ask(block(opcode, address, size));
  }
  void write(std::uint8_t opcode, std::uint32_t address, const Bytes &data) {
    tell(block(opcode, address, static_cast<std::uint32_t>(data.size())));
    firmware.receive(data);
    EXPECT_EQ(firmware.reply_size(), 0U);
  }
  std::uint8_t last_status() { return status_of({0xF2, 0x3B}); }
  std::uint32_t word(std::uint32_t address) {
    Bytes command(command_size);
    command[0] = 0xF2;
    command[1] = 0x36;
    put_u32(command, 2, address);
    const Bytes reply = ask(command);
    EXPECT_EQ(reply.at(0), 0x80);
    return get_u32(reply, 4);
  }
  void put_word(std::uint32_t address, std::uint32_t value) {
    Bytes command(command_size);
    command[0] = 0xF2;
    command[1] = 0x35;
    put_u32(command, 2, address);
    put_u32(command, 6, value);
    EXPECT_EQ(status_of(command), 0x80);
  }
  Bytes dap(std::uint8_t opcode, std::uint32_t port, std::uint32_t address,
            std::uint32_t value = 0) {
    Bytes command(command_size);
    command[0] = 0xF2;
    command[1] = opcode;
    put_u16(command, 2, port);
    put_u16(command, 4, address);
    put_u32(command, 6, value);
    return ask(command);
  }

  std::vector<std::uint8_t> flash;
  flashhost::machine::Target target;
  Firmware firmware;
};

}  // namespace virtual_stlink::testing
