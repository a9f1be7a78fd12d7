// Rows 34 to 37: flash with an error correcting code, the empty check, flags of the start-up, two
// banks that change places.
#include "on_each.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr BenchBoard g0b1{"STM32G0B1RE", 512 * kib, 2 * kib};
constexpr BenchBoard l432{"STM32L432KC", 256 * kib, 2 * kib};
constexpr BenchBoard wb55{"STM32WB55RG", 1024 * kib, 4 * kib};

std::vector<Way> ways() {
  std::vector<Way> all{Way::in_process, Way::stlink};
  if (cmsisdap_is_tried) all.push_back(Way::cmsisdap_v2);
  return all;
}

class L4Row : public ::testing::TestWithParam<Way> {};
class Row34 : public L4Row {};
class Row35 : public L4Row {};
class Row36 : public L4Row {};
class Row37 : public L4Row {};

TEST_P(Row34, AWordThatLostPowerIsNamedAndWrittenAgain) {
  Bench bench(g0_board, GetParam());
  bench.put(0, firmware(40'000, 1));
  bench.image(0, firmware(20'333, 2));
  bench.faults = {"torn_word=08000840"};
  const Outcome outcome = bench.flashhost({"-v"});
  bench.expect_done(outcome);
  bench.expect_tidy(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08000840..0x08000847 cannot be read without error"),
                                 HasSubstr("(failure guide, \"Words that lost power\")"),
                                 Not(HasSubstr("trying again")), Not(HasSubstr("no loader"))));
}

TEST_P(Row34, OutsideTheImageItIsNamedAndLeftAlone) {
  Bench bench(g0_board, GetParam());
  bench.put(0, firmware(100'000, 1));
  bench.image(0, firmware(20'333, 2));
  bench.faults = {"torn_word=08010000"};
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  Bytes expected = bench.wanted();
  const Bytes found = bench.flash();
  constexpr std::ptrdiff_t torn = 0x10000, size = 8;
  std::copy_n(found.begin() + torn, size, expected.begin() + torn);  // whatever it holds
  EXPECT_TRUE(found == expected) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08010000..0x08010007 cannot be read without error"),
                                 HasSubstr("left alone")));
}

TEST_P(Row34, WithoutALoaderItIsNamedAndWrittenAgainAsWell) {
  Bench bench(g0_board, GetParam());
  bench.put(0, firmware(4'000, 1));
  bench.image(0, firmware(3'333, 2));
  bench.faults = {"torn_word=08000840", "bad_sram=20000044"};
  const Outcome outcome = bench.flashhost();
  bench.expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0x08000840..0x08000847 cannot be read without error"),
                                 HasSubstr("writing through the probe alone")));
}

TEST_P(Row35, ABlankChipStartsItsFirmwareAfterTheFirstJob) {
  for (const BenchBoard &board : {g0_board, l432}) {
    Bench bench(board, GetParam());
    bench.image(0, firmware(5'000, 2));
    const Outcome outcome = bench.flashhost();
    bench.expect_done(outcome);
    EXPECT_THAT(outcome.err, HasSubstr("the flash was empty at power-on"));
  }
}

TEST_P(Row36, FlagsOfTheStartUpStopNothing) {
  for (const char *fault : {"optverr", "stale_pgserr", "stale_errors"}) {
    for (const char *options : {"", "reset = \"none\"\n"}) {
      Bench bench(wb55, GetParam());
      bench.put(0, firmware(5'000, 1));
      bench.image(0, firmware(3'333, 2));
      bench.faults = {fault};
      bench.flash_options = options;
      const Outcome outcome = bench.flashhost();
      bench.expect_done(outcome);
      EXPECT_THAT(outcome.err, Not(HasSubstr("trying again"))) << fault;
    }
  }
}

TEST_P(Row37, EachPageIsErasedInTheBankThatIsShownThere) {
  Bench bench(g0b1, GetParam());
  const auto half = static_cast<std::uint32_t>(g0b1.flash_size / 2);
  bench.put(0, firmware(5'000, 1));
  bench.put(half - 2'048, data(9'000, 3));
  bench.image(0, firmware(3'001, 2));
  bench.image(half - 1'001, data(3'000, 4));  // across both
  bench.faults = {"swapped_banks"};
  const Outcome outcome = bench.flashhost({"-v"});
  bench.expect_done(outcome);
  bench.expect_tidy(outcome);
}

std::string way_name(const ::testing::TestParamInfo<Way> &info) {
  return name_of(info.param);
}

INSTANTIATE_TEST_SUITE_P(Ways, Row34, ::testing::ValuesIn(ways()), way_name);
INSTANTIATE_TEST_SUITE_P(Ways, Row35, ::testing::ValuesIn(ways()), way_name);
INSTANTIATE_TEST_SUITE_P(Ways, Row36, ::testing::ValuesIn(ways()), way_name);
INSTANTIATE_TEST_SUITE_P(Ways, Row37, ::testing::ValuesIn(ways()), way_name);

}  // namespace

}  // namespace flashhost::testing
