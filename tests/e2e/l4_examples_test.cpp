// Boards whose flash is programmed in double words: the examples, and either bank through the
// loader.
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

struct Banks {
  const char *name;
  const char *chip;
  std::size_t flash;
  const char *faults;
};

class L4Banks : public Board, public ::testing::WithParamInterface<Banks> {
 protected:
  L4Banks() {
    chip = GetParam().chip;
    flash_size = GetParam().flash;
    settings = fmt::format("run_time = \"0s\"\nfaults = [{}]\n", GetParam().faults);
    put(0, firmware(flash_size, 3));  // so that each page that is erased shows
  }
};

TEST_P(L4Banks, APageOfEitherHalfIsWrittenAndAllOthersAreKept) {
  const auto size = static_cast<std::uint32_t>(flash_size);
  image(16 * 1024, firmware(3000, 1));
  image(size / 2 + 16 * 1024, firmware(3000, 2));
  image(size - 1000, firmware(1000, 4));
  expect_done(flashhost());
}

INSTANTIATE_TEST_SUITE_P(
    Chips, L4Banks,
    ::testing::Values(Banks{"G0B1", "STM32G0B1RE", 512 * kib, ""},
                      Banks{"G0B1_swapped", "STM32G0B1RE", 512 * kib, "\"swapped_banks\""},
                      Banks{"L476", "STM32L476RG", 1024 * kib, ""},
                      Banks{"L4R5", "STM32L4R5ZI", 2048 * kib, ""},
                      Banks{"L4R5_single", "STM32L4R5ZI", 2048 * kib, "\"single_bank\""},
                      Banks{"G474", "STM32G474RE", 512 * kib, ""},
                      Banks{"G474_single", "STM32G474RE", 512 * kib, "\"single_bank\""}),
    [](const auto &one) { return std::string(one.param.name); });

}  // namespace
}  // namespace flashhost::testing
