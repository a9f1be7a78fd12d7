// In docs/writing-a-*.md a block of code that names a file, "```cpp transport/plugin.cpp", is text
// of that file of sdk/template, word for word.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path &file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

struct Block {
  std::string file;  // empty: the fence names none
  std::string language;
  std::string code;
  int line = 0;
};

std::vector<Block> blocks_of(const fs::path &page) {
  std::vector<Block> blocks;
  std::ifstream lines(page);
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (!inside) continue;
      std::istringstream words(line.substr(3));
      Block block;
      block.line = number;
      words >> block.language >> block.file;
      blocks.push_back(block);
    } else if (inside) {
      blocks.back().code += line + '\n';
    }
  }
  return blocks;
}

TEST(WritingGuides, ShowTheTemplatesOwnCode) {
  int compared = 0;
  for (const auto &entry : fs::directory_iterator(DOCS)) {
    if (!entry.path().filename().string().starts_with("writing-a-")) continue;
    for (const Block &block : blocks_of(entry.path())) {
      const std::string where = entry.path().filename().string() + ":" + std::to_string(block.line);
      if (block.language != "cpp" && block.language != "c" && block.file.empty()) continue;
      ASSERT_FALSE(block.file.empty()) << where << ": the fence of this code names no file";
      const std::string text = text_of(fs::path(TEMPLATES) / block.file);
      ASSERT_FALSE(text.empty()) << where << ": there is no sdk/template/" << block.file;
      EXPECT_NE(text.find(block.code), std::string::npos)
          << where << ": sdk/template/" << block.file << " has no such text:\n"
          << block.code;
      ++compared;
    }
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
