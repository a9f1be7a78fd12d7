// A whole job with each sort of probe: what an old firmware cannot do is not needed.
#include "model_bus.hpp"
#include "usb_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::stlink {
namespace {

using testing::Contains;
using testing::HasSubstr;
using virtual_stlink::Hardware;

struct Row {
  const char *name;
  Hardware hardware;
  unsigned jtag;
};

class JobWithFirmware : public testing::TestWithParam<Row> {};

TEST_P(JobWithFirmware, FlashesThroughTheLoader) {
  virtual_stlink::FirmwareConfig config;
  config.hardware = GetParam().hardware;
  config.jtag = GetParam().jtag;
  if (config.hardware == Hardware::v2_1) config.swim = 25;  // its M number: 7 is a SWIM-only build
  test::StlinkRig rig(config);
  testing::UsbJob job(rig);
  job.start_anew();
  ASSERT_TRUE(job.run()) << job.last_error();
  EXPECT_TRUE(job.flash() == job.wanted());
  const auto &statistics = rig.board().firmware->statistics();
  EXPECT_EQ(statistics.unknown_commands, 0U);
  EXPECT_TRUE(statistics.notes.empty()) << statistics.notes.front();
}

INSTANTIATE_TEST_SUITE_P(
    All, JobWithFirmware,
    testing::Values(Row{"V2J14", Hardware::v2, 14}, Row{"V2J17", Hardware::v2, 17},
                    Row{"V2J22", Hardware::v2, 22}, Row{"V2J24", Hardware::v2, 24},
                    Row{"V2J28", Hardware::v2, 28}, Row{"V2J37", Hardware::v2, 37},
                    Row{"V21J33", Hardware::v2_1, 33}, Row{"V3J3", Hardware::v3, 3},
                    Row{"V3J10", Hardware::v3, 10}),
    [](const auto &row) { return std::string(row.param.name); });

TEST(JobWithLongWires, GoesOnAtASlowerClockAndSaysSo) {
  virtual_stlink::FirmwareConfig config;
  config.unreliable_above_khz = 1000;
  test::StlinkRig rig(config);
  testing::UsbJob job(rig);
  job.start_anew();
  ASSERT_TRUE(job.run()) << job.last_error();
  EXPECT_TRUE(job.flash() == job.wanted());
  EXPECT_THAT(job.messages(), Contains(HasSubstr("going on at")));
}

TEST(JobWithASilentProbe, StartsAfterAUsbReset) {
  virtual_stlink::FirmwareConfig config;
  config.mute_until_usb_reset = true;
  test::StlinkRig rig(config);
  testing::UsbJob job(rig);
  job.start_anew();
  ASSERT_TRUE(job.run()) << job.last_error();
  EXPECT_TRUE(job.flash() == job.wanted());
}

}  // namespace
}  // namespace flashhost::stlink
