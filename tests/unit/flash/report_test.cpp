// The last line of a job.
#include "flash/flash_job.hpp"

#include <gtest/gtest.h>

namespace flashhost {
namespace {

using namespace std::chrono_literals;

FlashReport report_of(std::uint64_t image, std::uint64_t programmed) {
  FlashReport report;
  report.image_bytes = image;
  report.programmed_bytes = programmed;
  report.erased_sectors = 1;
  report.time = 2s;
  report.flash_time = 1600ms;
  return report;
}

TEST(Report, TellsHowLongItTookAndHowFastThatIs) {
  const FlashReport report = report_of(65'536, 65'536);
  EXPECT_EQ(to_text(report, false), "64 KiB written and verified in 2 s (32 KiB/s)");
  EXPECT_EQ(to_text(report, true),
            "64 KiB written and verified in 2 s (32 KiB/s, 1.25x the flash's own time)");
}

TEST(Report, TellsHowMuchWasProgrammedWhereThatIsNotTheImage) {
  FlashReport report = report_of(65'536, 32'768);
  EXPECT_EQ(to_text(report, false),
            "64 KiB written and verified in 2 s (32 KiB programmed, 16 KiB/s)");
  report.put_back_bytes = 4096;
  EXPECT_EQ(to_text(report, false),
            "64 KiB written and verified in 2 s (32 KiB programmed, 4 KiB of it put back, "
            "16 KiB/s)");
}

TEST(Report, TellsNoRateOfAFewBytes) {
  EXPECT_EQ(to_text(report_of(65'536, 8), false),
            "64 KiB written and verified in 2 s (8 bytes programmed)");
  EXPECT_EQ(to_text(report_of(1024, 1024), false), "1 KiB written and verified in 2 s");
  EXPECT_EQ(to_text(report_of(2048, 2048), false), "2 KiB written and verified in 2 s (1 KiB/s)");
  EXPECT_EQ(to_text(report_of(8, 8), false), "8 bytes written and verified in 2 s");
}

}  // namespace
}  // namespace flashhost
