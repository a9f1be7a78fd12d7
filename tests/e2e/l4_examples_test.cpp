// The examples for boards whose flash is programmed in double words.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

struct L4Board {
  const char *file;
  const char *led;
};

class L4Example : public Board, public ::testing::WithParamInterface<L4Board> {};

// Over the old firmware, which runs and blinks more often.
TEST_P(L4Example, IsFlashedAndItsFirmwareRuns) {
  const Outcome outcome =
      run_process({FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config",
                   fmt::format("{}/{}-sim.toml", FLASHHOST_EXAMPLES, GetParam().file), "--set",
                   "transport.settings.state_file=" + (directory.path() / "demo.bin").string()},
                  environment());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(fmt::format("{} toggled 10 times in 1.0 s", GetParam().led)));
}

INSTANTIATE_TEST_SUITE_P(Boards, L4Example,
                         ::testing::Values(L4Board{"nucleo-g071rb", "PA5"},
                                           L4Board{"nucleo-g474re", "PA5"},
                                           L4Board{"nucleo-l476rg", "PA5"},
                                           L4Board{"nucleo-l432kc", "PB3"},
                                           L4Board{"nucleo-wb55", "PB5"}));

}  // namespace
}  // namespace flashhost::testing
