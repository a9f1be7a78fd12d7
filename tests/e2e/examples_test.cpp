// The example boards of the simulator, but for the blue pill (main_job_test.cpp).
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

struct Example {
  const char *board;
  const char *led;
};

class ExampleBoard : public Board, public ::testing::WithParamInterface<Example> {};

// Over the old firmware, which runs and blinks more often; where the chip has caches, both have
// them on and run from the same lines of the flash.
TEST_P(ExampleBoard, IsFlashedAndItsFirmwareRuns) {
  const Outcome outcome =
      run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config",
                   fmt::format("{}/{}-sim.toml", FLASHHOST_EXAMPLES, GetParam().board), "--set",
                   "transport.settings.state_file=" + (directory.path() / "demo.bin").string()},
                  environment());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(fmt::format("{} toggled 10 times in 1.0 s", GetParam().led)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ExampleBoard,
    ::testing::Values(Example{"nucleo-f401re", "PA5"}, Example{"nucleo-f446re", "PA5"},
                      Example{"discovery-f407", "PD12"}, Example{"black-pill-f411", "PC13"},
                      Example{"nucleo-f303k8", "PB3"}, Example{"discovery-f072", "PC9"},
                      Example{"nucleo-g071rb", "PA5"}, Example{"nucleo-g474re", "PA5"},
                      Example{"nucleo-l476rg", "PA5"}, Example{"nucleo-l432kc", "PB3"},
                      Example{"nucleo-wb55", "PB5"}),
    [](const auto &one) {
      std::string name = one.param.board;
      std::ranges::replace(name, '-', '_');
      return name;
    });

}  // namespace
}  // namespace flashhost::testing
