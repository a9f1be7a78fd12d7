// The guides show code: all of it stands in the template that they are about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace flashhost {
namespace {

namespace fs = std::filesystem;

const fs::path source = SOURCE_FOLDER;

std::string text_of(const fs::path &file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of(const fs::path &guide) {
  std::vector<Block> blocks;
  bool inside = false;
  std::istringstream lines(text_of(guide));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), ""});
    } else if (inside) {
      blocks.back().text += line + "\n";
    } else {
      EXPECT_FALSE(line.starts_with("    ")) << guide << ": code that is in no block: " << line;
    }
  }
  EXPECT_FALSE(inside) << guide << " has a block without an end";
  return blocks;
}

// The files of a template, each with a line's end before its first line.
std::vector<std::string> files_of(const std::string &kind) {
  std::vector<std::string> texts;
  for (const auto &entry : fs::recursive_directory_iterator(source / "sdk/template" / kind)) {
    if (entry.is_regular_file()) texts.push_back("\n" + text_of(entry.path()));
  }
  return texts;
}

// At least so many blocks of code.
void expect_code_of_template(const std::string &guide, const std::string &kind, int least) {
  const std::vector<std::string> files = files_of(kind);
  int compared = 0, commands = 0;
  for (const Block &block : blocks_of(source / "docs" / guide)) {
    if (block.language == "sh") {  // the package test compares the first
      ++commands;
      continue;
    }
    ++compared;
    const bool found = std::ranges::any_of(files, [&](const std::string &text) {
      return text.find("\n" + block.text) != std::string::npos;
    });
    EXPECT_TRUE(found) << guide << ": not in sdk/template/" << kind << ":\n" << block.text;
  }
  EXPECT_GE(compared, least) << guide;
  EXPECT_EQ(commands, 1) << guide;
}

TEST(WritingAFamily, ShowsTheTemplatesOwnCode) {
  expect_code_of_template("writing-a-family.md", "family", 5);
}

TEST(WritingATransport, ShowsTheTemplatesOwnCode) {
  expect_code_of_template("writing-a-transport.md", "transport", 5);
}

TEST(WritingAPlugin, ShowsTheTemplatesOwnCode) {
  expect_code_of_template("plugin-authors.md", "format", 0);
}

}  // namespace
}  // namespace flashhost
