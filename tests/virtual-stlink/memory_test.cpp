// Memory blocks and raw debug port registers.
#include "probe_fixture.hpp"

#include <gmock/gmock.h>

namespace virtual_stlink::testing {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint32_t sram = 0x20000000;
constexpr std::uint32_t dhcsr = 0xE000EDF0;

TEST(VirtualStlinkMemory, memory_is_written_and_read_in_all_widths) {
  Probe probe;
  probe.enter();
  const Bytes words = ramp(2048);
  probe.write(0x08, sram, words);
  EXPECT_EQ(probe.last_status(), 0x80);
  EXPECT_EQ(probe.read(0x07, sram, 2048), words);
  EXPECT_EQ(probe.read(0x47, sram + 2, 64), Bytes(words.begin() + 2, words.begin() + 66));
  EXPECT_EQ(probe.read(0x0C, sram + 1, 5), Bytes(words.begin() + 1, words.begin() + 6));
  EXPECT_EQ(probe.read(0x0C, sram + 1, 1).size(), 2U);
  probe.write(0x0D, sram + 3, {1, 2, 3});
  probe.write(0x48, sram + 6, {4, 5});
  EXPECT_THAT(probe.read(0x07, sram, 8), ElementsAre(words[0], words[1], words[2], 1, 2, 3, 4, 5));
  EXPECT_THAT(probe.firmware.statistics().notes, IsEmpty());
}

TEST(VirtualStlinkMemory, data_may_come_in_several_transfers) {
  Probe probe;
  probe.enter();
  const Bytes words = ramp(512);
  probe.tell(Probe::block(0x08, sram, 512));
  probe.firmware.receive(Bytes(words.begin(), words.begin() + 100));
  probe.firmware.receive(Bytes(words.begin() + 100, words.end()));
  EXPECT_EQ(probe.last_status(), 0x80);
  EXPECT_EQ(probe.read(0x07, sram, 512), words);
}

TEST(VirtualStlinkMemory, a_refused_block_delivers_its_bytes_and_tells_the_address) {
  Probe probe;
  probe.enter();
  const std::uint32_t last_word = sram + 20 * 1024 - 4;
  EXPECT_THAT(probe.read(0x07, last_word, 16), SizeIs(16));
  const Bytes status = probe.ask({0xF2, 0x3E});
  ASSERT_THAT(status, SizeIs(12));
  EXPECT_EQ(status[0], 0x11);
  EXPECT_EQ(get_u32(status, 4), last_word + 4);
}

TEST(VirtualStlinkMemory, commands_are_answered_wait_or_with_a_parity_error_as_asked) {
  constexpr std::uint8_t ok = 0x80;
  constexpr std::uint8_t wait = 0x10;
  constexpr std::uint8_t parity_error = 0x13;
  FirmwareConfig config;
  config.swd_faults = {2, 2, 5};
  Probe probe(config);
  probe.enter();
  probe.put_word(sram, 7);
  probe.write(0x08, sram, Bytes(4));
  EXPECT_EQ(probe.last_status(), wait);
  Bytes word = Probe::block(0x36, sram, 0);
  EXPECT_EQ(probe.status_of(word), wait);
  EXPECT_EQ(probe.word(sram), 7U);
  static_cast<void>(probe.read(0x07, sram, 4));
  EXPECT_EQ(probe.last_status(), parity_error);
  EXPECT_EQ(probe.status_of(word), ok);
}

TEST(VirtualStlinkMemory, after_a_fault_of_its_own_access_the_firmware_goes_on) {
  Probe probe;
  probe.enter();
  static_cast<void>(probe.read(0x07, 0x30000000, 4));
  EXPECT_EQ(probe.last_status(), 0x11);
  EXPECT_EQ(probe.last_status(), 0x11);
  static_cast<void>(probe.read(0x07, sram, 4));
  EXPECT_EQ(probe.last_status(), 0x80);
}

TEST(VirtualStlinkMemory, a_fault_of_a_raw_access_sticks_until_the_host_clears_it) {
  Probe probe;
  probe.enter();
  EXPECT_EQ(probe.status_of({0xF2, 0x4B, 0}), 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, 0x30000000)[0], 0x80);
  EXPECT_EQ(probe.dap(0x45, 0, 0x0C)[0], 0x11);
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, sram)[0], 0x11);
  EXPECT_EQ(probe.dap(0x46, 0xFFFF, 0, 0x1E)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, sram)[0], 0x80);
  EXPECT_EQ(probe.dap(0x45, 0, 0x0C)[0], 0x80);
}

TEST(VirtualStlinkMemory, blocks_beyond_the_buffer_are_not_moved_whole_and_noted) {
  Probe probe;
  probe.enter();
  const Bytes data = ramp(128);
  probe.write(0x0D, sram, data);
  EXPECT_EQ(probe.read(0x07, sram, 64), Bytes(data.begin(), data.begin() + 64));
  EXPECT_NE(probe.read(0x07, sram + 64, 64), Bytes(data.begin() + 64, data.end()));
  EXPECT_THAT(probe.firmware.statistics().notes, SizeIs(1));
}

