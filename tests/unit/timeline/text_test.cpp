#include "timeline/text.hpp"

#include "timeline/recorder.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace flashhost::timeline {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

About a_job() {
  About about;
  about.flashhost = "1.2.3";
  about.verb = "flash";
  about.chip = "ACME32";
  about.probe = "Link <\"A\" & B>";
  about.swd_hz = 4'000'000;
  return about;
}

// Of so many milliseconds, in which everything happens.
Timeline recorded(int milliseconds) {
  Recorder recorder;
  recorder.speed(4'000'000);
  recorder.begin(0ns);
  for (int i = 0; i < milliseconds; ++i) {
    if (i == milliseconds / 3) recorder.step("erasing & programming");
    if (i == 2 * milliseconds / 3) recorder.step("verifying");
    const Nanoseconds now = i * 1ms;
    recorder.call(now + 10us, now + 600us, {64, 19});
    recorder.flash_given(200us);
    recorder.call(now + 620us, now + 900us, {});
    recorder.flash_left(0);
    recorder.sleep(now + 900us, now + 1000us);
  }
  return recorder.timeline();
}

TEST(TimelineJson, HasEveryNumber) {
  const nlohmann::json object = to_json(recorded(30), a_job());
  EXPECT_EQ(object.at("event"), "timeline");
  EXPECT_EQ(object.at("total"), 30'000'000);
  EXPECT_EQ(object.at("chip"), "ACME32");
  EXPECT_EQ(object.at("probe").at("swd_hz"), 4'000'000);
  EXPECT_EQ(object.at("sums").at("calls"), 60);
  EXPECT_EQ(object.at("sums").at("bytes"), 30 * 64);
  EXPECT_EQ(object.at("flash_expected"), 6'000'000);
  ASSERT_EQ(object.at("steps").size(), 3U);
  EXPECT_EQ(object.at("steps")[1].at("begin"), 10'000'000);
  EXPECT_EQ(object.at("lanes").at("flash").at("intervals")[1],
            nlohmann::json({1'600'000, 1'800'000, 200'000}));
  EXPECT_EQ(object.at("lanes").at("flash").at("grain"), 0);
}

TEST(TimelineJson, OfALongJobIsBelowAMegabyte) {
  EXPECT_LT(to_json(recorded(100'000), a_job()).dump().size(), 1'000'000U);
}

TEST(TimelineJson, OfAJobWithoutProbeSaysSo) {
  About about;
  about.verb = "flash";
  about.exit_code = 5;
  const nlohmann::json object = to_json(Recorder().timeline(), about);
  EXPECT_TRUE(object.at("probe").is_null());
  EXPECT_TRUE(object.at("chip").is_null());
  EXPECT_TRUE(object.at("steps").is_array());
  EXPECT_EQ(object.at("total"), 0);
}

TEST(TimelineSvg, ShowsStepsLanesAndSums) {
  const std::string svg = to_svg(recorded(900), a_job());
  EXPECT_THAT(svg, ::testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, HasSubstr("flash ACME32 on Link &lt;&quot;A&quot; &amp; B&gt;"));
  EXPECT_THAT(svg, HasSubstr(">2 erasing &amp; programming</text>"));
  EXPECT_THAT(svg, HasSubstr(">900.0</text>")) << "the time of the whole job";
  EXPECT_THAT(svg, HasSubstr(">20.0 %</text>")) << "the flash";
  EXPECT_THAT(svg, HasSubstr("SWD at 4000 kHz"));
  EXPECT_THAT(svg, Not(HasSubstr("It failed")));
}

TEST(TimelineSvg, HasAPathForEachLaneThatIsUsed) {
  const std::string svg = to_svg(recorded(900), a_job());
  for (const char *color : {"#e8590c", "#1971c2", "#2f9e44", "#9c36b5", "#868e96"}) {
    EXPECT_THAT(svg, HasSubstr("Z\" fill=\"" + std::string(color) + "\"/>"));
  }
}

TEST(TimelineSvg, ALongJobHasSecondsAndIsNoLarger) {
  const std::string svg = to_svg(recorded(60'000), a_job());
  EXPECT_THAT(svg, HasSubstr("times in seconds"));
  EXPECT_THAT(svg, HasSubstr(">60 s</text>"));
  EXPECT_LT(svg.size(), 100'000U);
}

TEST(TimelineSvg, SaysWhenTheJobFailedOrNeverBegan) {
  About about = a_job();
  about.exit_code = 8;
  EXPECT_THAT(to_svg(recorded(9), about), HasSubstr("It failed: exit code 8"));
  const std::string svg = to_svg(Recorder().timeline(), about);
  EXPECT_THAT(svg, HasSubstr("No probe was opened"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace flashhost::timeline
