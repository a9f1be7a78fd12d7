// Every line of --json and of --report is as docs/json.schema.json says, and has no key that it
// does not name.
#include "board.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace flashhost::testing {
namespace {

class Schema : public Board {
 protected:
  // Of any end; the lines are kept.
  void run(const std::vector<std::string> &words) {
    std::vector<std::string> all{"--json"};
    all.insert(all.end(), words.begin(), words.end());
    lines_ += flashhost(all).out;
  }
  [[nodiscard]] Outcome judged() const {
    const auto file = directory.path() / "lines.jsonl";
    std::ofstream(file) << lines_;
    return run_process({PYTHON, VALIDATOR, JSON_SCHEMA, file.string()});
  }
  std::string lines_;
};

TEST_F(Schema, DescribesTheLinesOfEveryVerbAndOfTheReport) {
  put(0, firmware(20'000, 1));
  image(100, firmware(3000, 2));
  const std::string report = (directory.path() / "jobs.jsonl").string();
  const std::string dump = (directory.path() / "dump.hex").string();
  const std::string made = (directory.path() / "made").string();
  const std::vector<std::vector<std::string>> all{
      {"-vv", "plan"},
      {"--report", report},
      {"--report", report},
      {"verify", "--report", report},
      {"verify", "--fast"},
      {"read", "-o", dump},
      {"info"},
      {"reset"},
      {"option"},
      {"option", "set", "WDG_SW=0", "--yes"},
      {"option", "restore", "--yes"},
      {"protect", "--range", "0x08000000:4K", "--yes"},
      {"unprotect"},
      {"list", "plugins"},
      {"list", "chips", "f103"},
      {"list", "probes"},
      {"erase", "--range", "0x08000000:5K", "--report", report},
      {"erase"}};
  for (const auto &words : all) run(words);
  lines_ += run_process({FLASHHOST_PROGRAM, "--json", "new", "family", "schema", made}).out;
  // Errors, of the command line, too.
  for (const auto &words : all) {
    auto wrong = words;
    wrong.emplace_back("--frobnicate");
    run(wrong);
  }
  for (const auto &words : all) {
    auto wrong = words;
    wrong.insert(wrong.end(), {"--set", "transport.plugin=none"});
    run(wrong);
  }
  settings += "faults = [\"usb_unplug_at=100\"]\n";
  run({"--report", report});
  run({"info"});
  std::ifstream reported(report);
  lines_.append(std::istreambuf_iterator<char>(reported), {});
  const Outcome outcome = judged();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  for (const char *event : {"step", "progress", "message", "result", "done", "error", "sector",
                            "plan", "info", "option", "plugin", "chip", "probe", "next", "job"}) {
    EXPECT_THAT(outcome.out, ::testing::HasSubstr(std::string(event) + ": ")) << "never seen";
  }
}

TEST_F(Schema, RefusesWhatItDoesNotKnow) {
  for (const char *line : {R"({"event":"step","name":"x","total_bytes":0,"more":1})",
                           R"({"event":"step","name":"x","total_bytes":"0"})",
                           R"({"event":"step","name":"x"})", R"({"event":"other"})", "no JSON"}) {
    lines_ = std::string(line) + "\n";
    EXPECT_EQ(judged().exit_code, 1) << line;
  }
}

}  // namespace
}  // namespace flashhost::testing
