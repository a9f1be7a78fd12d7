#include "port_bench.hpp"
#include "tiny_chip.hpp"

#include <gmock/gmock.h>

namespace sim_test::debug_port {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DebugPort, is_in_jtag_mode_after_power_on_and_answers_nothing_but_the_switch) {
  PortBench bench;
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);
  bench.clock_out(ones_and_idle);
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);
  bench.clock_out(switch_to_swd);
  EXPECT_EQ(bench.get(dp::dpidr), 0x1BA01477U);
}

TEST(DebugPort, goes_back_to_jtag_by_the_other_switch_and_with_the_power) {
  PortBench bench;
  bench.power_up();
  bench.clock_out({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3C, 0xE7});
  bench.clock_out(ones_and_idle);
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);
  bench.power_up();
  bench.target.power_cycle();
  bench.clock_out(ones_and_idle);
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);
}

TEST(DebugPort, needs_fifty_ones_and_two_idle_cycles_for_a_line_reset) {
  struct Case {
    Bits bits;
    std::size_t count;
    SwdAck ack;
  };
  const Bits early = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00};    // 49 ones
  const Bits in_time = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x03, 0x00};  // 50
  for (const Case &line : {Case{early, 64, SwdAck::none}, Case{in_time, 51, SwdAck::none},
                           Case{in_time, 52, SwdAck::ok}}) {
    PortBench bench;
    bench.power_up();
    bench.clock_out({0x01, 0x00});  // a one that is no request: the port is out of step
    EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);
    bench.port.sequence(line.bits, line.count);
    EXPECT_EQ(bench.ack(dp::dpidr), line.ack) << line.count;
  }
}

TEST(DebugPort, takes_nothing_but_dpidr_first_after_a_line_reset) {
  PortBench bench;
  bench.clock_out(switch_to_swd);
  EXPECT_EQ(bench.ack(dp::read_ctrl), SwdAck::none);
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);
  bench.clock_out(ones_and_idle);
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::ok);
}

TEST(DebugPort, idle_cycles_between_transfers_change_nothing) {
  PortBench bench;
  bench.power_up();
  bench.clock_out({0, 0});
  EXPECT_EQ(bench.ack(dp::read_ctrl), SwdAck::ok);
}

TEST(DebugPort, a_transfer_takes_46_clocks_and_a_refused_one_13) {
  PortBench bench;
  bench.power_up();
  bench.port.set_clock(4'000'000);
  const std::uint64_t before = bench.port.transfers();
  Nanoseconds start = bench.target.now();
  bench.get(dp::dpidr);
  EXPECT_EQ(bench.target.now() - start, 11'500ns);
  bench.port.set_faults({.wait_at = 1, .waits = 1});
  start = bench.target.now();
  EXPECT_EQ(bench.ack(dp::rdbuff), SwdAck::wait);
  EXPECT_EQ(bench.target.now() - start, 3'250ns);
  start = bench.target.now();
  bench.clock_out({0x00});
  EXPECT_EQ(bench.target.now() - start, 2'000ns);
  EXPECT_EQ(bench.port.transfers() - before, 2U);
}

TEST(DebugPort, without_supply_or_debug_pins_nobody_answers) {
  PortBench bench;
  bench.power_up();
  bench.target.lose_power_at(1);
  bench.halt();
  bench.unlock();
  bench.write(address::flash_cr, cr::mer);
  bench.write(address::flash_cr, cr::mer | cr::strt);
  bench.port.set_clock(1000);
  ASSERT_TRUE(bench.target.powered());
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);  // the supply fails in the middle of it
  ASSERT_FALSE(bench.target.powered());
  EXPECT_EQ(bench.ack(dp::dpidr), SwdAck::none);

  PortBench off;
  off.power_up();
  off.write(address::rcc + 0x18, 1);  // AFIO's clock
  off.write(0x40010004, 0x04000000);  // SWJ_CFG: all pins are free
  EXPECT_EQ(off.ack(dp::dpidr), SwdAck::none);
}

TEST(DebugPort, an_ap_faults_until_the_power_requests_are_acknowledged) {
  PortBench bench;
  bench.clock_out(switch_to_swd);
  bench.get(dp::dpidr);
  bench.put(dp::select, 0);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::powered, 0U);
  bench.put(ap::write_csw, ap::words);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::stickyerr, dp::stickyerr);
  EXPECT_EQ(bench.ack(ap::read_csw), SwdAck::fault);
  bench.put(dp::abort, 0x1E);
  bench.get(ap::read_csw);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::stickyerr, dp::stickyerr);
  bench.put(dp::abort, 0x1E);
  bench.port.set_clock(10'000'000);
  bench.put(dp::write_ctrl, 0x50000000);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::powered, 0x50000000U);
  bench.target.advance(1ms);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::powered, dp::powered);
  bench.put(ap::write_csw, ap::words);
  EXPECT_EQ(bench.fetch(ap::read_csw), ap::words);
}

TEST(DebugPort, other_banks_of_the_port_read_as_zero) {
  PortBench bench;
  bench.power_up();
  bench.put(dp::select, 2);
  EXPECT_EQ(bench.get(dp::read_ctrl), 0U);
  bench.put(dp::write_ctrl, 0);
  bench.put(dp::select, 0);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::powered, dp::powered);
}

TEST(DebugPort, select_is_unknown_after_a_line_reset) {
  PortBench bench;
  bench.power_up();
  bench.clock_out(ones_and_idle);
  bench.get(dp::dpidr);
  EXPECT_THAT(bench.port.notes(), IsEmpty());
  EXPECT_NE(bench.fetch(ap::read_csw), ap::words);
  EXPECT_THAT(bench.port.notes(), ElementsAre("an AP was accessed before SELECT was written"));
}

