// scripts/survivors on cheap rows: the pages that it writes, and flashhost's place in them.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class Survivors : public Desk {
 protected:
  std::string page(const std::string &kind, const std::vector<std::string> &rows) {
    std::vector<std::string> words{PYTHON,    SURVIVORS,       "--page",   kind,
                                   "--build", BUILD_DIRECTORY, "--output", path("page.md")};
    for (const std::string &row : rows) words.insert(words.end(), {"--only", row});
    const Outcome outcome = run_process(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const Flash bytes = read_file("page.md");
    return {bytes.begin(), bytes.end()};
  }
};

// The three programs on the F1 and on the F4, flashhost last.
std::string line_of(const char *row) {
  return fmt::format(R"(\| {}[^|]+\| [^|]+\|( [a-z*]+ \|){{2}} ok \|( [a-z*]+ \|){{2}} ok \|)",
                     row);
}

TEST_F(Survivors, page_has_a_line_for_each_row_and_flashhost_survives) {
  EXPECT_THAT(page("stlink", {"8", "11"}),
              AllOf(HasSubstr("Made by `scripts/survivors`"), HasSubstr("st-flash 1."),
                    HasSubstr("OpenOCD 0."), HasSubstr("| flashhost | 6 | 0 | 0 | 0 | 0 |"),
                    ContainsRegex(line_of("8 . .A flash controller locked until reset.")),
                    ContainsRegex(line_of("11 . .NRST not wired."))));
}

TEST_F(Survivors, have_a_page_on_cmsisdap_probes) {
  EXPECT_THAT(page("cmsisdap", {"11"}),
              AllOf(HasSubstr("on CMSIS-DAP probes"), HasSubstr("pyOCD 0."),
                    HasSubstr("OpenOCD 0."), HasSubstr("| flashhost | 2 | 0 | 0 | 0 | 0 |"),
                    ContainsRegex(line_of("11 . .NRST not wired."))));
}

// Two tables. A new chip must also run its firmware: flashhost alone starts it on all of them.
TEST_F(Survivors, have_a_page_on_more_series) {
  EXPECT_THAT(page("f0-f3-g0-l4", {"35"}),
              AllOf(HasSubstr("on STM32F0, F3, G0 and L4"), HasSubstr("## F0 and F3"),
                    HasSubstr("## G0 and L4"), HasSubstr("| OpenOCD | 3 | 0 | 0 | 0 | 4 |"),
                    HasSubstr("| flashhost | 7 | 0 | 0 | 0 | 0 |")));
}

}  // namespace

}  // namespace flashhost::testing
