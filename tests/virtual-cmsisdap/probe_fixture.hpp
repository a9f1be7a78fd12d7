// A virtual CMSIS-DAP probe with its target, spoken to in bytes.
#pragma once

#include "firmware.hpp"
#include "test_models.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace virtual_cmsisdap::testing {

using flashhost::Bytes;

inline constexpr std::uint32_t sram = 0x20000000;
inline constexpr std::uint32_t nowhere = 0x60000000;

inline Bytes word(std::uint32_t value) {
  Bytes bytes;
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return bytes;
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes &part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// An item of Transfer: a write, or a read with match.
inline Bytes item(std::uint8_t request, std::uint32_t value) {
  return joined({{request}, word(value)});
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

  // Empty: there is no answer.
  Bytes ask(const Bytes &request) { return firmware.handle(request).value_or(Bytes{}); }
  Bytes transfer(std::uint8_t count, std::initializer_list<Bytes> items) {
    return ask(joined({{0x05, 0x00, count}, joined(items)}));
  }
  // To where memory can be accessed by words; TAR is at the start of the RAM.
  void attach() {
    EXPECT_EQ(ask({0x02, 0x01}), (Bytes{0x02, 0x01}));
    const Bytes ones(7, 0xFF);
    EXPECT_EQ(ask(joined({{0x12, 136}, ones, {0x9E, 0xE7}, ones, {0x00}})), (Bytes{0x12, 0x00}));
    const Bytes id = transfer(1, {{0x02}});
    EXPECT_EQ(id, joined({{0x05, 1, 1}, word(0x1BA01477)}));
    const Bytes up = transfer(4, {item(0x00, 0x1E), item(0x08, 0), item(0x04, 0x50000000), {0x06}});
    EXPECT_EQ(up, joined({{0x05, 4, 1}, word(0xF0000000)}));
    EXPECT_EQ(transfer(2, {item(0x01, 0x23000052), item(0x05, sram)}), (Bytes{0x05, 2, 1}));
  }
  // What the SWD line has to do for a request, in transfers.
  std::uint64_t cost(const Bytes &request) {
    const std::uint64_t before = firmware.port().transfers();
    static_cast<void>(ask(request));
    return firmware.port().transfers() - before;
  }
  std::uint32_t memory(std::uint32_t address) {
    std::uint32_t value = 0;
    EXPECT_EQ(target.read(address, 4, value), flashhost::machine::Ack::ok);
    return value;
  }
  void put_memory(std::uint32_t address, std::uint32_t value) {
    EXPECT_EQ(target.write(address, 4, value), flashhost::machine::Ack::ok);
  }

  // In the middle of an erase.
  void lose_power() {
    target.lose_power_at(1);
    put_memory(0x40022004, 0x45670123);
    put_memory(0x40022004, 0xCDEF89AB);
    put_memory(0x40022010, 0x04);
    put_memory(0x40022010, 0x44);
    target.advance(std::chrono::milliseconds(100));
    ASSERT_FALSE(target.powered());
  }

  std::vector<std::uint8_t> flash;
  flashhost::machine::Target target;
  Firmware firmware;
};

}  // namespace virtual_cmsisdap::testing
