#include "probe_fixture.hpp"

#include <gmock/gmock.h>

namespace virtual_cmsisdap::testing {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

Bytes configure(std::uint8_t idle, std::uint8_t wait_retry, std::uint8_t match_retry) {
  return {0x04, idle, wait_retry, 0, match_retry, 0};
}

TEST(VirtualCmsisDapTransfer, does_nothing_without_a_port) {
  Probe probe;
  EXPECT_THAT(probe.transfer(1, {{0x02}}), ElementsAre(0x05, 0, 0));
  EXPECT_THAT(probe.ask({0x06, 0, 1, 0, 0x0F}), ElementsAre(0x06, 0, 0, 0));
  EXPECT_THAT(probe.ask({0x08, 0, 0x1E, 0, 0, 0}), ElementsAre(0x08, 0xFF));
  EXPECT_EQ(probe.firmware.port().transfers(), 0U);
}

TEST(VirtualCmsisDapTransfer, of_nothing_has_no_acknowledge) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.transfer(0, {}), ElementsAre(0x05, 0, 0));
  EXPECT_THAT(probe.ask({0x06, 0, 0, 0, 0x0F}), ElementsAre(0x06, 0, 0, 0));
}

TEST(VirtualCmsisDapTransfer, a_fault_of_the_last_write_comes_with_the_full_count) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.transfer(2, {item(0x05, nowhere), item(0x0D, 1)}), ElementsAre(0x05, 2, 4));
  EXPECT_THAT(probe.transfer(1, {item(0x05, sram)}), ElementsAre(0x05, 0, 4));
  EXPECT_THAT(probe.ask({0x06, 0, 1, 0, 0x0D, 1, 0, 0, 0}), ElementsAre(0x06, 0, 0, 4));
  EXPECT_THAT(probe.ask({0x08, 0, 0x04, 0, 0, 0}), ElementsAre(0x08, 0));
  EXPECT_THAT(probe.transfer(1, {item(0x05, sram)}), ElementsAre(0x05, 1, 1));
  EXPECT_THAT(probe.transfer(1, {item(0x05, nowhere)}), ElementsAre(0x05, 1, 1));
  EXPECT_THAT(probe.ask({0x06, 0, 1, 0, 0x0D, 1, 0, 0, 0}), ElementsAre(0x06, 1, 0, 4));
}

TEST(VirtualCmsisDapTransfer, what_failed_is_not_counted_and_the_rest_is_skipped) {
  Probe probe;
  probe.attach();
  probe.put_memory(sram, 5);
  EXPECT_THAT(probe.transfer(5, {item(0x05, nowhere), item(0x0D, 1), item(0x05, sram),
                                 item(0x00, 0x1E), item(0x0D, 6)}),
              ElementsAre(0x05, 2, 4));
  probe.target.clear_sticky_error();
  EXPECT_EQ(probe.memory(sram), 5U);
}

TEST(VirtualCmsisDapTransfer, a_posted_read_counts_before_its_data_exist) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.transfer(3, {item(0x05, nowhere), {0x0F}, {0x0F}}), ElementsAre(0x05, 2, 4));
}

TEST(VirtualCmsisDapTransfer, a_block_read_counts_the_words_it_stored) {
  Probe probe;
  probe.attach();
  probe.put_memory(sram, 9);
  probe.firmware.port().set_faults({.silent_at = 3});
  EXPECT_EQ(probe.ask({0x06, 0, 3, 0, 0x0F}), joined({{0x06, 1, 0, 7}, word(9)}));
}

TEST(VirtualCmsisDapTransfer, a_read_behind_a_write_leaves_the_write_unchecked) {
  Probe probe;
  probe.attach();
  const Bytes unchecked = probe.transfer(3, {item(0x05, nowhere), item(0x0D, 1), {0x06}});
  EXPECT_EQ(unchecked, joined({{0x05, 3, 1}, word(0xF0000060)}));  // STICKYERR, READOK
}

