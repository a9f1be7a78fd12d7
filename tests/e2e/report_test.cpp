// --report: a line for each job, whatever its end.
#include "board.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;

class Report : public Board {
 protected:
  Report() {
    put(0, firmware(128 * 1024, 1));
    image(100, firmware(6000, 2));
  }
  [[nodiscard]] std::string path() const { return (directory.path() / "jobs.jsonl").string(); }
  [[nodiscard]] std::string text() const {
    std::ifstream stream(path());
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] std::vector<nlohmann::json> lines() const {
    std::istringstream stream(text());
    std::vector<nlohmann::json> all;
    for (std::string line; std::getline(stream, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }
  Outcome reported(std::vector<std::string> words) {
    words.insert(words.end(), {"--report", path()});
    return flashhost(words);
  }
};

TEST_F(Report, HasWhatAProductionLogWants) {
  expect_done(reported({}));
  ASSERT_EQ(lines().size(), 1U);
  const nlohmann::json job = lines().front();
  EXPECT_EQ(job.at("verb"), "flash");
  EXPECT_EQ(job.at("exit_code"), 0);
  EXPECT_EQ(job.at("flash_state"), "written_and_verified");
  EXPECT_EQ(job.at("chip").at("name"), "STM32F103xB");
  EXPECT_EQ(job.at("chip").at("device_id"), 0x410);
  EXPECT_EQ(std::string(job.at("chip").at("unique_id")).size(), 24U);
  EXPECT_EQ(job.at("probe").at("serial"), "SIM-STM32F103CB");
  ASSERT_EQ(job.at("images").size(), 1U);
  const nlohmann::json &image = job.at("images").front();
  EXPECT_EQ(image.at("bytes"), 6000);
  EXPECT_EQ(image.at("format"), "bin");
  const Outcome sum = run_process({"/usr/bin/sha256sum", std::string(image.at("file"))});
  EXPECT_EQ(sum.out.substr(0, 64), std::string(image.at("sha256")));
  EXPECT_EQ(job.at("flash").at("image_bytes"), 6000);
  EXPECT_EQ(job.at("flash").at("erased_sectors"), 6);
  EXPECT_EQ(job.at("flash").at("kept_sectors"), 2) << "the first and the last";
  EXPECT_EQ(job.at("flash").at("verified"), "crc");
  EXPECT_EQ(job.at("flash").at("passes"), 1);
  std::vector<std::string> plugins;
  for (const nlohmann::json &plugin : job.at("plugins")) {
    plugins.push_back(std::string(plugin.at("kind")) + "-" + std::string(plugin.at("id")));
    EXPECT_NE(plugin.at("version"), "");
  }
  EXPECT_THAT(plugins, ::testing::UnorderedElementsAre("transport-sim", "family-f1", "format-bin"));
  const Outcome date =
      run_process({"/usr/bin/date", "--utc", "--date=" + std::string(job.at("time")), "+%FT%TZ"});
  EXPECT_EQ(date.out, std::string(job.at("time")) + "\n");
}

TEST_F(Report, HasALineForEachEnd) {
  EXPECT_EQ(reported({"verify"}).exit_code, 9);
  EXPECT_EQ(reported({"erase", "--range", "0x08004000:1K"}).exit_code, 0);
  const std::string before = settings;
  settings += "faults = [\"usb_unplug_at=75\"]\n";
  EXPECT_EQ(reported({}).exit_code, 5);
  settings = before;
  EXPECT_EQ(reported({}).exit_code, 0);
  EXPECT_EQ(reported({"verify"}).exit_code, 0);
  EXPECT_EQ(reported({"missing.bin"}).exit_code, 4);
  const auto all = lines();
  ASSERT_EQ(all.size(), 6U);
  const auto expect = [&](std::size_t i, int code, const char *state) {
    EXPECT_EQ(all[i].at("exit_code"), code) << i;
    EXPECT_EQ(all[i].at("flash_state"), state) << i;
  };
  expect(0, 9, "unchanged");
  expect(1, 0, "written_and_verified");
  expect(2, 5, "partly_written");
  expect(3, 0, "written_and_verified");
  expect(4, 0, "unchanged");
  expect(5, 4, "unchanged");
  EXPECT_TRUE(all[1].at("images").empty()) << "erase uses none";
  EXPECT_FALSE(all[2].at("chip").is_null()) << "what was known by then";
  EXPECT_TRUE(all[2].at("flash").is_null());
  EXPECT_TRUE(all[5].at("chip").is_null());
  EXPECT_EQ(all[5].at("images").front().at("sha256"), "");
}

TEST_F(Report, EndsATornLineAndSaysSo) {
  std::ofstream(path()) << "{\"event\":\"jo";
  const Outcome outcome = reported({});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("was not complete"));
  EXPECT_THAT(text(), ::testing::StartsWith("{\"event\":\"jo\n{"));
}

TEST_F(Report, ThatCannotBeWrittenStopsTheJobBeforeItBegins) {
  const Outcome outcome = flashhost({"--report", "/nowhere/jobs.jsonl"});
  expect_untouched(outcome, 2);
  EXPECT_THAT(outcome.err, HasSubstr("cannot add to /nowhere/jobs.jsonl"));
  EXPECT_THAT(outcome.err, HasSubstr("Nothing was changed."));
}

TEST_F(Report, MayNotBeAnImageNorTheBoardFile) {
  const std::string board = (directory.path() / "board.toml").string();
  expect_untouched(flashhost({"--report", board}), 2);
  EXPECT_THAT(flashhost({"--report", board}).err, HasSubstr("this is a board file"));
  std::filesystem::create_symlink(board, path());
  EXPECT_THAT(reported({}).err, HasSubstr("this is a board file"));
  const std::string missing = (directory.path() / "missing.bin").string();
  EXPECT_THAT(flashhost({"--report", missing, missing}).err, HasSubstr("this is an image"));
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST_F(Report, IsRefusedWhereItHasNoMeaning) {
  const Outcome outcome = reported({"info"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--report is for flash, erase and verify"));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace flashhost::testing