TEST(DebugPort, overrun_detection_makes_waits_sticky_and_takes_the_data_along) {
  PortBench bench;
  bench.power_up();
  bench.put(dp::write_ctrl, 0x50000001);
  bench.port.set_faults({.wait_at = 1, .waits = 1});
  const Nanoseconds start = bench.target.now();
  EXPECT_EQ(bench.ack(ap::read_csw), SwdAck::wait);
  EXPECT_EQ(bench.target.now() - start, 46us);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 2, 2U);
  EXPECT_EQ(bench.ack(ap::read_csw), SwdAck::fault);
  bench.put(dp::abort, 1U << 4);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 2, 0U);
}

TEST(DebugPort, pushed_compare_and_verify_set_stickycmp) {
  constexpr std::uint32_t all_lanes = 0xF00;
  constexpr std::uint32_t verify = 0x50000000 | all_lanes | 1U << 2;
  constexpr std::uint32_t compare = 0x50000000 | all_lanes | 2U << 2;
  for (const auto &[mode, value, sets] :
       {std::tuple{verify, 5U, 0U}, std::tuple{verify, 6U, 16U}, std::tuple{compare, 5U, 16U},
        std::tuple{compare, 6U, 0U}}) {
    PortBench bench;
    bench.write(address::sram, 5);
    bench.power_up();
    bench.put(ap::write_tar, address::sram);
    bench.put(dp::write_ctrl, mode);
    bench.put(ap::write_drw, value);
    EXPECT_EQ(bench.get(dp::read_ctrl) & 16, sets) << mode << ' ' << value;
    bench.put(dp::abort, 1U << 1);
    EXPECT_EQ(bench.get(dp::read_ctrl) & 16, 0U);
    EXPECT_EQ(bench.read(address::sram), 5U);
  }
}

TEST(DebugPort, a_minimal_port_has_no_pushed_operations) {
  PortBench bench(flashhost::test::tiny::board_config("TINY0"));
  bench.power_up();
  bench.put(dp::write_ctrl, 0x50000F0C);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 0xFFF & ~0x40U, 0U);
}

TEST(DebugPort, pushed_compare_looks_at_the_lanes_of_its_mask) {
  PortBench bench;
  bench.write(address::sram, 0x11223344);
  bench.power_up();
  bench.put(ap::write_tar, address::sram);
  bench.put(dp::write_ctrl, 0x50000000 | 1U << 9 | 2U << 2);
  bench.put(ap::write_drw, 0xFFFF33FF);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 16, 16U);
}

TEST(DebugPort, the_line_damages_the_transfers_it_is_told_to) {
  PortBench bench;
  bench.power_up();
  bench.port.set_faults({.parity_at = 2, .silent_at = 3, .wait_at = 4, .waits = 2});
  const std::uint32_t id = bench.get(dp::dpidr);
  std::uint32_t value = 0;
  EXPECT_EQ(bench.port.transfer(dp::dpidr, value), SwdAck::parity);
  EXPECT_NE(value, id);
  EXPECT_EQ(bench.ack(dp::select), SwdAck::none);
  EXPECT_EQ(bench.ack(dp::select), SwdAck::wait);
  EXPECT_EQ(bench.ack(dp::select), SwdAck::wait);
  EXPECT_EQ(bench.ack(dp::select), SwdAck::ok);
}

TEST(DebugPort, a_write_that_was_damaged_is_not_done_and_sets_wdataerr) {
  PortBench bench;
  bench.power_up();
  bench.put(ap::write_tar, address::sram);
  bench.port.set_faults({.parity_at = 1});
  bench.put(ap::write_tar, address::flash);
  EXPECT_EQ(bench.ack(dp::rdbuff), SwdAck::fault);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 1U << 7, 1U << 7);
  bench.put(dp::abort, 1U << 3);
  EXPECT_EQ(bench.fetch(ap::read_tar), address::sram);
}

TEST(DebugPort, long_wires_are_unreliable_above_their_clock) {
  const auto errors = [](std::uint32_t hertz) {
    PortBench bench;
    bench.power_up();
    bench.port.set_faults({.unreliable_above_hz = 2'000'000});
    bench.port.set_clock(hertz);
    int count = 0;
    for (int i = 0; i < 2000; ++i) {
      if (bench.ack(dp::dpidr) == SwdAck::parity) ++count;
    }
    return count;
  };
  EXPECT_EQ(errors(2'000'000), 0);
  EXPECT_GT(errors(2'000'001), 0);
}

TEST(DebugPort, notes_what_hardware_leaves_undefined) {
  PortBench bench;
  bench.clock_out(switch_to_swd);
  bench.get(dp::dpidr);
  bench.get(dp::read_ctrl);
  bench.put(dp::select, 0);
  bench.put(dp::write_ctrl, 0x50000000);
  bench.target.advance(1ms);
  bench.put(ap::write_csw, 0x23000072);
  bench.get(ap::read_drw);
  bench.put(dp::abort, 0x1E);
  bench.put(ap::write_tar, address::sram + 2);
  bench.get(ap::read_drw);
  bench.put(ap::write_csw, 0x23000050);
  bench.put(dp::select, 0x10);
  bench.get(ap::read_drw);
  bench.put({false, false, 0xC}, 0);
  EXPECT_THAT(bench.port.notes(),
              ElementsAre("DP register 4 was accessed before SELECT was written",
                          "CSW was written with the reserved value of AddrInc",
                          "memory was accessed before TAR was written",
                          "DRW was accessed with a TAR that is not aligned",
                          "BD0 to BD3 were accessed with a CSW.Size other than 32 bits",
                          "DP TARGETSEL was written, which this debug port does not have"));
}

}  // namespace

}  // namespace sim_test::debug_port
