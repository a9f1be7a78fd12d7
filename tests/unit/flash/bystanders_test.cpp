#include "flash/bystanders.hpp"

#include "flash/crc32.hpp"
#include "test_chip.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost {
namespace {

using testing::filled;
using testing::firmware;
using testing::flash_base;
using ::testing::HasSubstr;
using testing::image_of;

constexpr std::uint32_t sector_size = 32768;

// Four large sectors; what is told to the target happens at once.
class Desk final : public ProbeReader, public FlashAccess {
 public:
  ProbeInfo info() override { return {}; }
  CoreState state() override { return CoreState::running; }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width) override {
    std::copy_n(at(address), out.size(), out.begin());
    if (damaged_readings > 0 && --damaged_readings == 0) out.front() ^= 1U;
    bytes_read += out.size();
  }
  std::uint32_t read_register(CoreRegister) override { return 0; }
  Nanoseconds now() override { return {}; }
  void sleep(Nanoseconds) override {}

  using FlashAccess::crc;
  std::vector<RangeCrc> crc(const std::vector<MemoryRange> &ranges,
                            const std::function<void()> &meanwhile) override {
    if (failing_queries > 0 && --failing_queries == 0) throw Error(Errc::target, "a reset");
    if (meanwhile) meanwhile();
    std::vector<RangeCrc> crcs;
    for (const MemoryRange &range : ranges) {
      crcs.push_back({loader_crc({&*at(range.address), range.size})});
      bytes_summed += range.size;
    }
    return crcs;
  }
  void erase(const Sector &) override {}
  void erase_all() override {}
  void program(std::uint32_t address, std::span<const std::uint8_t> data,
               const std::function<void(std::uint32_t)> &) override {
    std::ranges::copy(data, at(address));
  }
  void drain() override {}
  void finish() override {}

  [[nodiscard]] Bytes::iterator at(std::uint32_t address) {
    return flash.begin() + (address - flash_base);
  }

  Bytes flash = firmware(std::size_t{4} * sector_size);
  int damaged_readings = 0, failing_queries = 0;  // the one that is: counted from 1
  std::size_t bytes_read = 0, bytes_summed = 0;
};

class Silent final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level, const std::string &) override {}
};

Chip large_sectors() {
  Chip chip = testing::small_chip();
  chip.flash.size = chip.die_flash_size = 4 * sector_size;
  chip.sectors.clear();
  for (std::uint32_t i = 0; i < 4; ++i) {
    chip.sectors.push_back({flash_base + i * sector_size, sector_size, {}, {}});
  }
  chip.check_others = true;
  return chip;
}

// The image is in the first sector. Next to it is the second.
class BystandersTest : public ::testing::Test {
 protected:
  BystandersTest() {
    SectorPlan own;
    own.sector = chip.sectors.front();
    own.action = Action::erase_and_program;
    plan.sectors = {own};
  }
  void wipe(std::size_t sector, std::uint32_t from = 0, std::uint32_t size = sector_size) {
    std::fill_n(desk.at(chip.sectors.at(sector).address + from), size, std::uint8_t{0xFF});
  }
  void check_erase() { others.check_first_erase(chip.sectors.front(), plan, desk, silent); }
  void check() { others.check(plan, desk, silent); }
  template <class Check>
  [[nodiscard]] static std::string refused(const Check &check) {
    try {
      check();
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::refused);
      return error.what();
    }
    return "";
  }

  Chip chip = large_sectors();
  Desk desk;
  Silent silent;
  Plan plan;
  Bystanders others{desk, chip, image_of({{flash_base, firmware(64)}})};
};

TEST_F(BystandersTest, AreQuietWhereNothingHasChanged) {
  others.remember(plan, desk);
  wipe(0);
  check_erase();
  check();
}

TEST_F(BystandersTest, NextToTheImageArePutBackToTheByte) {
  others.remember(plan, desk);
  const Bytes before = desk.flash;
  wipe(1, 100, 8);
  EXPECT_THAT(refused([&] { check_erase(); }), HasSubstr("0x08008000..0x0800ffff; no content"));
  EXPECT_TRUE(desk.flash == before);
}

TEST_F(BystandersTest, FarFromTheImageAreMissedAfterTheFirstErase) {
  others.remember(plan, desk);
  wipe(3);
  EXPECT_THAT(refused([&] { check_erase(); }),
              HasSubstr("the content of 0x08018000..0x0801ffff is lost"));
}

TEST_F(BystandersTest, AreLookedAtAsAWholeAtTheEnd) {
  others.remember(plan, desk);
  desk.bytes_summed = 0;
  check_erase();
  EXPECT_EQ(desk.bytes_summed, sector_size + 2 * sector_size / 4096 * 64);
  wipe(3, sector_size - 4, 4);
  check_erase();
  EXPECT_THAT(refused([&] { check(); }),
              HasSubstr("the content of 0x08018000..0x0801ffff is lost"));
}

TEST_F(BystandersTest, AreNotBelievedToBeWhatADamagedReadingSays) {
  desk.damaged_readings = 2;
  others.remember(plan, desk);
  const Bytes before = desk.flash;
  wipe(1);
  EXPECT_THAT(refused([&] { check(); }), HasSubstr("no content is lost"));
  EXPECT_TRUE(desk.flash == before);
}

TEST_F(BystandersTest, ThatAreBlankAreHardlyRead) {
  wipe(1);
  for (int i = 0; i < 5; ++i) others.read_ahead();
  others.remember(plan, desk);
  EXPECT_LE(desk.bytes_read, 1024U);
}

TEST_F(BystandersTest, ThatOnlyBeginBlankAreReadAsAWhole) {
  wipe(1, 0, 4096);
  for (int i = 0; i < 5; ++i) others.read_ahead();
  others.remember(plan, desk);
  EXPECT_EQ(desk.bytes_read, sector_size);
  const Bytes before = desk.flash;
  wipe(1);
  EXPECT_THAT(refused([&] { check_erase(); }), HasSubstr("no content is lost"));
  EXPECT_TRUE(desk.flash == before);
}

// A link may fail in the middle; the next pass of the job asks again.
TEST_F(BystandersTest, AreRememberedAsAWholeOrNotAtAll) {
  for (int query = 1; query <= 2; ++query) {
    desk.failing_queries = query;
    EXPECT_THROW(others.remember(plan, desk), Error);
    EXPECT_FALSE(others.remembers());
  }
  others.remember(plan, desk);
  EXPECT_TRUE(others.remembers());
  check();
}

}  // namespace
}  // namespace flashhost
