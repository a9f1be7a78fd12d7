// Probe::run as it is: one call for each access.
#include "fake_probe.hpp"

#include <gmock/gmock.h>

#include <array>

namespace {

using namespace flashhost;
using testing::ElementsAre;

constexpr std::uint32_t ram = 0x20000000;

class Run : public testing::Test {
 protected:
  Run() { probe_.add_region(ram, 16, 0); }
  fake::Probe probe_;
};

TEST_F(Run, ReadsAndWritesInTheirOrder) {
  probe_.poke(ram, 0x11223344);
  std::array accesses{Access::read(ram), Access::write(ram, 0x55667788), Access::read(ram)};
  probe_.run(accesses);
  EXPECT_EQ(accesses[0].value, 0x11223344U);
  EXPECT_EQ(accesses[2].value, 0x55667788U);
}

TEST_F(Run, NarrowAccessesTouchTheirBytesOnly) {
  probe_.poke(ram, 0x11223344);
  std::array accesses{Access::write(ram, 0xAABBCCDD, Width::byte),
                      Access::write(ram + 2, 0xAABBCCDD, Width::half),
                      Access::read(ram + 1, Width::byte), Access::read(ram + 2, Width::half)};
  probe_.run(accesses);
  EXPECT_EQ(probe_.peek(ram), 0xCCDD33DDU);
  EXPECT_EQ(accesses[2].value, 0x33U);
  EXPECT_EQ(accesses[3].value, 0xCCDDU);
}

TEST_F(Run, ARefusedAccessEndsItAfterThoseBeforeIt) {
  std::array accesses{Access::write(ram, 1), Access::write(0x30000000, 2),
                      Access::write(ram + 4, 3)};
  EXPECT_THROW(probe_.run(accesses), Error);
  EXPECT_EQ(probe_.peek(ram), 1U);
  EXPECT_EQ(probe_.peek(ram + 4), 0U);
}

}  // namespace
