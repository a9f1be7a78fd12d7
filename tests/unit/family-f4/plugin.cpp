// The plugin's face: its setting.
#include "f4_board.hpp"

#include <flashhost/plugin.hpp>

#include <gmock/gmock.h>

#include <memory>

extern "C" const flashhost_plugin flashhost_plugin_v2;

namespace {

using namespace flashhost;
using testing::HasSubstr;

class F4Plugin : public testing::Test {
 protected:
  std::uint32_t unit() { return family->identify(board.probe, {}).value_or(Chip{}).program_unit; }
  fake::F4Board board;
  std::unique_ptr<Family> family{
      static_cast<Family *>(flashhost_plugin_v2.create(static_cast<Host *>(&board.host)))};
};

TEST_F(F4Plugin, TheVoltageOfTheBoardFileCounts) {
  board.probe.probe_info.target_millivolts.reset();
  EXPECT_EQ(unit(), 1U);
  family->configure(Settings({{"voltage", 3.3, "board.toml:9:1"}}));
  EXPECT_EQ(unit(), 4U);
  family->configure(Settings({{"voltage", std::int64_t{2}, "board.toml:9:1"}}));
  EXPECT_EQ(unit(), 1U);
}

TEST_F(F4Plugin, AVoltageThatCannotBeIsRefusedWithItsPlace) {
  for (const double volts : {0.0, 1.6, 5.0}) {
    try {
      family->configure(Settings({{"voltage", volts, "board.toml:9:1"}}));
      FAIL() << volts;
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::config);
      EXPECT_THAT(error.what(), HasSubstr("board.toml:9:1"));
    }
  }
}

TEST_F(F4Plugin, StatusAndBusyComeFromTheOneController) {
  board.status = f4::sr_pgserr;
  EXPECT_EQ(family->flash_status(board.probe, board.chip, 0x08080000), f4::sr_pgserr);
  EXPECT_TRUE(family->flash_busy(board.chip, f4::sr_bsy));
  EXPECT_FALSE(family->flash_busy(board.chip, 1));
}

}  // namespace
