// --timeline: where the time of a job went, whatever its end.
#include "board.hpp"
#include "last_line.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

namespace flashhost::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class Timed : public Board {
 protected:
  [[nodiscard]] std::string path(const std::string &name) const {
    return (directory.path() / name).string();
  }
  [[nodiscard]] json timeline() const {
    std::ifstream stream(path("t.json"));
    return json::parse(stream);
  }
  Outcome timed(std::vector<std::string> words) {
    words.insert(words.end(), {"--timeline", path("t.json"), "--timeline", path("t.svg")});
    return flashhost(words);
  }
  // Both files are whole.
  void expect_files(int exit_code) const {
    const json job = timeline();
    EXPECT_EQ(job.at("exit_code"), exit_code);
    expect_sums(job);
    const Outcome judged = run_process({PYTHON, VALIDATOR, JSON_SCHEMA, path("t.json")});
    EXPECT_EQ(judged.exit_code, 0) << judged.out;
    const Outcome parsed = run_process(
        {PYTHON, "-c", "import sys, xml.dom.minidom as x; x.parse(sys.argv[1])", path("t.svg")});
    EXPECT_EQ(parsed.exit_code, 0) << parsed.err;
  }

 private:
  static std::int64_t exclusive(const json &sums) {
    std::int64_t all = 0;
    for (const char *part : {"flash_only", "wire", "usb", "host", "idle"}) {
      all += sums.at(part).get<std::int64_t>();
    }
    return all;
  }
  static void expect_sums(const json &job) {
    std::int64_t at = 0;
    std::map<std::string, std::int64_t> sums;
    for (const json &step : job.at("steps")) {
      EXPECT_EQ(step.at("begin"), at);
      at = step.at("end");
      EXPECT_EQ(exclusive(step), at - step.at("begin").get<std::int64_t>()) << step;
      for (const auto &[key, value] : step.items()) {
        if (value.is_number()) sums[key] += value.get<std::int64_t>();
      }
    }
    EXPECT_EQ(job.at("total"), at);
    for (const auto &[key, value] : job.at("sums").items()) EXPECT_EQ(value, sums[key]) << key;
    for (const auto &[name, lane] : job.at("lanes").items()) {
      std::int64_t busy = 0;
      for (const json &one : lane.at("intervals")) busy += one.at(2).get<std::int64_t>();
      EXPECT_EQ(busy, job.at("sums").at(name == "flash" ? "flash_busy" : name)) << name;
    }
  }
};

class TimelineOfAJob : public Timed {
 protected:
  TimelineOfAJob() {
    put(0, firmware(128 * 1024, 1));
    image(100, firmware(6000, 2));
  }
};

double milliseconds(const std::string &text, const std::string &pattern) {
  std::smatch match;
  const std::regex regex(pattern + R"( (\d+(?:\.\d+)?) ms)");
  return std::regex_search(text, match, regex) ? std::stod(match[1]) : -1;
}

TEST_F(TimelineOfAJob, HasTheFlashAsBusyAsItIs) {
  const Outcome outcome = timed({"-v"});
  expect_done(outcome);
  expect_files(0);
  const json job = timeline();
  const double model = milliseconds(outcome.err, "units programmed, busy");
  EXPECT_GT(model, 100) << outcome.err;
  EXPECT_NEAR(job.at("sums").at("flash_busy").get<double>() / 1e6, model, 0.05 * model);
  EXPECT_NEAR(job.at("flash_expected").get<double>() / 1e6, model, 0.05 * model);
  EXPECT_EQ(job.at("chip"), "STM32F103xB");
  EXPECT_EQ(job.at("flash").at("erased_sectors"), 6);
  EXPECT_GT(job.at("sums").at("wire"), 0);
  EXPECT_GT(job.at("sums").at("flash_only"), 0);
  EXPECT_EQ(job.at("sums").at("host"), 0) << "the simulator's time stands still meanwhile";
}

TEST_F(TimelineOfAJob, TakesNoTimeOfTheSimulator) {
  const Outcome with = timed({"-v"});
  std::filesystem::remove(directory.path() / "flash.bin");
  const Outcome without = flashhost({"-v"});
  const std::string last = with.err.substr(with.err.find("model: "));
  EXPECT_THAT(without.err, HasSubstr(last));
}

