#include "probe_fixture.hpp"

#include <gmock/gmock.h>

namespace virtual_cmsisdap::testing {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(VirtualCmsisDap, tells_about_itself) {
  FirmwareConfig config;
  config.product = "AB";
  config.packet_size = 512;
  config.packet_count = 4;
  Probe probe(config);
  EXPECT_THAT(probe.ask({0x00, 0x02}), ElementsAre(0x00, 3, 'A', 'B', 0));
  EXPECT_THAT(probe.ask({0x00, 0xF0}), ElementsAre(0x00, 1, 0x11));
  EXPECT_THAT(probe.ask({0x00, 0xFE}), ElementsAre(0x00, 1, 4));
  EXPECT_THAT(probe.ask({0x00, 0xFF}), ElementsAre(0x00, 2, 0x00, 0x02));
  EXPECT_THAT(probe.ask({0x00, 0x05}), ElementsAre(0x00, 0));
  EXPECT_THAT(probe.ask({0x00, 0xF1}), ElementsAre(0x00, 4, 0x40, 0x42, 0x0F, 0x00));
  config.capabilities = {0x01, 0x01};
  config.strings_end_with_nul = false;
  config.timer = false;
  Probe other(config);
  EXPECT_THAT(other.ask({0x00, 0x02}), ElementsAre(0x00, 2, 'A', 'B'));
  EXPECT_THAT(other.ask({0x00, 0xF0}), ElementsAre(0x00, 2, 0x01, 0x01));
  EXPECT_THAT(other.ask({0x00, 0xF1}), ElementsAre(0x00, 0));
}

TEST(VirtualCmsisDap, attaches_and_moves_memory) {
  Probe probe;
  probe.attach();
  const Bytes write = joined({{0x06, 0x00, 2, 0, 0x0D}, word(0x11111111), word(0x22222222)});
  EXPECT_THAT(probe.ask(write), ElementsAre(0x06, 2, 0, 1));
  EXPECT_EQ(probe.memory(sram + 4), 0x22222222U);
  EXPECT_THAT(probe.transfer(1, {item(0x05, sram)}), ElementsAre(0x05, 1, 1));
  EXPECT_EQ(probe.ask({0x06, 0x00, 2, 0, 0x0F}),
            joined({{0x06, 2, 0, 1}, word(0x11111111), word(0x22222222)}));
  EXPECT_EQ(probe.transfer(3, {item(0x05, sram), {0x0F}, {0x0F}}),
            joined({{0x05, 3, 1}, word(0x11111111), word(0x22222222)}));
  EXPECT_THAT(probe.firmware.statistics().notes, IsEmpty());
}

TEST(VirtualCmsisDap, commands_that_only_say_ok) {
  Probe probe;
  EXPECT_THAT(probe.ask({0x01, 0x00, 0x01}), ElementsAre(0x01, 0x00));
  EXPECT_THAT(probe.ask({0x01, 0x02, 0x01}), ElementsAre(0x01, 0xFF));
  EXPECT_THAT(probe.ask({0x04, 0, 100, 0, 0, 0}), ElementsAre(0x04, 0x00));
  EXPECT_THAT(probe.ask({0x0A}), ElementsAre(0x0A, 0x00, 0x00));
  const auto start = probe.target.now();
  EXPECT_THAT(probe.ask({0x09, 0xE8, 0x03}), ElementsAre(0x09, 0x00));
  EXPECT_EQ(probe.target.now() - start, 1ms);
  EXPECT_THAT(probe.ask({0x03}), ElementsAre(0x03, 0x00));
}

TEST(VirtualCmsisDap, connects_to_swd_alone) {
  Probe probe;
  EXPECT_FALSE(probe.firmware.connected());
  EXPECT_THAT(probe.ask({0x02, 0x02}), ElementsAre(0x02, 0x00));
  EXPECT_FALSE(probe.firmware.connected());
  EXPECT_THAT(probe.ask({0x02, 0x00}), ElementsAre(0x02, 0x01));
  EXPECT_TRUE(probe.firmware.connected());
  EXPECT_THAT(probe.ask({0x03}), ElementsAre(0x03, 0x00));
  EXPECT_FALSE(probe.firmware.connected());
  FirmwareConfig strict;
  strict.connects_to_default_port = false;
  EXPECT_THAT(Probe(strict).ask({0x02, 0x00}), ElementsAre(0x02, 0x00));
}

TEST(VirtualCmsisDap, unknown_commands_are_answered_with_ff) {
  FirmwareConfig config;
  config.unknown_commands = {0x06, 0x07, 0x1D, 0x7E, 0x7F};
  Probe probe(config);
  for (const std::uint8_t code : Bytes{0x06, 0x07, 0x1D, 0x7E, 0x7F, 0x14, 0x20, 0xA0}) {
    EXPECT_THAT(probe.ask({code, 0, 0, 0, 0}), ElementsAre(0xFF)) << int{code};
  }
  EXPECT_EQ(probe.firmware.statistics().unknown_commands, 8U);
  EXPECT_THAT(probe.firmware.statistics().notes, IsEmpty());
  EXPECT_THAT(probe.ask({0x80}), ElementsAre(0xFF));
  EXPECT_THAT(probe.firmware.statistics().notes,
              ElementsAre("a vendor's command was sent to a probe that is not the vendor's"));
}

TEST(VirtualCmsisDap, transfer_abort_has_no_answer) {
  Probe probe;
  EXPECT_EQ(probe.firmware.handle(Bytes{0x07}), std::nullopt);
}

TEST(VirtualCmsisDap, is_silent_until_enough_bytes_have_come) {
  FirmwareConfig config;
  config.packet_size = 512;
  config.silent_until = 512;
  Probe probe(config);
  Bytes request(64);
  request[1] = 0xFE;
  for (int i = 0; i < 7; ++i) EXPECT_EQ(probe.firmware.handle(request), std::nullopt);
  request.resize(512);
  request[1] = 0xFF;  // behind the first one, which is answered
  EXPECT_THAT(probe.ask(request), ElementsAre(0x00, 1, 1));
  EXPECT_THAT(probe.ask({0x00, 0xFE}), ElementsAre(0x00, 1, 1));
  EXPECT_THAT(probe.firmware.statistics().notes, IsEmpty());
}

TEST(VirtualCmsisDap, pins_do_nothing_before_connect_which_releases_reset) {
  Probe probe;
  const auto resets = [&] { return probe.target.statistics().pin_resets; };
  EXPECT_THAT(probe.ask({0x10, 0x00, 0x80, 0, 0, 0, 0}), ElementsAre(0x10, 0x83));
  EXPECT_EQ(resets(), 0U);
  probe.attach();
  EXPECT_THAT(probe.ask({0x10, 0x00, 0x80, 0, 0, 0, 0}), ElementsAre(0x10, 0x03));
  EXPECT_EQ(resets(), 1U);
  probe.ask({0x02, 0x01});
  probe.target.advance(1ms);
  EXPECT_THAT(probe.ask({0x10, 0, 0, 0, 0, 0, 0}), ElementsAre(0x10, 0x83));
  probe.memory(sram);  // the reset is over
  probe.ask({0x10, 0x00, 0x80, 0, 0, 0, 0});
  probe.ask({0x03});
  probe.target.advance(1ms);
  probe.memory(sram);  // Disconnect lets go, too
  probe.ask({0x02, 0x01});
  EXPECT_THAT(probe.ask({0x10, 0x02, 0x03, 0, 0, 0, 0}), ElementsAre(0x10, 0x82));
}

TEST(VirtualCmsisDap, pins_are_waited_for_by_probes_with_a_timer) {
  const Bytes low = {0x10, 0x00, 0x80, 0, 0, 0, 0};
  const Bytes high = {0x10, 0x80, 0x80, 0x40, 0x42, 0x0F, 0x00};  // up to 1 s
  struct Case {
    bool timer;
    bool readable;
    flashhost::Nanoseconds takes;
    std::uint8_t pins;
  };
  for (const Case &probes :
       {Case{true, true, 5us, 0x83}, Case{true, false, 1s, 0x03}, Case{false, true, 0s, 0x03}}) {
    FirmwareConfig config;
    config.timer = probes.timer;
    config.nreset_readable = probes.readable;
    Probe probe(config);
    probe.attach();
    probe.ask(low);
    const auto start = probe.target.now();
    EXPECT_THAT(probe.ask(high), ElementsAre(0x10, probes.pins));
    EXPECT_EQ(probe.target.now() - start, probes.takes);
  }
}

TEST(VirtualCmsisDap, pins_are_waited_for_no_longer_than_three_seconds) {
  FirmwareConfig config;
  config.nreset_readable = false;
  Probe probe(config);
  probe.attach();
  const auto start = probe.target.now();
  probe.ask({0x10, 0x80, 0x80, 0xFF, 0xFF, 0xFF, 0x00});
  EXPECT_EQ(probe.target.now() - start, 3s);
}

TEST(VirtualCmsisDap, a_probe_without_a_reset_wire_resets_nothing) {
  FirmwareConfig config;
  config.nreset_wired = false;
  Probe probe(config);
  probe.attach();
  EXPECT_THAT(probe.ask({0x10, 0x00, 0x80, 0, 0, 0, 0}), ElementsAre(0x10, 0x03));
  EXPECT_EQ(probe.target.statistics().pin_resets, 0U);
}

TEST(VirtualCmsisDap, the_clock_is_the_fastest_that_the_probe_has) {
  FirmwareConfig config;
  config.fastest_hz = 4'000'000;
  Probe probe(config);
  probe.attach();
  const auto time = [&](std::uint32_t hertz) {
    EXPECT_THAT(probe.ask(joined({{0x11}, word(hertz)})), ElementsAre(0x11, 0x00));
    const auto start = probe.target.now();
    probe.transfer(1, {{0x02}});
    return probe.target.now() - start;
  };
  EXPECT_EQ(time(2'000'000), 23us);
  EXPECT_EQ(time(50'000'000), 11500ns);
  EXPECT_THAT(probe.ask({0x11, 0, 0, 0, 0}), ElementsAre(0x11, 0xFF));
}

TEST(VirtualCmsisDap, a_sequence_of_0_bits_has_256) {
  Probe probe;
  probe.attach();
  const auto start = probe.target.now();
  EXPECT_THAT(probe.ask(joined({{0x12, 0}, Bytes(32)})), ElementsAre(0x12, 0x00));
  EXPECT_EQ(probe.target.now() - start, 256us);
  EXPECT_THAT(probe.firmware.statistics().notes, IsEmpty());
}

TEST(VirtualCmsisDap, nobody_drives_the_acknowledge_of_a_raw_sequence) {
  Probe probe;
  probe.attach();
  const Bytes select_target = {0x1D, 0x03, 0x08, 0x99, 0x85, 0x21, 0, 0, 0, 0, 0};
  EXPECT_THAT(probe.ask(select_target), ElementsAre(0x1D, 0x00, 0x1F));
  EXPECT_THAT(probe.transfer(1, {{0x02}}), ElementsAre(0x05, 0, 7));
}

TEST(VirtualCmsisDap, a_turnaround_that_the_target_does_not_have_breaks_the_line) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.ask({0x13, 0x01}), ElementsAre(0x13, 0x00));
  EXPECT_THAT(probe.transfer(1, {{0x02}}), ElementsAre(0x05, 0, 7));
}

