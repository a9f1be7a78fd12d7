// The guide has a section for each row, by the title that messages name, and says of it what a
// reader with a board on the desk wants to know; each switch that it names exists.
#include <flashhost/cause.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

std::string text_of(const char *file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The headings of the rows.
std::map<unsigned, std::string> headings() {
  const std::string guide = text_of(FAILURE_GUIDE);
  const std::regex heading(R"(\n## (\d+)\. (.*))");
  std::map<unsigned, std::string> found;
  for (std::sregex_iterator row(guide.begin(), guide.end(), heading), end; row != end; ++row) {
    found.emplace(std::stoul(row->str(1)), row->str(2));
  }
  return found;
}

std::string section(const std::string &guide, unsigned row) {
  const auto at = guide.find(fmt::format("\n## {}. ", row));
  return guide.substr(at, guide.find("\n## ", at + 1) - at);
}

class Guide : public ::testing::TestWithParam<unsigned> {};

// As many keys as headings, and a key for this one: so each key has a heading, too.
TEST_P(Guide, HasAKeyForIt) {
  EXPECT_EQ(guide_sections().size(), headings().size());
  const std::string title = headings().at(GetParam());
  EXPECT_EQ(std::ranges::count(guide_sections(), title, &GuideSection::title), 1) << title;
}

TEST_P(Guide, SaysWhatAReaderWantsToKnow) {
  const std::string text = section(text_of(FAILURE_GUIDE), GetParam());
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

std::vector<unsigned> rows() {
  std::vector<unsigned> numbers;
  for (const auto &[number, heading] : headings()) numbers.push_back(number);
  return numbers;
}

INSTANTIATE_TEST_SUITE_P(Rows, Guide, ::testing::ValuesIn(rows()),
                         [](const auto &param) { return fmt::format("Row{:02}", param.param); });

}  // namespace

}  // namespace flashhost::testing
