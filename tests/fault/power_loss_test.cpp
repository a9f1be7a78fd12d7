// The supply fails in the middle of every flash operation of a job, and of the job that completes
// it. docs/failures.md, section 29: meanwhile the board boots neither firmware, and then every byte
// is right.
#include "job_on_board.hpp"
#include "sweep.hpp"
#include "unreadable_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace flashhost::testing {
namespace {

struct Row {
  const char *name;
  Scenario (*scenario)();
  bool guarded;          // the image covers the vectors, and they are the last to be programmed
  std::uint64_t step;    // usually, from one operation that is tried to the next
  std::uint64_t stride;  // the same in the next run
  bool ecc = false;      // words that lost power cannot be read without error
  bool returns = false;  // guarded, but the vectors are those of the old firmware, put back
};
void PrintTo(const Row &row, std::ostream *out) {
  *out << row.name;
}

// As small as it can be: each operation costs two jobs.
Scenario code(Series series) {
  Scenario scenario = scenario_of(series);
  std::fill(scenario.before.begin() + 1500, scenario.before.begin() + 3072, std::uint8_t{0xFF});
  scenario.segments = {{flash_base, firmware(600, 2, new_marker)},
                       {flash_base + 1024 + 101, pattern(99, 3)}};
  return scenario;
}
// Nothing of what starts: the old firmware always does.
Scenario data_only(Scenario scenario, std::size_t at, std::size_t size) {
  const auto offset = static_cast<std::uint32_t>(at);
  scenario.segments = {{flash_base + offset, pattern(size, 7)}};
  return scenario;
}
Scenario f0_code() {
  return code(Series::f0);
}
Scenario f1_code() {
  return code(Series::f1);
}
Scenario f3_code() {
  return code(Series::f3);
}
Scenario f1_data() {
  return data_only(f1_code(), 1024 + 101, 301);
}
Scenario f4_data() {
  return data_only(f4_scenario(), 0x4000 + 123, 401);
}

// Two pages or two banks with 1 KiB of the image each, and bytes to keep before or behind it.
Scenario two_kib(Series series) {
  Scenario scenario = scenario_of(series);
  const std::uint32_t second = scenario.segments[1].address;
  scenario.segments = {{flash_base, firmware(1024, 2, new_marker)}, {second, pattern(1024, 3)}};
  return scenario;
}
Scenario g0_code() {
  return two_kib(Series::g0);
}
Scenario g0b_code() {
  return two_kib(Series::g0b);
}
Scenario l4_code() {
  return two_kib(Series::l4);
}
// By a mass erase: nothing else is in the flash.
Scenario g0_mass() {
  Scenario scenario = g0_code();
  scenario.options.erase = EraseMode::automatic;
  std::fill(scenario.before.begin() + 2048, scenario.before.end(), std::uint8_t{0xFF});
  scenario.plan = {flash_base, static_cast<std::uint32_t>(scenario.before.size())};
  return scenario;
}
Scenario g0_data() {
  return data_only(g0_code(), 2048 + 123, 1201);
}
// By a mass erase, and with something else in the flash.
Scenario f1_put_back() {
  return putting_back(f1_code());
}
Scenario g0_put_back() {
  return putting_back(g0_code());
}
// The old firmware is put back, too: three sectors of it, as of a boot loader.
Scenario f1_old_put_back() {
  Scenario scenario = f1_scenario();
  constexpr std::size_t page = 0x1400;
  scenario.before[page] = 0x00;  // so that it has to be erased
  scenario.segments = {{flash_base + page + 101, pattern(301, 7)}};
  return putting_back(std::move(scenario));
}

class PowerLoss : public JobOnBoard, public ::testing::WithParamInterface<Row> {
 protected:
  PowerLoss() : JobOnBoard(GetParam().scenario()) {}

  machine::Target &target() { return board().target(); }
  [[nodiscard]] std::uint64_t operations() {
    const machine::Statistics &done = target().statistics();
    return done.page_erases + done.mass_erases + done.programmed_units;
  }
  // How many operations a job on the board as it is takes.
  [[nodiscard]] std::uint64_t length_of_job() {
    const std::uint64_t before = operations();
    EXPECT_TRUE(job({}).good);
    return operations() - before;
  }

