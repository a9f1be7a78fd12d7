// Every part can be made; every fault sets its cause and nothing else.
#include "bench.hpp"
#include "f4_bench.hpp"
#include "snippets.hpp"
#include "test_models.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace sim_test::parts_and_faults_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

TEST(Parts, CanAllBeMadeAndShowTheirSizes) {
  for (const std::string &name : parts_of("STM32F1")) {
    SCOPED_TRACE(name);
    Bench board((config(name)));
    EXPECT_EQ(board.read16(0x1FFFF7E0) * 1024, flashhost::test::flash_size(name));
    const std::uint32_t end = address::flash + flashhost::test::flash_size(name);
    EXPECT_EQ(board.read(end - 4), 0xFFFFFFFFU);
    EXPECT_EQ(board.try_read(end), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_NE(board.read(address::idcode) & 0xFFF, 0U);
  }
}

TEST(Parts, OfEachLineHaveTheirDeviceIdAndSram) {
  struct Row {
    const char *name;
    std::uint32_t device_id;
    std::uint32_t sram_kib;
  };
  for (const Row &row :
       {Row{"STM32F103C4", 0x412, 6}, Row{"STM32F103CB", 0x410, 20}, Row{"STM32F103RE", 0x414, 64},
        Row{"STM32F103RG", 0x430, 96}, Row{"STM32F107RC", 0x418, 64}, Row{"STM32F100C4", 0x420, 4},
        Row{"STM32F100RE", 0x428, 32}}) {
    SCOPED_TRACE(row.name);
    Bench board((config(row.name)));
    EXPECT_EQ(board.read(address::idcode) & 0xFFF, row.device_id);
    board.write(address::sram + row.sram_kib * 1024 - 4, 0x12345678);
    EXPECT_EQ(board.try_read(address::sram + row.sram_kib * 1024), Ack::fault);
  }
}

TEST(Parts, RefuseUnknownNames) {
  std::vector<std::uint8_t> flash(1024);
  const auto make = [&](const Config &chosen) { flashhost::machine::Target target(chosen, flash); };
  EXPECT_THROW(make(config("STM32X")), std::invalid_argument);
  EXPECT_THROW(make(config("STM32F103CB")), std::invalid_argument);  // flash of another size
  Config rule = config();
  rule.rules_off = {"no_such_rule"};
  flash.resize(std::size_t{128} * 1024);
  EXPECT_THROW(make(rule), std::invalid_argument);
  for (const char *fault : {"no_such_fault", "flash_time", "stuck_busy=1",
                            "flash_size_register=xyz", "write_protected=5000", "iwdg=-1"}) {
    EXPECT_THROW(make(config("STM32F103CB", {fault})), std::invalid_argument) << fault;
  }
}

TEST(Faults, AreAllNamedAndWritten) {
  EXPECT_GE(flashhost::test::models().fault_names().size(), 17U);
}

TEST(Faults, ASizeRegisterCanBeGarbage) {
  Bench board(config("STM32F103CB", {"flash_size_register=2D28"}));
  EXPECT_EQ(board.read16(0x1FFFF7E0), 0x2D28U);
}

TEST(Faults, ADebugPortCanBeAClones) {
  Bench board(config("STM32F103CB", {"dpidr=2BA01477"}));
  EXPECT_EQ(board.target.debug_port_id(), 0x2BA01477U);
}

TEST(Faults, TheFlashCanBeLockedUntilReset) {
  Bench board(config("STM32F103CB", {"fpec_locked_until_reset"}));
  EXPECT_EQ(board.try_write(address::flash_keyr, 0x45670123), Ack::fault);
  board.target.clear_sticky_error();
  board.system_reset();
  board.unlock();
  EXPECT_EQ(board.read(address::flash_cr), 0U);
}

TEST(Faults, FlashCanTakeTheDatasheetsMaximumOrLonger) {
  for (const auto &[fault, least, most] :
       {std::tuple{"flash_time=maximum", 70us, 72us}, std::tuple{"flash_time=4x", 280us, 282us}}) {
    Bench board(config("STM32F103CB", {fault}));
    board.unlock();
    board.write(address::flash_cr, cr::pg);
    board.write16(address::flash, 0);
    EXPECT_THAT(board.busy_time(), AllOf(Ge(least), Le(most))) << fault;
  }
}

TEST(Faults, FlashCanBeBusyForEver) {
  Bench board(config("STM32F103CB", {"stuck_busy"}));
  board.unlock();
  board.write(address::flash_cr, cr::pg);
  board.write16(address::flash, 0);
  board.target.advance(10s);
  EXPECT_EQ(board.read(address::flash_sr), sr::bsy);
  EXPECT_EQ(board.try_read(address::flash), Ack::wait);
}

TEST(Faults, ACellCanRefuseItsZero) {
  Bench board(config("STM32F103CB", {"bad_cell=08004002"}));
  board.unlock();
  board.program(address::flash + 0x4000, 0x1000);
  board.program(address::flash + 0x4002, 0x1000);
  EXPECT_EQ(board.read(address::flash + 0x4000), 0x10011000U);
  EXPECT_EQ(board.read(address::flash_sr), sr::eop);
}

TEST(Faults, APageCanRefuseToErase) {
  Bench board(config("STM32F103CB", {"bad_erase=08004000"}));
  board.unlock();
  board.program(address::flash + 0x4000, 0x1000);
  board.program(address::flash + 0x4004, 0x1000);
  board.erase_page(address::flash + 0x4000);
  EXPECT_EQ(board.read(address::flash + 0x4000), 0xFFFF1000U);
  EXPECT_EQ(board.read(address::flash + 0x4004), 0xFFFFFFFFU);
}

TEST(Faults, AByteOfSramCanBeStuck) {
  Bench board(config("STM32F103CB", {"bad_sram=20000800"}));
  board.write(address::sram + 0x800, 0x10);
  EXPECT_EQ(board.read(address::sram + 0x800), 0x11U);
  board.halt();
  board.set_reg(0, address::sram + 0x800);
  board.set_reg(1, 0x20);
  ASSERT_TRUE(board.execute(snippet::store_word));
  EXPECT_EQ(board.read(address::sram + 0x800), 0x21U);
}

TEST(Faults, TheVoltageCanBeLow) {
  Bench board(config("STM32F103CB", {"voltage=1900"}));
  EXPECT_EQ(board.target.millivolts(), 1900);
}

TEST(Faults, TheChipCanRunFromTheCrystalAlone) {
  Bench board(config("STM32F103CB", {"hsi_off"}));
  EXPECT_EQ(board.read(address::rcc) & 0x30003, 0x30000U);
  EXPECT_EQ(board.read(address::rcc + 4) & 0xF, 5U);
  board.system_reset();
  EXPECT_EQ(board.read(address::rcc) & 0x30003, 3U);
}

TEST(F4Faults, ASizeRegisterCanBeGarbage) {
  f4::Board board("STM32F407VG", {"flash_size_register=2D28"});
  EXPECT_EQ(board.read16(f4::size_register), 0x2D28U);
}

TEST(F4Faults, StaleControlBitsAreThoseOfAnInterruptedErase) {
  f4::Board board("STM32F407VG", {"stale_control_bits"});
  EXPECT_EQ(board.read(f4::cr), f4::pg | f4::ser | f4::mer | f4::snb(5) | 3U << 8);
  board.system_reset();
  EXPECT_EQ(board.read(f4::cr), f4::lock);
}

TEST(F4Faults, ASectorCanBeProtected) {
  f4::Board board("STM32F407VG", {"write_protected=2"});
  board.unlock();
  board.erase(f4::x32 | f4::ser | f4::snb(2));
  EXPECT_EQ(board.read(f4::sr), f4::wrperr);
}

TEST(F4Faults, ASectorCanRefuseToEraseAndACellItsZero) {
  f4::Board board("STM32F407VG", {"bad_erase=08004000", "bad_cell=08004004"});
  board.unlock();
  board.program_word(address::flash + 0x4000, 0x1000);
  board.program_word(address::flash + 0x4004, 0x1000);
  EXPECT_EQ(board.read(address::flash + 0x4004), 0x1001U);
  board.erase(f4::x32 | f4::ser | f4::snb(1));
  EXPECT_EQ(board.read(address::flash + 0x4000), 0x1000U);
  EXPECT_EQ(board.read(address::flash + 0x4004), 0xFFFFFFFFU);
}

TEST(F4Faults, AByteOfSramCanBeStuck) {
  f4::Board board("STM32F407VG", {"bad_sram=20000800"});
  board.write(address::sram + 0x800, 0x10);
  EXPECT_EQ(board.read(address::sram + 0x800), 0x11U);
}

TEST(F4Faults, FlashCanTakeLongerOrBeBusyForEver) {
  f4::Board slow("STM32F407VG", {"flash_time=4x"});
  slow.unlock();
  slow.write(f4::cr, f4::x32 | f4::pg);
  slow.write(address::flash, 0);
  EXPECT_THAT(slow.wait(), AllOf(Ge(400us), Le(402us)));
  f4::Board stuck("STM32F407VG", {"stuck_busy"});
  stuck.unlock();
  stuck.write(f4::cr, f4::x32 | f4::pg);
  stuck.write(address::flash, 0);
  stuck.target.advance(10s);
  EXPECT_EQ(stuck.read(f4::sr), f4::bsy);
  EXPECT_EQ(stuck.try_read(address::flash), Ack::wait);
}

}  // namespace
}  // namespace sim_test::parts_and_faults_rules
