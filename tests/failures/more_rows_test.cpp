// Rows 29, 31, 33 and 38, and the report that started it all.
#include "on_each.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Row29 : public OnEach {
 protected:
  Row29() {
    bench.put(0, firmware(65'000, 1));    // the last sector keeps bytes of it
    bench.image(0, firmware(60'333, 2));  // so much that a busy computer sends all signals in time
    bench.pace = 1;
    bench.faults = {"flash_time=maximum"};
  }
};

TEST_P(Row29, ASignalEndsItSafelyAndTheNextRunCompletes) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Outcome outcome = bench.signalled(signal, 1);
    EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr("interrupted"), HasSubstr("The chip is partly written."),
                      HasSubstr("\"Interrupted\"")));
    bench.expect_rest_untouched(outcome);
    bench.expect_tidy(outcome);
  }
  const Outcome second = bench.flashhost();
  bench.expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("an earlier run on this chip was interrupted"));
}

TEST_P(Row29, AKilledRunIsCompletedByTheNextWithWhatWasToBeKept) {
  for (const std::uint64_t after : {1ULL, 9'000ULL}) {
    const Outcome outcome = bench.signalled(SIGKILL, after);
    EXPECT_EQ(outcome.exit_code, 128 + SIGKILL) << outcome.err;
    bench.expect_rest_untouched(outcome);
    const Bytes now = bench.flash();
    EXPECT_EQ(Bytes(now.begin(), now.begin() + 8), Bytes(8, 0xFF)) << "it must not boot";
  }
  bench.expect_done(bench.flashhost());
}

TEST_P(Row29, ALostSupplyIsNamedAndTheNextRunCompletes) {
  for (const char *moment : {"1", "3", "500"}) {
    bench.faults = {std::string("power_loss_at=") + moment};
    const Outcome outcome = bench.flashhost({"-v"});
    EXPECT_THAT(outcome.exit_code, ::testing::AnyOf(5, 6)) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("The chip is partly written."));
    bench.expect_rest_untouched(outcome);
  }
  bench.faults.clear();
  bench.expect_done(bench.flashhost());
}

INSTANTIATE_TEST_SUITE_P(Boards, Row29, every_bench(), bench_name);
INSTANTIATE_TEST_SUITE_P(Others, Row29, others_in_process(), bench_name);
INSTANTIATE_TEST_SUITE_P(CmsisDap, Row29, one_over_cmsisdap(f1_board), bench_name);

class Row31 : public OnEach {
 protected:
  Row31() {
    bench.put(0, firmware(2000, 1));
    bench.image(0, firmware(3000, 2));
  }
  void expect_named(const std::vector<std::string> &texts) {
    const Outcome outcome = bench.flashhost();
    EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
    for (const std::string &text : texts) EXPECT_THAT(outcome.err, HasSubstr(text));
    bench.expect_untouched(outcome);
  }
};

TEST_P(Row31, AProbeThatAnotherProgramHoldsIsNamed) {
  if (bench.way == Way::cmsisdap_v1) return;  // see is_tried
  bench.faults = {"busy"};
  expect_named({"in use by another program", "\"Several probes, or one in use\""});
}

TEST_P(Row31, OneThatIsNotThereIsNamed) {
  bench.transport = "serial = \"0700\"";
  expect_named({"serial number", "0700"});
}

TEST_P(Row31, OfTwoTheRightOneHasToBeNamed) {
  if (bench.way == Way::in_process) return;  // the simulated transport has one probe
  bench.options = {"--serial", "0669FF3031", "--serial", "0669FF4041"};
  if (over_cmsisdap(bench.way)) {
    expect_named({"2 CMSIS-DAP probes are plugged in", "--probe", "0669FF3031", "0669FF4041"});
  } else {
    expect_named({"2 ST-Links are plugged in", "--probe", "0669FF303100000000000000",
                  "0669FF404100000000000000"});
  }
}

INSTANTIATE_TEST_SUITE_P(Boards, Row31, every_bench(), bench_name);
INSTANTIATE_TEST_SUITE_P(CmsisDap, Row31,
                         one_over_cmsisdap(f1_board, {Way::cmsisdap_v2, Way::cmsisdap_v1}),
                         bench_name);

