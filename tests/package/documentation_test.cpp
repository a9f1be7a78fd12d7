// The installed documentation is complete, and its links lead to what is installed.
#include "installed.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <regex>
#include <set>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

std::vector<fs::path> pages_in(const fs::path &folder) {
  std::vector<fs::path> pages;
  for (const auto &entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  return pages;
}

// Without code, in which brackets mean something else.
std::string prose_of(const fs::path &page) {
  std::ifstream file(page);
  std::string prose;
  bool code = false;
  for (std::string line; std::getline(file, line);) {
    const bool fence = line.starts_with("```");
    code = code != fence;
    if (!code && !fence) prose += line + "\n";
  }
  return prose;
}

// What follows # in a link to a heading: its words in lower case, joined by hyphens.
std::set<std::string> anchors_of(const fs::path &page) {
  std::istringstream lines(prose_of(page));
  std::set<std::string> anchors;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#")) continue;
    std::string anchor;
    for (const char c : line.substr(line.find(' ') + 1)) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == ' ') anchor += '-';
      if (std::isalnum(byte) || c == '-' || c == '_') {
        anchor += static_cast<char>(std::tolower(byte));
      }
    }
    anchors.insert(anchor);
  }
  return anchors;
}

// Returns how many links the pages have.
int expect_links_lead_somewhere(const std::vector<fs::path> &pages) {
  int links = 0;
  const std::regex link(R"(\]\(([^)#]*)(#([^)]*))?\))");
  for (const fs::path &page : pages) {
    const std::string prose = std::regex_replace(prose_of(page), std::regex("`[^`]*`"), "");
    for (std::sregex_iterator it(prose.begin(), prose.end(), link), end; it != end; ++it) {
      const std::string file = (*it)[1], anchor = (*it)[3];
      if (file.starts_with("http")) continue;
      ++links;
      const fs::path target = file.empty() ? page : page.parent_path() / file;
      EXPECT_TRUE(fs::exists(target)) << page << " links to " << file;
      if (!anchor.empty()) {
        EXPECT_TRUE(anchors_of(target).contains(anchor)) << page << ": " << file << " #" << anchor;
      }
    }
  }
  return links;
}

TEST_F(Installed, LinksLeadToWhatIsInstalled) {
  EXPECT_GE(expect_links_lead_somewhere(pages_in(prefix())), 50);
}

TEST(TheTree, LinksLeadToWhatItHas) {
  const fs::path root = SOURCE_DIR;
  std::vector<fs::path> pages{root / "README.md", root / "ARCHITECTURE.md",
                              root / "CONTRIBUTING.md"};
  for (const char *folder : {"docs", "plugins", "sdk", "tests", "integrations"}) {
    for (const fs::path &page : pages_in(root / folder)) pages.push_back(page);
  }
  EXPECT_GE(expect_links_lead_somewhere(pages), 50);
}

TEST_F(Installed, HasAllGuidesAndAPageForEachPlugin) {
  const fs::path root = SOURCE_DIR, installed = prefix() / "share/doc/flashhost";
  for (const fs::path &page : pages_in(root / "docs")) {
    EXPECT_TRUE(fs::exists(installed / fs::relative(page, root / "docs"))) << page;
  }
  for (const fs::path &plugin : plugin_files(plugins())) {
    EXPECT_TRUE(fs::exists(installed / plugin.stem().concat(".md"))) << plugin;
  }
  EXPECT_TRUE(fs::exists(installed / "virtual-stlink.md"));
  EXPECT_TRUE(fs::exists(installed / "virtual-cmsisdap.md"));
}

}  // namespace
}  // namespace flashhost