  // A job whose power fails at that operation.
  void fail_at(std::uint64_t operation) {
    target().lose_power_at(operation);
    const JobResult result = job({});
    ASSERT_FALSE(target().powered()) << "the job ended before its operation " << operation;
    ASSERT_FALSE(result.good) << "a success without power";
    ASSERT_TRUE(outside_is_untouched());
  }
  // Switches the board on again, and says what runs. first_erase: nothing but the erase of the boot
  // sector was begun, which by chance leaves all the words of the old program as they were.
  void expect_it_boots(bool first_erase, bool last) {
    const bool guarded = GetParam().guarded;
    const bool spared = first_erase && starts_firmware(now());
    const std::uint32_t marker = marker_after_power_cycle(target());
    const bool returned = GetParam().returns && last;
    if (!guarded) {
      EXPECT_EQ(marker, old_marker) << "the old firmware does not run any more";
    } else if (!spared && !returned) {
      EXPECT_NE(marker, old_marker) << "half of the old firmware runs";
    }
    if (!guarded || !last) {
      EXPECT_NE(marker, new_marker) << "half of the new firmware runs";
    }
  }
  void complete() {
    const JobResult second = job({});
    ASSERT_TRUE(second.good) << "the next run failed: " << second.what;
    ASSERT_TRUE(now() == wanted_) << "after the next run";
    ASSERT_EQ(left_behind(), "");
    const bool is_new = GetParam().guarded && !GetParam().returns;
    EXPECT_EQ(marker_after_power_cycle(target()), is_new ? new_marker : old_marker);
    if (!GetParam().ecc) return;
    Chip chip;
    ASSERT_TRUE(run({}, [&](Target &connected, Observer &) {
                  chip = connected.chip();
                  return FlashReport();
                }).good);
    ASSERT_EQ(target().connect(), machine::Ack::ok);
    EXPECT_TRUE(unreadable_words(target(), chip, chip.flash).empty());
    target().power_cycle();
    const JobResult third = job({});
    EXPECT_EQ(third.report.programmed_bytes, 0U) << "not every word can be read";
    EXPECT_EQ(third.messages.find("cannot be read without error"), std::string::npos);
  }
};

TEST_P(PowerLoss, AtEveryOperationBootsNothingHalfAndTheNextRunCompletes) {
  const std::uint64_t last = length_of_job();
  ASSERT_GT(last, 100U);
  const SweepPlaces tried = sweep_places(GetParam().step);
  for (std::uint64_t operation = tried.first; operation <= last; operation += tried.step) {
    SCOPED_TRACE(operation);
    start_anew();
    fail_at(operation);
    if (HasFatalFailure()) return;
    expect_it_boots(operation == 1, operation == last);
    complete();
    if (HasFailure()) return;
  }
}

TEST_P(PowerLoss, AgainInTheNextRunLosesNothingEither) {
  const std::uint64_t last = length_of_job();
  const SweepPlaces tried = sweep_places(GetParam().stride);
  for (const std::uint64_t first : {std::uint64_t{1}, std::uint64_t{2}, last / 2, last - 1}) {
    SCOPED_TRACE(first);
    start_anew();
    fail_at(first);
    if (HasFatalFailure()) return;
    target().power_cycle();
    const std::uint64_t more = length_of_job();
    for (std::uint64_t second = 1 + (tried.first - 1) % more; second <= more;
         second += tried.step) {
      SCOPED_TRACE(second);
      start_anew();
      fail_at(first);
      if (HasFatalFailure()) return;
      target().power_cycle();
      fail_at(second);
      if (HasFatalFailure()) return;
      expect_it_boots(first == 1 && second == 1, second == more);
      complete();
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Boards, PowerLoss,
    ::testing::Values(
        Row{"f0", f0_code, true, 27, 135}, Row{"f1", f1_code, true, 3, 15},
        Row{"f1_data", f1_data, false, 3, 11}, Row{"f3", f3_code, true, 27, 135},
        Row{"f4", f4_scenario, true, 3, 27}, Row{"f4_data", f4_data, false, 3, 27},
        Row{"f4_clear", clearing_f4_scenario, true, 3, 27}, Row{"g0", g0_code, true, 9, 162, true},
        Row{"g0_mass", g0_mass, true, 27, 324, true}, Row{"g0b", g0b_code, true, 9, 162, true},
        Row{"g0_data", g0_data, false, 3, 27, true}, Row{"l4", l4_code, true, 54, 324, true},
        Row{"f1_put_back", f1_put_back, true, 27, 135},
        Row{"f1_old_put_back", f1_old_put_back, true, 54, 270, false, true},
        Row{"g0_put_back", g0_put_back, true, 27, 324, true}),
    [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::testing
