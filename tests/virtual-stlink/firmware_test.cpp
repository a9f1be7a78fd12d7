#include "probe_fixture.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace virtual_stlink::testing {

namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint32_t sram = 0x20000000;
constexpr std::uint32_t dhcsr = 0xE000EDF0;

TEST(VirtualStlink, version_of_a_v2_is_a_big_endian_word_and_its_usb_ids) {
  Probe probe(version(37));
  EXPECT_THAT(probe.ask({0xF1}), ElementsAre(0x29, 0x47, 0x83, 0x04, 0x48, 0x37));
}

TEST(VirtualStlink, version_of_a_v3_comes_from_the_extended_command) {
  Probe probe(version(10, Hardware::v3));
  EXPECT_THAT(probe.ask({0xF1}), ElementsAre(0x30, 0x00, 0x83, 0x04, 0x4F, 0x37));
  const Bytes more = probe.ask({0xFB});
  ASSERT_THAT(more, SizeIs(12));
  EXPECT_EQ(more[0], 3);
  EXPECT_EQ(more[2], 10);
  Probe old(version(37));
  EXPECT_THAT(old.ask({0xFB}), ElementsAre(0x42, 0x00));
}

TEST(VirtualStlink, modes_are_left_with_their_own_commands) {
  FirmwareConfig config;
  config.start_mode = Mode::dfu;
  Probe probe(config);
  EXPECT_THAT(probe.ask({0xF5}), ElementsAre(0, 0));
  EXPECT_THAT(probe.ask({0xF2, 0x30, 0xA3}), ElementsAre(0x42, 0x00));
  EXPECT_THAT(probe.ask({0xF3, 0x07}), IsEmpty());
  EXPECT_THAT(probe.ask({0xF5}), ElementsAre(1, 0));
  EXPECT_THAT(probe.ask({0xF4, 0x00}), IsEmpty());
  EXPECT_THAT(probe.ask({0xF5}), ElementsAre(3, 0));
  EXPECT_EQ(probe.status_of({0xF2, 0x30, 0xA3}), 0x0E);
  EXPECT_THAT(probe.ask({0xF4, 0x01}), IsEmpty());
  probe.enter();
  EXPECT_THAT(probe.ask({0xF5}), ElementsAre(2, 0));
  EXPECT_THAT(probe.ask({0xF2, 0x21}), IsEmpty());
  EXPECT_THAT(probe.ask({0xF5}), ElementsAre(1, 0));
}

TEST(VirtualStlink, voltage_is_a_ratio_of_two_measurements) {
  Probe probe;
  const Bytes reply = probe.ask({0xF7});
  ASSERT_THAT(reply, SizeIs(8));
  EXPECT_NEAR(2.4 * get_u32(reply, 4) / get_u32(reply, 0), 3.3, 0.01);
  flashhost::machine::Config unwired = Probe::quiet();
  unwired.faults = {"vapp_not_wired"};
  const Bytes zero = Probe({}, unwired).ask({0xF7});
  EXPECT_GT(get_u32(zero, 0), 0U);
  EXPECT_EQ(get_u32(zero, 4), 0U);
  FirmwareConfig clone;
  clone.reported_millivolts = 0;
  EXPECT_THAT(Probe(clone).ask({0xF7}), Each(0));
  EXPECT_THAT(Probe(version(12)).ask({0xF7}), ElementsAre(0x42, 0x00));
}

TEST(VirtualStlink, what_the_firmware_is_too_old_for_is_an_unknown_command) {
  struct Gate {
    std::uint8_t opcode;
    unsigned since;
  };
  for (const Gate gate : {Gate{0x3E, 15}, Gate{0x43, 22}, Gate{0x45, 24}, Gate{0x47, 26},
                          Gate{0x4B, 28}, Gate{0x54, 32}, Gate{0x56, 36}}) {
    Probe old(version(gate.since - 1));
    old.enter();
    EXPECT_THAT(old.ask({0xF2, gate.opcode}), ElementsAre(0x42, 0x00)) << int{gate.opcode};
    Probe young(version(gate.since));
    young.enter();
    EXPECT_NE(young.ask({0xF2, gate.opcode}), Bytes({0x42, 0x00})) << int{gate.opcode};
  }
}

