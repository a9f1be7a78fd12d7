// Stands in for libFuzzer: run_corpus EXPECTED FOLDER... runs each file of the folders through the
// fuzz target once. What comes of those in the first folder must be what EXPECTED says, a line a
// file: "name: outcome". FLASHHOST_UPDATE_GOLDEN=1 writes EXPECTED anew.
#include "check.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path &folder) {
  std::vector<fs::path> files;
  for (const auto &entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string content_of(const fs::path &file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Outcomes may contain what was in the input.
std::string in_one_line(const std::string &text) {
  std::string line;
  for (const char c : text) line += flashhost::fuzz::is_clean({c}) ? c : '?';
  return line;
}

// A line a file.
std::string run(const fs::path &folder) {
  std::string outcomes;
  for (const fs::path &file : files_in(folder)) {
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    const std::string bytes = content_of(file);
    outcomes += file.filename().string() + ": " +
                in_one_line(flashhost::fuzz::outcome_of(
                    {reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()})) +
                "\n";
  }
  return outcomes;
}

// Prints the lines that differ; whether there are none.
bool same(const std::string &expected, const std::string &found) {
  std::istringstream wanted(expected);
  std::istringstream got(found);
  bool equal = true;
  for (std::string a, b; wanted || got; std::getline(wanted, a), std::getline(got, b)) {
    if (wanted && got && a == b) continue;
    if (!wanted && !got) break;
    std::printf("expected %s\n   found %s\n", wanted ? a.c_str() : "nothing",
                got ? b.c_str() : "nothing");
    equal = false;
  }
  return equal;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const std::string found = run(argv[2]);
  for (int i = 3; i < argc; ++i) static_cast<void>(run(argv[i]));
  if (std::getenv("FLASHHOST_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(argv[1], std::ios::binary) << found;
  }
  return !found.empty() && same(content_of(argv[1]), found) ? 0 : 1;
}
