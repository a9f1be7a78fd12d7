// scripts/survivors on two cheap rows: the page that it writes, and flashhost's place in it.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class Survivors : public Desk {};

TEST_F(Survivors, page_has_a_line_for_each_row_and_flashhost_survives) {
  const Outcome outcome = run_process({PYTHON, SURVIVORS, "--build", BUILD_DIRECTORY, "--only", "8",
                                       "--only", "11", "--output", path("page.md")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Flash bytes = read_file("page.md");
  const std::string page(bytes.begin(), bytes.end());
  EXPECT_THAT(page, AllOf(HasSubstr("Made by `scripts/survivors`"), HasSubstr("st-flash 1."),
                          HasSubstr("OpenOCD 0."), HasSubstr("| flashhost | 6 | 0 | 0 | 0 | 0 |")));
  // st-flash, OpenOCD and flashhost, on the F1 and on the F4.
  for (const char *row : {"8 . .A flash controller locked until reset.", "11 . .NRST not wired."}) {
    EXPECT_THAT(
        page,
        ContainsRegex(fmt::format(
            R"(\| {0}[^|]+\| [^|]+\|( [a-z*]+ \|){{2}} ok \|( [a-z*]+ \|){{2}} ok \|)", row)));
  }
}

}  // namespace

}  // namespace flashhost::testing