TEST(VirtualStlink, debug_commands_outside_debug_mode_fail_without_a_stall) {
  Probe probe;
  EXPECT_THAT(probe.read(0x07, sram, 64), SizeIs(64));
  EXPECT_EQ(probe.ask({0xF2, 0x36}).size(), 8U);
  EXPECT_NE(probe.status_of({0xF2, 0x3B}), 0x80);
  EXPECT_NE(probe.status_of({0xF2, 0x32}), 0x80);
}

TEST(VirtualStlink, ids_come_from_the_debug_port) {
  Probe probe;
  probe.enter();
  const Bytes ids = probe.ask({0xF2, 0x31});
  ASSERT_THAT(ids, SizeIs(12));
  EXPECT_EQ(ids[0], 0x80);
  EXPECT_EQ(get_u32(ids, 4), 0x1BA01477U);
  EXPECT_EQ(get_u32(probe.ask({0xF2, 0x22}), 0), 0x1BA01477U);
}

TEST(VirtualStlink, the_core_is_halted_stepped_and_its_registers_move) {
  Probe probe;
  probe.enter();
  EXPECT_EQ(probe.status_of({0xF2, 0x02}), 0x80);
  EXPECT_EQ(probe.status_of({0xF2, 0x01}), 0x81);
  EXPECT_EQ(probe.status_of({0xF2, 0x34, 5, 0x78, 0x56, 0x34, 0x12}), 0x80);
  const Bytes one = probe.ask({0xF2, 0x33, 5});
  ASSERT_THAT(one, SizeIs(8));
  EXPECT_EQ(get_u32(one, 4), 0x12345678U);
  const Bytes all = probe.ask({0xF2, 0x3A});
  ASSERT_THAT(all, SizeIs(88));
  EXPECT_EQ(get_u32(all, 4 + 5 * 4), 0x12345678U);
  probe.write(0x08, sram, {0x00, 0xBF, 0x00, 0xBF});  // NOP NOP
  EXPECT_EQ(probe.status_of({0xF2, 0x34, 15, 0, 0, 0, 0x20}), 0x80);
  EXPECT_EQ(probe.status_of({0xF2, 0x34, 16, 0, 0, 0, 0x01}), 0x80);
  EXPECT_EQ(probe.status_of({0xF2, 0x0A}), 0x80);
  EXPECT_EQ(get_u32(probe.ask({0xF2, 0x33, 15}), 4), sram + 2);
}

TEST(VirtualStlink, reset_commands_reset_the_target) {
  Probe probe;
  probe.enter();
  const auto resets = [&] { return probe.target.statistics().system_resets; };
  const auto before = resets();
  EXPECT_EQ(probe.status_of({0xF2, 0x32}), 0x80);
  probe.target.advance(1ms);
  EXPECT_EQ(resets(), before + 1);
  EXPECT_EQ(probe.status_of({0xF2, 0x3C, 2}), 0x80);
  probe.target.advance(1ms);
  EXPECT_EQ(resets(), before + 2);
}

TEST(VirtualStlink, under_reset_the_core_answers_and_stops_at_its_vector) {
  Probe probe;
  EXPECT_EQ(probe.status_of({0xF2, 0x3C, 0}), 0x80);
  probe.enter();
  probe.put_word(dhcsr, 0xA05F0001);
  probe.put_word(0xE000EDFC, 0x01000001);
  EXPECT_EQ(probe.status_of({0xF2, 0x3C, 1}), 0x80);
  probe.target.advance(1ms);
  EXPECT_NE(probe.word(dhcsr) & (1U << 17), 0U);
}

TEST(VirtualStlink, time_on_the_wire_follows_the_clock) {
  const auto time_at = [](std::uint8_t divisor) {
    Probe probe;
    EXPECT_EQ(probe.status_of({0xF2, 0x43, divisor}), 0x80);
    probe.enter();
    const auto start = probe.target.now();
    probe.write(0x08, sram, ramp(1024));
    return std::chrono::duration<double, std::milli>(probe.target.now() - start).count();
  };
  EXPECT_NEAR(time_at(0), 3.0, 0.1);  // docs/reference/cortex-m-debug.md, section 10
  EXPECT_NEAR(time_at(1), 6.6, 0.1);
}

