#include "port_bench.hpp"
#include "tiny_chip.hpp"

#include <gmock/gmock.h>

namespace sim_test::memory_ap {

namespace {

using ::testing::ElementsAre;

constexpr std::uint32_t nowhere = 0x60000000;

TEST(MemoryAp, reads_of_an_ap_give_the_value_of_the_one_before) {
  PortBench bench;
  bench.write(address::sram, 0x11111111);
  bench.write(address::sram + 4, 0x22222222);
  bench.power_up();
  bench.put(ap::write_tar, address::sram);
  bench.get(ap::read_drw);
  EXPECT_EQ(bench.get(ap::read_drw), 0x11111111U);
  EXPECT_EQ(bench.get(dp::rdbuff), 0x22222222U);
  EXPECT_EQ(bench.get(dp::resend), 0x22222222U);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 0xFF, 1U << 6);  // READOK
  EXPECT_EQ(bench.fetch(ap::read_tar), address::sram + 8);
}

TEST(MemoryAp, a_refused_write_shows_at_the_next_access_and_stays_until_abort) {
  PortBench bench;
  bench.power_up();
  bench.put(ap::write_tar, nowhere);
  bench.put(ap::write_drw, 1);
  EXPECT_EQ(bench.ack(dp::rdbuff), SwdAck::fault);
  EXPECT_EQ(bench.ack(ap::write_tar, address::sram), SwdAck::fault);
  EXPECT_EQ(bench.ack(dp::select, 0), SwdAck::fault);
  EXPECT_EQ(bench.ack(dp::write_ctrl, 0x50000000), SwdAck::fault);
  EXPECT_EQ(bench.get(dp::dpidr), 0x1BA01477U);
  EXPECT_EQ(bench.get(dp::read_ctrl) & 0xFF, dp::stickyerr);
  bench.put(dp::abort, 1U << 2);
  EXPECT_EQ(bench.get(dp::read_ctrl) & dp::stickyerr, 0U);
  bench.put(ap::write_tar, address::sram);
  bench.put(ap::write_drw, 0x12345678);
  bench.get(dp::rdbuff);
  EXPECT_EQ(bench.read(address::sram), 0x12345678U);
}

TEST(MemoryAp, where_tar_is_after_a_refused_access_depends_on_the_core) {
  for (const auto &[part, after] :
       {std::pair{"STM32F103CB", nowhere}, std::pair{"STM32F407VG", nowhere + 4}}) {
    PortBench bench(config(part));
    bench.power_up();
    bench.put(ap::write_tar, nowhere);
    bench.put(ap::write_drw, 1);
    bench.put(dp::abort, 0x1E);
    EXPECT_EQ(bench.fetch(ap::read_tar), after) << part;
  }
}

TEST(MemoryAp, waits_while_the_bus_is_stalled_and_the_access_goes_on) {
  PortBench bench;
  bench.power_up();
  bench.halt();
  bench.unlock();
  bench.write(address::flash_cr, cr::per);
  bench.write(address::flash_ar, address::flash);
  bench.write(address::flash_cr, cr::per | cr::strt);
  bench.put(ap::write_tar, address::flash);
  bench.get(ap::read_drw);  // taken at once, but not over before the erase is
  EXPECT_EQ(bench.ack(dp::rdbuff), SwdAck::wait);
  EXPECT_EQ(bench.ack(ap::write_tar, 0), SwdAck::wait);
  EXPECT_EQ(bench.ack(dp::select, 0), SwdAck::wait);
  EXPECT_EQ(bench.ack(dp::read_ctrl), SwdAck::ok);
  bench.target.advance(100ms);
  EXPECT_EQ(bench.get(dp::rdbuff), 0xFFFFFFFFU);
  EXPECT_EQ(bench.fetch(ap::read_tar), address::flash + 4);
}

TEST(MemoryAp, dapabort_drops_the_access_and_what_tar_was) {
  PortBench bench;
  bench.power_up();
  bench.halt();
  bench.unlock();
  bench.write(address::flash_cr, cr::per);
  bench.write(address::flash_ar, address::flash);
  bench.write(address::flash_cr, cr::per | cr::strt);
  bench.put(ap::write_tar, address::flash);
  bench.get(ap::read_drw);
  EXPECT_EQ(bench.ack(dp::rdbuff), SwdAck::wait);
  bench.put(dp::abort, 1);
  EXPECT_EQ(bench.ack(dp::rdbuff), SwdAck::ok);
  EXPECT_NE(bench.fetch(ap::read_tar) & ~7U, address::flash);
}

TEST(MemoryAp, csw_keeps_what_the_core_has) {
  PortBench m3;
  m3.power_up();
  m3.put(ap::write_csw, 0xFFFFFFE1);
  EXPECT_EQ(m3.fetch(ap::read_csw), 0x23000061U);
  m3.put(ap::write_csw, 0x23000003);  // 64 bits: the size stays
  EXPECT_EQ(m3.fetch(ap::read_csw), 0x23000041U);
  EXPECT_THAT(m3.port.notes(),
              ElementsAre("CSW was written with a size that the AP does not have"));
  for (const char *part : {"TINY0", "TINY0P"}) {
    PortBench m0(flashhost::test::tiny::board_config(part));
    m0.power_up();
    EXPECT_EQ(m0.fetch(ap::read_csw), 0x03000052U);
    m0.put(ap::write_csw, 0x23000060);  // packed: not kept
    EXPECT_EQ(m0.fetch(ap::read_csw), 0x03000050U);
  }
}

TEST(MemoryAp, tar_goes_back_to_the_start_of_its_block) {
  for (const std::uint32_t block : {0x400U, 0x1000U}) {
    DebugPortConfig wires;
    wires.increment = block;
    PortBench bench(config(), wires);
    bench.power_up();
    bench.put(ap::write_tar, address::sram + block - 4);
    bench.put(ap::write_drw, 1);
    EXPECT_EQ(bench.fetch(ap::read_tar), address::sram);
    bench.put(ap::write_csw, 0x23000042);  // no increment
    bench.put(ap::write_drw, 2);
    EXPECT_EQ(bench.fetch(ap::read_tar), address::sram);
  }
}

TEST(MemoryAp, bytes_and_halfwords_have_their_lanes) {
  PortBench bench;
  bench.write(address::sram, 0);
  bench.power_up();
  bench.put(ap::write_csw, 0x23000050);
  bench.put(ap::write_tar, address::sram + 1);
  bench.put(ap::write_drw, 0xEEEE77EE);
  bench.put(ap::write_csw, 0x23000051);
  EXPECT_EQ(bench.fetch(ap::read_tar), address::sram + 2);
  bench.put(ap::write_drw, 0x1234EEEE);
  bench.get(dp::rdbuff);
  EXPECT_EQ(bench.read(address::sram), 0x12347700U);
  bench.put(ap::write_tar, address::sram + 2);
  EXPECT_EQ(bench.fetch(ap::read_drw) >> 16, 0x1234U);
  bench.put(ap::write_csw, 0x23000050);
  bench.put(ap::write_tar, address::sram + 1);
  EXPECT_EQ(bench.fetch(ap::read_drw), 0xA5A577A5);  // nothing to rely on beside the lane
}

TEST(MemoryAp, packed_transfers_gather_four_bytes) {
  PortBench bench;
  bench.power_up();
  bench.put(ap::write_csw, 0x23000060);
  bench.put(ap::write_tar, address::sram);
  bench.put(ap::write_drw, 0x44332211);
  EXPECT_EQ(bench.fetch(ap::read_tar), address::sram + 4);
  EXPECT_EQ(bench.read(address::sram), 0x44332211U);
  bench.put(ap::write_tar, address::sram);
  EXPECT_EQ(bench.fetch(ap::read_drw), 0x44332211U);
}

TEST(MemoryAp, banked_data_registers_are_the_four_words_around_tar) {
  PortBench bench;
  for (std::uint32_t i = 0; i < 4; ++i) bench.write(address::sram + 4 * i, 0x100 + i);
  bench.power_up();
  bench.put(ap::write_tar, address::sram + 8);
  bench.put(dp::select, 0x10);
  for (std::uint8_t i = 0; i < 4; ++i) {
    EXPECT_EQ(bench.fetch({true, true, static_cast<std::uint8_t>(4 * i)}), 0x100U + i);
  }
  bench.put({true, false, 0xC}, 7);
  bench.put(dp::select, 0);
  EXPECT_EQ(bench.read(address::sram + 12), 7U);
  EXPECT_EQ(bench.fetch(ap::read_tar), address::sram + 8);
}

TEST(MemoryAp, each_core_has_its_identification) {
  const auto look = [](const Config &board, std::uint32_t idr, std::uint32_t base) {
    PortBench bench(board);
    bench.power_up();
    EXPECT_EQ(bench.bank_f(0xC), idr);
    EXPECT_EQ(bench.bank_f(0x8), base);
    EXPECT_EQ(bench.bank_f(0x4), 0U);  // CFG: little-endian, 32 bits
  };
  look(config(), 0x14770011, 0xE00FF003);
  look(config("STM32F407VG"), 0x24770011, 0xE00FF003);
  look(flashhost::test::tiny::board_config("TINY0"), 0x04770021, 0xE00FF003);
  look(flashhost::test::tiny::board_config("TINY0P"), 0x04770031, 0xF0000003);
}

TEST(MemoryAp, an_ap_that_is_not_there_reads_as_zero) {
  DebugPortConfig wires;
  wires.access_port = 3;
  PortBench bench(config(), wires);
  bench.power_up();
  EXPECT_EQ(bench.bank_f(0xC), 0U);
  bench.put(dp::select, 0x030000F0);
  EXPECT_EQ(bench.fetch({true, true, 0xC}), 0x14770011U);
}

}  // namespace

}  // namespace sim_test::memory_ap
