// The guide has a section for each row, by the title that messages name, and says of it what a
// reader with a board on the desk wants to know; each switch that it names exists.
#include <flashhost/cause.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <vector>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

std::string text_of(const char *file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string section(const std::string &guide, unsigned row) {
  const std::string heading = fmt::format("\n## {}. {}\n", row, title(static_cast<Cause>(row)));
  const auto at = guide.find(heading);
  if (at == std::string::npos) return {};
  return guide.substr(at, guide.find("\n## ", at + 1) - at);
}

class Guide : public ::testing::TestWithParam<unsigned> {};

TEST_P(Guide, HasASectionForIt) {
  const std::string text = section(text_of(FAILURE_GUIDE), GetParam());
  ASSERT_FALSE(text.empty()) << title(static_cast<Cause>(GetParam()));
  for (const char *part :
       {"**You see**", "**Why**", "**flashhost**", "**You can**", "**Switch**"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_P(Guide, NamesOnlySwitchesThatExist) {
  const std::string text = section(text_of(FAILURE_GUIDE), GetParam());
  const auto at = text.find("**Switch**");
  ASSERT_NE(at, std::string::npos);
  const std::string switches = text.substr(at);
  const std::string known = text_of(SIM_README);
  const std::regex name(R"(`([a-z_0-9]+)(=[^`]*)?`)");
  for (std::sregex_iterator found(switches.begin(), switches.end(), name), end; found != end;
       ++found) {
    EXPECT_THAT(known, HasSubstr("`" + found->str(1))) << "of row " << GetParam();
  }
}

std::vector<unsigned> rows_with_a_page() {
  std::vector<unsigned> rows;
  for (unsigned row = 1; row <= last_cause; ++row) {
    if (!title(static_cast<Cause>(row)).empty()) rows.push_back(row);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Rows, Guide, ::testing::ValuesIn(rows_with_a_page()),
                         [](const auto &param) { return fmt::format("Row{:02}", param.param); });

}  // namespace

}  // namespace flashhost::testing
