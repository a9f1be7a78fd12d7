#include "probe_fixture.hpp"

#include <gmock/gmock.h>

namespace virtual_cmsisdap::testing {

namespace {

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

}  // namespace

}  // namespace virtual_cmsisdap::testing