TEST(VirtualCmsisDapTransfer, costs_one_swd_transfer_more_than_its_items) {
  Probe probe;
  probe.attach();
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 2}, item(0x05, sram), item(0x0D, 1)})), 3U);
  EXPECT_EQ(probe.cost({0x05, 0, 3, 0x0F, 0x0F, 0x0F}), 4U);
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 2}, item(0x05, sram), {0x06}})), 2U);
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 3}, {0x0F, 0x06, 0x0F}})), 5U);  // RDBUFF twice
  EXPECT_EQ(probe.cost(joined({{0x06, 0, 2, 0, 0x0D}, word(1), word(2)})), 3U);
  EXPECT_EQ(probe.cost({0x06, 0, 3, 0, 0x0F}), 4U);
  EXPECT_EQ(probe.cost({0x06, 0, 3, 0, 0x06}), 3U);  // of the port: not posted
}

TEST(VirtualCmsisDapTransfer, wait_is_tried_once_more_than_its_retries) {
  Probe probe;
  probe.attach();
  probe.ask(configure(0, 3, 0));
  probe.firmware.port().set_faults({.wait_at = 1, .waits = 1000});
  const std::uint64_t before = probe.firmware.port().transfers();
  EXPECT_THAT(probe.transfer(1, {item(0x05, sram)}), ElementsAre(0x05, 0, 2));
  EXPECT_EQ(probe.firmware.port().transfers() - before, 4U);
  probe.firmware.port().set_faults({.wait_at = 1, .waits = 3});
  EXPECT_THAT(probe.transfer(1, {item(0x05, sram)}), ElementsAre(0x05, 1, 1));
}

TEST(VirtualCmsisDapTransfer, only_0_matches_before_a_mask_is_written) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.transfer(1, {item(0x12, 0)}), ElementsAre(0x05, 1, 1));
  EXPECT_THAT(probe.transfer(1, {item(0x12, 0x1BA01477)}), ElementsAre(0x05, 0, 0x11));
}

TEST(VirtualCmsisDapTransfer, the_mask_stays_and_costs_nothing_on_the_wire) {
  Probe probe;
  probe.attach();
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 1}, item(0x20, 0xFFFF)})), 0U);
  EXPECT_THAT(probe.transfer(1, {item(0x12, 0x1477)}), ElementsAre(0x05, 1, 1));
  EXPECT_THAT(probe.transfer(1, {item(0x12, 0x1BA01477)}), ElementsAre(0x05, 0, 0x11));
}

TEST(VirtualCmsisDapTransfer, a_mismatch_skips_the_rest_of_the_packet_and_is_not_sticky) {
  Probe probe;
  probe.attach();
  probe.put_memory(sram, 5);
  probe.transfer(1, {item(0x20, ~0U)});
  EXPECT_THAT(probe.transfer(2, {item(0x12, 1), item(0x0D, 6)}), ElementsAre(0x05, 0, 0x11));
  EXPECT_EQ(probe.memory(sram), 5U);
  EXPECT_THAT(probe.transfer(1, {item(0x0D, 6)}), ElementsAre(0x05, 1, 1));
  EXPECT_EQ(probe.memory(sram), 6U);
}

TEST(VirtualCmsisDapTransfer, a_match_of_an_ap_reads_once_more_and_leaves_one_unread) {
  Probe probe;
  probe.attach();
  probe.put_memory(sram, 5);
  probe.put_memory(sram + 4, 6);
  probe.transfer(1, {item(0x20, ~0U)});
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 1}, item(0x1F, 5)})), 2U);
  // Both went on with TAR.
  EXPECT_EQ(probe.transfer(1, {{0x07}}), joined({{0x05, 1, 1}, word(sram + 8)}));
  probe.ask(configure(0, 100, 3));
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 1}, item(0x1F, 0x12345)})), 5U);
}

TEST(VirtualCmsisDapTransfer, a_match_ends_with_its_value) {
  Probe probe;
  probe.attach();
  for (std::uint32_t i = 0; i < 5; ++i) probe.put_memory(sram + 4 * i, i);
  probe.transfer(1, {item(0x20, ~0U)});
  probe.ask(configure(0, 100, 9));
  EXPECT_THAT(probe.transfer(1, {item(0x1F, 2)}), ElementsAre(0x05, 1, 1));
  EXPECT_EQ(probe.transfer(1, {{0x07}}), joined({{0x05, 1, 1}, word(sram + 16)}));
}