TEST(VirtualStlinkMemory, words_without_increment_go_to_one_address) {
  Probe probe;
  probe.enter();
  probe.write(0x50, sram, {1, 0, 0, 0, 2, 0, 0, 0});
  EXPECT_EQ(probe.word(sram), 2U);
  probe.put_word(sram + 4, 9);
  EXPECT_THAT(probe.read(0x54, sram, 8), ElementsAre(2, 0, 0, 0, 2, 0, 0, 0));
}

TEST(VirtualStlinkMemory, access_ports_must_be_opened_since_j28) {
  Probe probe(version(28));
  probe.enter();
  EXPECT_EQ(probe.dap(0x45, 0, 0xFC)[0], 0x1D);
  EXPECT_EQ(probe.status_of({0xF2, 0x4B, 0, 1}), 0x80);
  const Bytes idr = probe.dap(0x45, 0, 0xFC);
  EXPECT_EQ(idr[0], 0x80);
  EXPECT_EQ(get_u32(idr, 4), 0x14770011U);
  EXPECT_EQ(probe.status_of({0xF2, 0x4C, 0}), 0x80);
  EXPECT_EQ(probe.dap(0x45, 0, 0xFC)[0], 0x1D);
  Probe old(version(27));
  old.enter();
  EXPECT_EQ(old.dap(0x45, 0, 0xFC)[0], 0x80);
}

TEST(VirtualStlinkMemory, raw_registers_reach_memory) {
  Probe probe;
  probe.enter();
  EXPECT_EQ(probe.status_of({0xF2, 0x4B, 0}), 0x80);
  EXPECT_EQ(get_u32(probe.dap(0x45, 0xFFFF, 0), 4), 0x1BA01477U);
  EXPECT_EQ(probe.dap(0x46, 0xFFFF, 4, 0x50000000)[0], 0x80);
  EXPECT_EQ(get_u32(probe.dap(0x45, 0xFFFF, 4), 4) & 0xF0000000, 0xF0000000);
  EXPECT_EQ(probe.dap(0x46, 0, 0x00, 0x23000052)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, sram)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x0C, 0x11223344)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x0C, 0x55667788)[0], 0x80);
  EXPECT_EQ(probe.word(sram), 0x11223344U);
  EXPECT_EQ(probe.word(sram + 4), 0x55667788U);
  // A byte stands in the lane of its address.
  EXPECT_EQ(probe.dap(0x46, 0, 0x00, 0x23000050)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, sram + 2)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x0C, 0x00AA0000)[0], 0x80);
  EXPECT_EQ(probe.word(sram), 0x11AA3344U);
  // Banked data registers.
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, dhcsr)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x10, 0xA05F0003)[0], 0x80);
  EXPECT_NE(get_u32(probe.dap(0x45, 0, 0x10), 4) & (1U << 17), 0U);
}

TEST(VirtualStlinkMemory, a_posted_write_tells_its_fault_at_the_next_access) {
  Probe probe;
  probe.enter();
  EXPECT_EQ(probe.status_of({0xF2, 0x4B, 0}), 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x00, 0x23000052)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x04, 0x30000000)[0], 0x80);
  EXPECT_EQ(probe.dap(0x46, 0, 0x0C, 1)[0], 0x80);
  EXPECT_NE(get_u32(probe.dap(0x45, 0xFFFF, 4), 4) & (1U << 5), 0U);
  EXPECT_EQ(probe.dap(0x45, 0xFFFF, 0xC)[0], 0x15);
  EXPECT_EQ(probe.dap(0x45, 0, 0x0C)[0], 0x11);
  EXPECT_EQ(probe.dap(0x46, 0xFFFF, 0, 0x1E)[0], 0x80);
  EXPECT_EQ(probe.dap(0x45, 0xFFFF, 0xC)[0], 0x80);
}

TEST(VirtualStlinkMemory, batched_items_give_a_value_and_a_status_each) {
  Probe probe;
  probe.enter();
  EXPECT_EQ(probe.status_of({0xF2, 0x4B, 0}), 0x80);
  Bytes items{5, 1, 2, 3};
  items.resize(4 + 16);
  put_u32(items, 8, sram);
  put_u32(items, 12, 0xCAFE0001);
  put_u32(items, 16, sram);
  probe.tell({0xF2, 0x51, 4});
  probe.firmware.receive(items);
  const Bytes results = probe.ask({0xF2, 0x52});
  ASSERT_THAT(results, SizeIs(32));
  EXPECT_EQ(get_u32(results, 12), 0xCAFE0001U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(get_u32(results, 16 + 4 * i), 0x80U);
}

TEST(VirtualStlinkMemory, a_busy_flash_is_asked_again_for_a_while_then_the_host_hears_of_it) {
  Probe probe;
  probe.enter();
  probe.put_word(0x40022004, 0x45670123);
  probe.put_word(0x40022004, 0xCDEF89AB);
  probe.put_word(0x40022010, 2);
  probe.put_word(0x40022014, 0x08000000);
  probe.put_word(0x40022010, 0x42);
  const auto start = probe.target.now();
  static_cast<void>(probe.read(0x07, 0x08000000, 4));
  EXPECT_EQ(probe.last_status(), 0x10);
  EXPECT_GT(probe.target.now() - start, 1ms);
  EXPECT_LT(probe.target.now() - start, 5ms);
  probe.target.advance(50ms);
  static_cast<void>(probe.read(0x07, 0x08000000, 4));
  EXPECT_EQ(probe.last_status(), 0x80);
}

}  // namespace

}  // namespace virtual_stlink::testing
