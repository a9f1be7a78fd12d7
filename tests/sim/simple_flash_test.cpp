// What models get of SimpleFlash and TwoKeys: the made-up chip's flash is one.
#include "bench.hpp"
#include "tiny_chip.hpp"

#include <flashhost/machine/plain_registers.hpp>
#include <flashhost/machine/simple_flash.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

namespace sim_test::simple_flash_rules {
namespace {

namespace tiny = flashhost::test::tiny;

constexpr std::uint32_t page = address::flash + tiny::page_size;

// Its second page is programmed, its controller takes words.
class SimpleFlash : public testing::Test {
 protected:
  void start(std::vector<std::string> faults = {}) {
    std::ranges::fill(cells, std::uint8_t{0xFF});
    std::fill(at(page), at(page + tiny::page_size), std::uint8_t{0x5A});
    Config config = tiny::board_config("TINY0", std::move(faults));
    config.firmware_runs = false;
    target = std::make_unique<flashhost::machine::Target>(config, cells);
    target->advance(10ms);
    write(tiny::control, 1);
  }
  std::vector<std::uint8_t>::iterator at(std::uint32_t address) {
    return cells.begin() + (address - address::flash);
  }
  void write(std::uint32_t address, std::uint32_t value) {
    EXPECT_EQ(target->write(address, 4, value), Ack::ok);
  }
  bool busy() {
    std::uint32_t status = 0;
    EXPECT_EQ(target->read(tiny::status, 4, status), Ack::ok);
    return status != 0;
  }
  bool page_is(std::uint8_t value) {
    return std::all_of(at(page), at(page + tiny::page_size),
                       [&](auto cell) { return cell == value; });
  }

  std::vector<std::uint8_t> cells = std::vector<std::uint8_t>(tiny::flash_size);
  std::unique_ptr<flashhost::machine::Target> target;
};

TEST_F(SimpleFlash, ErasesOnePageWhenItsTimeIsOver) {
  start();
  write(tiny::erase, page + 8);
  target->advance(1900us);
  EXPECT_TRUE(busy());
  EXPECT_TRUE(page_is(0x5A));
  target->advance(200us);
  EXPECT_FALSE(busy());
  EXPECT_TRUE(page_is(0xFF));
  EXPECT_EQ(target->statistics().page_erases, 1U);
  EXPECT_EQ(target->statistics().busy, 2ms);
}

TEST_F(SimpleFlash, ProgrammingOnlyClearsBits) {
  start();
  write(page, 0x0F0F0F0F);
  target->advance(60us);
  EXPECT_EQ(*at(page), 0x0A);
  EXPECT_EQ(target->statistics().programmed_units, 1U);
}

TEST_F(SimpleFlash, WaitsWithReadsAndWritesWhileItIsBusy) {
  start();
  write(tiny::erase, page);
  std::uint32_t value = 0;
  EXPECT_EQ(target->read(address::flash, 4, value), Ack::wait);
  EXPECT_EQ(target->write(address::flash, 4, 0), Ack::wait);
}

TEST_F(SimpleFlash, CutShortHasBitsOfBothContents) {
  start();
  target->lose_power_at(1);
  write(tiny::erase, page);
  target->advance(5ms);
  EXPECT_FALSE(target->powered());
  EXPECT_FALSE(page_is(0x5A));
  EXPECT_FALSE(page_is(0xFF));
  EXPECT_TRUE(std::all_of(at(page), at(page + tiny::page_size),
                          [](auto cell) { return (cell & 0x5A) == 0x5A; }));
  EXPECT_TRUE(std::all_of(cells.begin(), at(page), [](auto cell) { return cell == 0xFF; }));
  EXPECT_EQ(target->statistics().page_erases, 0U);
}

TEST_F(SimpleFlash, CanBeStuck) {
  start({"stuck_busy"});
  write(tiny::erase, page);
  target->advance(10s);
  EXPECT_TRUE(busy());
  EXPECT_TRUE(page_is(0x5A));
}

TEST_F(SimpleFlash, CanHaveAWordThatDoesNotErase) {
  start({"bad_erase=08000204"});
  write(tiny::erase, page);
  target->advance(3ms);
  EXPECT_EQ(std::count(at(page), at(page + tiny::page_size), 0x5A), 4);
  EXPECT_EQ(*at(page + 4), 0x5A);
  EXPECT_EQ(*at(page + 7), 0x5A);
}

TEST_F(SimpleFlash, CanHaveABitThatDoesNotProgram) {
  start({"bad_cell=08000000"});
  write(address::flash, 0);
  target->advance(60us);
  EXPECT_EQ(*at(address::flash), 1);
  EXPECT_EQ(*at(address::flash + 1), 0);
}

TEST_F(SimpleFlash, CanTakeItsMaximumOrMore) {
  start({"flash_time=3x"});
  write(tiny::erase, page);
  target->advance(5900us);
  EXPECT_TRUE(busy());
  target->advance(200us);
  EXPECT_FALSE(busy());
}

TEST(TwoKeys, OpenInTheirOrderUntilLocked) {
  flashhost::machine::TwoKeys keys(1, 2);
  EXPECT_FALSE(keys.open());
  keys.write(1);
  EXPECT_FALSE(keys.open());
  keys.write(2);
  EXPECT_TRUE(keys.open());
  keys.lock();
  EXPECT_FALSE(keys.open());
  keys.write(1);
  keys.write(2);
  EXPECT_TRUE(keys.open());
}

TEST(TwoKeys, LockUntilResetAfterAWrongOne) {
  for (const std::vector<std::uint32_t> &wrong :
       {std::vector<std::uint32_t>{2}, {1, 1}, {1, 2, 1}, {1, 3}}) {
    flashhost::machine::TwoKeys keys(1, 2);
    for (const std::uint32_t key : wrong) keys.write(key);
    keys.lock();
    keys.write(1);
    keys.write(2);
    EXPECT_FALSE(keys.open());
    keys.reset();
    keys.write(1);
    keys.write(2);
    EXPECT_TRUE(keys.open());
  }
}

TEST(FixedRegisters, AreReadAndRefuseToBeWritten) {
  flashhost::machine::FixedRegisters registers({7, 8});
  const auto master = flashhost::machine::Master::debugger;
  EXPECT_EQ(registers.read(4, master), 8U);
  EXPECT_EQ(registers.read(8, master), 0U);
  EXPECT_EQ(registers.write(0, 1, master), flashhost::machine::Outcome::fault);
  EXPECT_EQ(registers.read(0, master), 7U);
}

}  // namespace
}  // namespace sim_test::simple_flash_rules