TEST(VirtualCmsisDapTransfer, a_match_behind_a_read_stores_the_read_first) {
  Probe probe;
  probe.attach();
  probe.put_memory(sram, 5);
  EXPECT_EQ(probe.transfer(2, {{0x0F}, item(0x12, 0)}), joined({{0x05, 2, 1}, word(5)}));
}

TEST(VirtualCmsisDapTransfer, a_write_behind_a_read_stores_the_read_first) {
  Probe probe;
  probe.attach();
  probe.put_memory(sram, 5);
  EXPECT_EQ(probe.transfer(2, {{0x0F}, item(0x05, sram)}), joined({{0x05, 2, 1}, word(5)}));
  EXPECT_EQ(probe.cost(joined({{0x05, 0, 2}, {0x0F}, item(0x05, sram)})), 4U);
}

TEST(VirtualCmsisDapTransfer, a_fault_of_a_match_can_come_with_a_mismatch) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.transfer(2, {item(0x05, nowhere), item(0x1F, 1)}), ElementsAre(0x05, 1, 0x14));
}

TEST(VirtualCmsisDapTransfer, a_damaged_value_is_an_error_without_an_acknowledge) {
  Probe probe;
  probe.attach();
  probe.firmware.port().set_faults({.parity_at = 1});
  EXPECT_THAT(probe.transfer(1, {{0x02}}), ElementsAre(0x05, 0, 8));
}

TEST(VirtualCmsisDapTransfer, without_an_answer_the_line_is_high_or_low) {
  for (const bool low : {false, true}) {
    FirmwareConfig config;
    config.unpowered_pulls_low = low;
    Probe probe(config);
    probe.attach();
    probe.firmware.port().set_faults({.silent_at = 1});
    EXPECT_THAT(probe.transfer(1, {{0x02}}), ElementsAre(0x05, 0, 7));
    probe.lose_power();
    EXPECT_THAT(probe.transfer(1, {{0x02}}), ElementsAre(0x05, 0, low ? 0 : 7));
  }
}

TEST(VirtualCmsisDapTransfer, takes_idle_cycles_and_the_overhead_of_the_probe) {
  FirmwareConfig config;
  config.transfer_overhead = 3us;
  Probe probe(config);
  probe.attach();
  probe.ask(configure(8, 100, 0));
  auto start = probe.target.now();
  probe.transfer(1, {{0x02}});
  EXPECT_EQ(probe.target.now() - start, 57us);
  probe.ask(configure(0, 100, 0));
  start = probe.target.now();
  probe.transfer(1, {{0x02}});
  EXPECT_EQ(probe.target.now() - start, 49us);
}

TEST(VirtualCmsisDapTransfer, some_probes_stop_early_and_say_ok) {
  FirmwareConfig config;
  config.short_count_at = 4;  // behind those of attach
  Probe probe(config);
  probe.attach();
  EXPECT_THAT(probe.ask({0x06, 0, 4, 0, 0x0F}), SizeIs(4 + 8));
  EXPECT_THAT(probe.ask({0x06, 0, 4, 0, 0x0F}), SizeIs(4 + 16));
  Probe other(config);
  other.attach();
  EXPECT_EQ(other.ask({0x7F, 2, 0x05, 0, 2, 0x02, 0x02, 0x00, 0xFE}),
            joined({{0x7F, 2, 0x05, 1, 1}, word(0x1BA01477), {0x00, 1, 1}}));
}

TEST(VirtualCmsisDapTransfer, says_that_it_has_no_time_stamps) {
  Probe probe;
  probe.attach();
  EXPECT_THAT(probe.transfer(1, {{0x82}}), SizeIs(7));
  EXPECT_THAT(
      probe.firmware.statistics().notes,
      ElementsAre("Transfer asks for time stamps, which are not in the answers of this model"));
}

}  // namespace

}  // namespace virtual_cmsisdap::testing
