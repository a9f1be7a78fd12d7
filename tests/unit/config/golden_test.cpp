// Each board file of tests/golden/config is refused with exactly the text beside it: the message,
// then the hint. NAME.set holds arguments of --set, one a line. FLASHHOST_UPDATE_GOLDEN=1 writes
// the texts anew.
#include "support.hpp"

#include <config/config.hpp>

#include <sstream>

namespace flashhost::config {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto &entry : fs::directory_iterator(GOLDEN_FOLDER)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class GoldenConfig : public testing::TestWithParam<std::string> {};

TEST_P(GoldenConfig, is_refused_with_this_text) {
  const fs::path file = fs::path(GOLDEN_FOLDER) / (GetParam() + ".toml");
  std::vector<std::string> sets;
  std::istringstream lines(test::read_text(fs::path(file).replace_extension(".set")));
  for (std::string line; std::getline(lines, line);) sets.push_back(line);

  std::string found;
  try {
    static_cast<void>(parse_config(test::read_text(file), "board.toml", {}, test::of_sets(sets)));
    FAIL() << file << " is accepted";
  } catch (const Error &error) {
    EXPECT_EQ(exit_code(error.code()), 2);
    found = std::string(error.what()) + "\n" + error.hint() + "\n";
  }
  const fs::path golden = fs::path(file).replace_extension(".txt");
  if (std::getenv("FLASHHOST_UPDATE_GOLDEN") != nullptr)
    std::ofstream(golden, std::ios::binary) << found;
  EXPECT_EQ(found, test::read_text(golden));
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenConfig, testing::ValuesIn(golden_names()),
                         [](const auto &file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace flashhost::config