class Row38 : public OnEach {
 protected:
  Row38() {
    bench.put(0, firmware(60'000, 1));
    bench.image(0, firmware(40'333, 2));  // the last sector keeps bytes of the old firmware
  }
  [[nodiscard]] std::filesystem::path state() const { return bench.directory.path() / "state"; }
  [[nodiscard]] std::filesystem::path journal() const {
    for (const auto &entry : std::filesystem::directory_iterator(state() / "flashhost")) {
      if (entry.path().extension() == ".journal") return entry.path();
    }
    return {};
  }
};

TEST_P(Row38, WhereNoJournalCanBeWrittenNothingIsErased) {
  std::ofstream(state()) << "in the way";
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("Not a directory"), HasSubstr("XDG_STATE_HOME"),
                                 HasSubstr("\"Disk space and file permissions\"")));
  bench.expect_untouched(outcome);
  std::filesystem::remove(state());
  bench.expect_done(bench.flashhost());
}

TEST_P(Row38, AJournalThatCannotBeReadIsNamedAndNothingIsLost) {
  EXPECT_EQ(bench.signalled(SIGKILL, 9'000).exit_code, 128 + SIGKILL);
  const Bytes half = bench.flash();
  const std::filesystem::path file = journal();
  ASSERT_FALSE(file.empty());
  std::filesystem::rename(file, bench.directory.path() / "aside");
  std::filesystem::create_symlink(file, file);
  const Outcome outcome = bench.flashhost();
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("cannot be used"), HasSubstr("--discard-journal"),
                                 HasSubstr("\"Disk space and file permissions\"")));
  EXPECT_TRUE(bench.flash() == half);
  std::filesystem::rename(bench.directory.path() / "aside", file);
  bench.expect_done(bench.flashhost());
}

INSTANTIATE_TEST_SUITE_P(Boards, Row38, every_bench(), bench_name);

// The boards of this row have two banks.
struct BankCase {
  const char *name;
  BenchBoard board;
  std::vector<std::string> faults;
};

class Row33 : public ::testing::TestWithParam<std::tuple<BankCase, Way>> {};

TEST_P(Row33, BothBanksAreWrittenAndLockedAgain) {
  const auto &[banks, way] = GetParam();
  Bench bench(banks.board, way);
  bench.faults = banks.faults;
  const auto half = static_cast<std::uint32_t>(banks.board.flash_size / 2);
  bench.put(0, firmware(5000, 1));
  bench.put(half - 2048, data(5000, 3));
  bench.image(0, firmware(3001, 2));
  bench.image(half - 1001, data(3000, 4));  // across both
  const Outcome outcome = bench.flashhost({"-v"});
  bench.expect_done(outcome);
  bench.expect_tidy(outcome);
}

const BankCase xl{"xl", {"STM32F103RG", 1024 * kib, 2 * kib}, {}};

std::string bank_name(const ::testing::TestParamInfo<std::tuple<BankCase, Way>> &info) {
  const auto &[banks, way] = info.param;
  return std::string(banks.name) + "_" + name_of(way);
}

INSTANTIATE_TEST_SUITE_P(
    Banks, Row33,
    ::testing::Combine(
        ::testing::Values(
            xl, BankCase{"f429_2M", {"STM32F429ZI", 2048 * kib, 16 * kib}, {}},
            BankCase{"f429_1M", {"STM32F429ZG", 1024 * kib, 16 * kib}, {"dual_bank"}},
            BankCase{"f429_second", {"STM32F429ZI", 2048 * kib, 16 * kib}, {"boot_bank2"}},
            BankCase{"l476_second", l4_board, {"boot_bank2"}},
            BankCase{"l4r5", {"STM32L4R5ZI", 2048 * kib, 4 * kib}, {}},
            BankCase{"l4r5_single", {"STM32L4R5ZI", 2048 * kib, 8 * kib}, {"single_bank"}},
            BankCase{"g474", g4_board, {}},
            BankCase{"g474_single", {"STM32G474RE", 512 * kib, 4 * kib}, {"single_bank"}},
            BankCase{"g0b1", {"STM32G0B1RE", 512 * kib, 2 * kib}, {}}),
        ::testing::Values(Way::in_process, Way::stlink)),
    bank_name);
INSTANTIATE_TEST_SUITE_P(CmsisDap, Row33, one_over_cmsisdap(xl), bank_name);

// Of the F1 only the XL-density chips have a memory protection unit.
class Xl : public ::testing::TestWithParam<const char *> {};

TEST_P(Xl, Row20_ItsMemoryProtectionIsRecoveredFrom) {
  Bench bench(xl.board, Way::in_process);
  bench.faults = {"mpu"};
  bench.flash_options = GetParam();
  bench.put(0, firmware(5000, 1));
  bench.image(0, firmware(3001, 2));
  bench.expect_done(bench.flashhost());
}

INSTANTIATE_TEST_SUITE_P(Resets, Xl, ::testing::Values("", "reset = \"none\"\n"));

// stlink issue 356, and what made it worse: a size register that lies, a firmware whose SysTick is
// on, a probe without NRST, 42,368 bytes.
class Report : public ::testing::TestWithParam<Way> {};

TEST_P(Report, Row01_TheReportThatStartedItEndsWell) {
  Bench bench(f1_board, GetParam());
  bench.faults = {"flash_size_register=2D28", "systick=1000", "nrst_not_wired"};
  bench.put(0, firmware(100'000, 1));
  bench.image(0, firmware(42'368, 2));
  const Outcome outcome = bench.flashhost();
  bench.expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("the flash size register reads 0x2d28"),
                                 HasSubstr("written and verified in"), Not(HasSubstr("error"))));
}

INSTANTIATE_TEST_SUITE_P(Ways, Report, ::testing::Values(Way::in_process, Way::stlink),
                         [](const auto &param) { return name_of(param.param); });

}  // namespace

}  // namespace flashhost::testing
