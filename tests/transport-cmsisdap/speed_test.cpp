// How long a whole job takes over a virtual CMSIS-DAP probe, in the model's time, beside the time
// that the flash itself needs, or the wire where that is slower.
#include "dap_rig.hpp"
#include "pattern.hpp"

#include <flashhost/machine/target.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace flashhost::cmsisdap {
namespace {

using namespace std::chrono_literals;
using virtual_cmsisdap::Pipes;

constexpr std::size_t kib = 1024;

struct Row {
  const char *name;
  const char *probe;
  Pipes pipes;
  const char *part;
  const char *family;
  std::size_t size;
  int millivolts;  // as the board file says; 0: nothing
  double most;     // times the larger of the flash's and the wire's time
};

class DapSpeed : public testing::TestWithParam<Row> {};

TEST_P(DapSpeed, IsThatOfTheFlashOrOfTheWire) {
  const Row &row = GetParam();
  auto personality = *virtual_cmsisdap::find_personality(row.probe);
  personality.pipes = row.pipes;
  test::DapRig rig(personality, row.part);
  rig.millivolts = row.millivolts;
  const Bytes before = testing::pattern(row.size, 1), wanted = testing::pattern(row.size, 2);
  rig.start_anew(before, {});
  constexpr std::uint32_t flash_base = 0x08000000;
  const Image image = merge({{"image", {{{flash_base, wanted}}, std::nullopt}}});
  const bench::QuickFolder folder;
  testing::RecordingHost host(Level::info);
  const testing::JobEnd end =
      testing::flash(rig, host, row.family, image, folder.path() / "journal");
  ASSERT_EQ(end.error, "");
  EXPECT_TRUE(std::ranges::equal(wanted, rig.flash().first(row.size)));

  // Over HID: 14 words in each report, one report a millisecond.
  constexpr std::size_t in_report = 56;
  const Nanoseconds flash = rig.probe().target().statistics().busy;
  const Nanoseconds wire = row.pipes == Pipes::v1 ? row.size / in_report * 1ms : Nanoseconds(0);
  const double ratio = static_cast<double>(end.duration.count()) /
                       static_cast<double>(std::max(flash, wire).count());
  std::cout << fmt::format("{}: {}, flash {}, wire {}: {:.3f}\n", row.name,
                           format_duration(end.duration), format_duration(flash),
                           format_duration(wire), ratio);
  EXPECT_LE(ratio, row.most);
}

INSTANTIATE_TEST_SUITE_P(
    All, DapSpeed,
    testing::Values(
        Row{"F103_v2", "daplink", Pipes::v2, "STM32F103CB", "f1", 120 * kib, 3300, 1.10},
        Row{"F407_v2", "daplink", Pipes::v2, "STM32F407VG", "f4", 512 * kib, 3300, 1.10},
        Row{"F103_v1", "daplink", Pipes::v1, "STM32F103CB", "f1", 120 * kib, 3300, 1.15},
        Row{"F407_v1", "daplink", Pipes::v1, "STM32F407VG", "f4", 512 * kib, 3300, 1.14},
        Row{"F103_high_speed", "mcu-link", Pipes::v2, "STM32F103CB", "f1", 120 * kib, 3300, 1.10},
        Row{"F407_high_speed", "mcu-link", Pipes::v2, "STM32F407VG", "f4", 512 * kib, 3300, 1.10},
        // It has no reset line: each reset is tried in vain first.
        Row{"F103_no_reset", "debugprobe", Pipes::v2, "STM32F103CB", "f1", 120 * kib, 3300, 1.14}),
    [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::cmsisdap