TEST(VirtualStlink, a_v3_has_its_own_clock_commands) {
  Probe probe(version(10, Hardware::v3));
  EXPECT_THAT(probe.ask({0xF2, 0x43, 0}), ElementsAre(0x42, 0x00));
  const Bytes list = probe.ask({0xF2, 0x62, 0});
  ASSERT_THAT(list, SizeIs(52));
  EXPECT_EQ(get_u32(list, 8), 7U);
  EXPECT_EQ(get_u32(list, 12), 24000U);
  const Bytes applied = probe.ask({0xF2, 0x61, 0, 0, 0xA0, 0x0F, 0, 0});  // 4000 kHz
  ASSERT_THAT(applied, SizeIs(8));
  EXPECT_EQ(get_u32(applied, 4), 3300U);
}

TEST(VirtualStlink, long_wires_disturb_a_fast_clock_only) {
  FirmwareConfig config;
  config.unreliable_above_khz = 1000;
  const auto failures = [&](std::uint8_t divisor) {
    Probe probe(config);
    EXPECT_EQ(probe.status_of({0xF2, 0x43, divisor}), 0x80);
    probe.enter();
    int failed = 0;
    for (int i = 0; i < 20; ++i) {
      static_cast<void>(probe.read(0x07, sram, 1024));
      failed += probe.last_status() == 0x80 ? 0 : 1;
    }
    return failed;
  };
  EXPECT_GT(failures(0), 5);
  EXPECT_EQ(failures(3), 0);
}

TEST(VirtualStlink, a_probe_that_hangs_answers_after_a_usb_reset) {
  FirmwareConfig config;
  config.mute_until_usb_reset = true;
  Probe probe(config);
  EXPECT_THAT(probe.ask({0xF1}), IsEmpty());
  probe.firmware.usb_reset();
  EXPECT_THAT(probe.ask({0xF1}), SizeIs(6));
}

TEST(VirtualStlink, replies_that_nobody_fetched_come_first) {
  Probe probe;
  probe.tell({0xF1});
  probe.tell({0xF5});
  EXPECT_THAT(probe.firmware.send(64).value_or(Bytes{}), SizeIs(6));
  EXPECT_THAT(probe.firmware.send(64).value_or(Bytes{}), SizeIs(2));
  EXPECT_FALSE(probe.firmware.send(64).has_value());
  EXPECT_THAT(probe.firmware.statistics().notes, SizeIs(1));
}

TEST(VirtualStlink, jtag_has_its_own_ids) {
  Probe probe;
  EXPECT_EQ(probe.status_of({0xF2, 0x30, 0xA4}), 0x80);
  const Bytes ids = probe.ask({0xF2, 0x31});
  ASSERT_THAT(ids, SizeIs(12));
  EXPECT_EQ(get_u32(ids, 4), 0x3BA00477U);
  EXPECT_EQ(get_u32(ids, 8), 0x16410041U);
}

TEST(VirtualStlink, trace_has_nothing_to_tell) {
  Probe probe;
  probe.enter();
  EXPECT_EQ(probe.status_of({0xF2, 0x40, 0, 4, 0x80, 0x84, 0x1E, 0}), 0x80);
  EXPECT_THAT(probe.ask({0xF2, 0x42}), ElementsAre(0, 0));
  EXPECT_EQ(probe.status_of({0xF2, 0x41}), 0x80);
}

TEST(VirtualStlink, when_the_firmware_takes_the_pins_there_is_no_debug_mode_but_under_reset) {
  Probe probe;
  probe.enter();
  probe.put_word(0x40021018, 1);           // RCC: clock for AFIO
  probe.put_word(0x40010004, 0x04000000);  // AFIO_MAPR: SWJ off
  EXPECT_THAT(probe.ask({0xF2, 0x21}), IsEmpty());
  EXPECT_EQ(probe.status_of({0xF2, 0x30, 0xA3}), 0x09);
  EXPECT_THAT(probe.ask({0xF5}), ElementsAre(1, 0));
  EXPECT_EQ(probe.status_of({0xF2, 0x3C, 0}), 0x80);
  probe.enter();
}

}  // namespace

}  // namespace virtual_stlink::testing