// Its flash often waits for the probe.
TEST_F(Timed, AFastFlashIsBusyAsLongAsItIs) {
  chip = "STM32F407VG";
  flash_size = 1024 * kib;
  image(0, firmware(40'000, 2));
  const Outcome outcome = timed({"-v"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_files(0);
  const double model = milliseconds(outcome.err, "units programmed, busy");
  EXPECT_NEAR(timeline().at("sums").at("flash_busy").get<double>() / 1e6, model, 0.05 * model);
}

TEST_F(TimelineOfAJob, SaysNothingPrivate) {
  expect_done(timed({}));
  const Bytes picture = content("t.svg");
  for (const std::string &text : {timeline().dump(), std::string(picture.begin(), picture.end())}) {
    EXPECT_THAT(text, Not(HasSubstr(directory.path().string())));
    EXPECT_THAT(text, Not(HasSubstr("image0")));
    EXPECT_THAT(text, Not(HasSubstr("SIM-STM32F103CB"))) << "the serial number";
    EXPECT_THAT(text, HasSubstr("erasing and programming"));
  }
}

TEST_F(TimelineOfAJob, IsWrittenForOtherVerbsToo) {
  EXPECT_EQ(timed({"verify"}).exit_code, 9);
  expect_files(9);
  EXPECT_EQ(timed({"verify", "--fast"}).exit_code, 9);
  expect_files(9);
  EXPECT_EQ(timed({"erase", "--range", "0x08004000:1K"}).exit_code, 0);
  expect_files(0);
  EXPECT_EQ(timed({"read", "-o", path("dump.bin")}).exit_code, 0);
  expect_files(0);
  EXPECT_GE(timeline().at("sums").at("bytes"), 128 * 1024);
}

TEST_F(TimelineOfAJob, IsWrittenWhenTheJobFails) {
  settings += "faults = [\"usb_unplug_at=110\"]\n";
  EXPECT_EQ(timed({}).exit_code, 5);
  expect_files(5);
  EXPECT_GT(timeline().at("sums").at("flash_busy"), 0);
  EXPECT_EQ(timeline().at("chip"), "STM32F103xB") << "what was known by then";
  EXPECT_TRUE(timeline().at("flash").is_null());
}

TEST_F(TimelineOfAJob, IsWrittenWhenTheProbeWasNeverOpened) {
  EXPECT_EQ(timed({"missing.bin"}).exit_code, 4);
  expect_files(4);
  EXPECT_EQ(timeline().at("total"), 0);
}

TEST_F(TimelineOfAJob, KnowsTheFlashWithoutALoader) {
  settings += "faults = [\"bad_sram=0x20000044\"]\n";
  const Outcome outcome = timed({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("through the probe alone"));
  expect_files(0);
  const double model = milliseconds(outcome.err, "units programmed, busy");
  EXPECT_NEAR(timeline().at("sums").at("flash_busy").get<double>() / 1e6, model, 0.05 * model);
}

TEST_F(TimelineOfAJob, ThatCannotBeWrittenStopsTheJobBeforeItBegins) {
  const Outcome outcome = flashhost({"--timeline", "/nowhere/t.json"});
  expect_untouched(outcome, 2);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write /nowhere/t.json"));
  EXPECT_THAT(outcome.err, HasSubstr("Nothing was changed."));
}

TEST_F(TimelineOfAJob, ThatCannotBeWrittenAtTheEndIsTold) {
  // A folder takes the file's name while the job runs.
  const auto make_folder = [&](const std::string &line, pid_t) {
    if (line.find("connecting") != std::string::npos) {
      std::filesystem::create_directory(directory.path() / "t.json");
    }
  };
  const Outcome outcome =
      run_watched(command({"--json", "--timeline", path("t.json")}), environment(), make_folder);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("cannot write"));
  EXPECT_EQ(last_line(outcome.out).at("exit_code"), 2);
  EXPECT_EQ(last_line(outcome.out).at("flash_state"), "written_and_verified");
  EXPECT_TRUE(flash() == wanted());
}

TEST_F(TimelineOfAJob, MayNotTakeThePlaceOfAnotherFile) {
  const std::string board = path("board.json");
  std::filesystem::create_symlink(path("board.toml"), board);
  expect_untouched(flashhost({"--timeline", board}), 2);
  EXPECT_THAT(flashhost({"--timeline", board}).err, HasSubstr("this is a board file"));
  const std::string missing = path("missing.json");
  EXPECT_THAT(flashhost({"--timeline", missing, missing}).err, HasSubstr("this is an image"));
  EXPECT_THAT(flashhost({"--timeline", missing, "--report", missing}).err,
              HasSubstr("this is the file of --report"));
  EXPECT_THAT(flashhost({"--timeline", missing, "--timeline", missing}).err,
              HasSubstr("this is named twice"));
  EXPECT_THAT(flashhost({"read", "-o", missing, "--timeline", missing}).err,
              HasSubstr("this is the file of -o"));
  EXPECT_FALSE(std::filesystem::exists(missing));
}

// FLASHHOST_UPDATE_GOLDEN=1 writes it.
TEST_F(TimelineOfAJob, OfTheExampleIsThePictureOfThePage) {
  const Outcome outcome = run_process(
      {FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config",
       std::string(FLASHHOST_EXAMPLES) + "/blue-pill-sim.toml", "--set",
       "transport.settings.state_file=" + path("demo.bin"), "--timeline", path("t.svg")},
      environment());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Bytes bytes = content("t.svg");
  const std::string made(bytes.begin(), bytes.end());
  if (std::getenv("FLASHHOST_UPDATE_GOLDEN") != nullptr) std::ofstream(TIMELINE_PICTURE) << made;
  std::ifstream stream(TIMELINE_PICTURE);
  const std::string committed{std::istreambuf_iterator<char>(stream), {}};
  const std::regex real_time(R"([0-9.]+ m?s before the probe)");  // the rest is virtual
  EXPECT_EQ(std::regex_replace(made, real_time, ""), std::regex_replace(committed, real_time, ""));
}

}  // namespace
}  // namespace flashhost::testing
