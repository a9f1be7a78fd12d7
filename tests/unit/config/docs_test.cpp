#include "support.hpp"

#include <config/config.hpp>
#include <gmock/gmock.h>

#include <sstream>

namespace flashhost::config {
namespace {

const std::filesystem::path reference = std::filesystem::path(DOCS_FOLDER) / "board-toml.md";

TEST(BoardFileReference, describes_every_key_in_its_tables_section) {
  const std::string text = test::read_text(reference);
  for (const std::string &key : known_keys()) {
    if (key.ends_with(".settings")) continue;
    const std::size_t dot = key.find('.');
    const std::string title =
        key.starts_with("image.") ? "## `[[image]]`" : "## `[" + key.substr(0, dot) + "]`";
    const std::size_t section = text.find(title);
    ASSERT_NE(section, std::string::npos) << title;
    const std::string body = text.substr(section, text.find("\n## ", section + 1) - section);
    EXPECT_THAT(body, testing::HasSubstr("| `" + key.substr(dot + 1) + "` |")) << key;
  }
}

TEST(BoardFileReference, describes_no_key_that_does_not_exist) {
  std::vector<std::string> names;
  for (const std::string &key : known_keys()) names.push_back(key.substr(key.find('.') + 1));
  std::istringstream lines(test::read_text(reference));
  unsigned rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    ++rows;
    EXPECT_THAT(names, testing::Contains(line.substr(3, line.find('`', 3) - 3)));
  }
  EXPECT_GT(rows, 10U);
}

// Each example that starts with a [transport] or [board] table is a whole board file.
TEST(BoardFileReference, its_whole_examples_are_accepted) {
  std::string text = test::read_text(reference);
  unsigned examples = 0;
  for (std::size_t start = text.find("```toml\n"); start != std::string::npos;
       start = text.find("```toml\n", start + 1)) {
    const std::size_t first = start + 8;
    const std::string example = text.substr(first, text.find("```", first) - first);
    if (!example.starts_with("[board]") && !example.starts_with("[transport]")) continue;
    ++examples;
    EXPECT_NO_THROW(static_cast<void>(parse_config(example, "example", {}, {}))) << example;
  }
  EXPECT_GE(examples, 2U);
}

}  // namespace
}  // namespace flashhost::config