TEST(VirtualCmsisDap, runs_commands_in_turn_in_one_packet) {
  Probe probe;
  probe.attach();
  const Bytes both = joined({{2}, {0x05, 0, 2}, item(0x05, sram), item(0x0D, 7), {0x00, 0xFE}});
  for (const std::uint8_t code : Bytes{0x7F, 0x7E}) {
    EXPECT_THAT(probe.ask(joined({{code}, both})), ElementsAre(0x7F, 2, 0x05, 2, 1, 0x00, 1, 1));
  }
  EXPECT_EQ(probe.ask({0x7F, 2, 0x7F, 0, 0x7F, 0}), (Bytes{0x7F, 2, 0x7F, 0, 0x7F, 0}));
  EXPECT_THAT(probe.firmware.statistics().notes,
              ElementsAre("ExecuteCommands is inside ExecuteCommands"));
}

TEST(VirtualCmsisDap, old_firmware_loses_its_place_behind_a_transfer_that_failed) {
  const Bytes request = joined({{0x7F, 2}, {0x05, 0, 2, 0x0F, 0x0F}, {0x00, 0xFE}});
  for (const bool old : {false, true}) {
    FirmwareConfig config;
    config.misparses_after_failure = old;
    Probe probe(config);
    probe.attach();
    probe.transfer(1, {item(0x05, nowhere)});
    const Bytes answer = probe.ask(request);
    // The first byte of the second command is taken for an item.
    const Bytes right = {0x7F, 2, 0x05, 1, 4, 0x00, 1, 1};
    EXPECT_EQ(answer == right, !old);
    EXPECT_EQ(answer[4], 4);
  }
}

TEST(VirtualCmsisDap, notes_lengths_that_real_firmware_does_not_check) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.ask({0x06, 0x00, 1, 0, 0x0D, 0x55}), ElementsAre(0x06, 1, 0, 1));
  EXPECT_EQ(probe.ask({0x06, 0x00, 16, 0, 0x0F}).size(), 64U);
  probe.ask(Bytes(65));
  EXPECT_THAT(probe.firmware.statistics().notes,
              ElementsAre("a request is shorter than its counts say",
                          "the answer to a request is longer than a packet",
                          "a request is longer than a packet"));
}

}  // namespace

}  // namespace virtual_cmsisdap::testing
