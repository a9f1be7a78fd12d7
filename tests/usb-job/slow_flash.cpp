#include "slow_flash.hpp"

#include "flash/image.hpp"
#include "pattern.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost::testing {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

void expect_slow_flash_is_told(UsbRig &rig, const std::string &family) {
  constexpr std::uint32_t flash_base = 0x08000000;
  constexpr std::size_t size = 3000;
  const Bytes before = pattern(size, 1), wanted = pattern(size, 2);
  const Image image = merge({{"image", {{{flash_base, wanted}}, std::nullopt}}});
  const auto told = Contains(
      AllOf(HasSubstr("takes longer than the datasheet's maximum"), HasSubstr("\"Slow flash\"")));
  for (const bool slow : {true, false}) {
    SCOPED_TRACE(slow);
    rig.board_faults = {slow ? "flash_time=4x" : "flash_time=maximum"};
    rig.start_anew(before, {});
    const bench::QuickFolder folder;
    RecordingHost host(Level::info);
    const JobEnd end = flash(rig, host, family, image, folder.path() / "journal");
    EXPECT_EQ(end.error, "");
    EXPECT_TRUE(std::ranges::equal(wanted, rig.flash().first(size)));
    if (slow) {
      EXPECT_THAT(end.warnings, told);
    } else {
      EXPECT_THAT(end.warnings, Not(told));
    }
  }
}

}  // namespace flashhost::testing
