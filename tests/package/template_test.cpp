// `flashhost new`, from the installed package alone: what it makes builds, by the commands that it
// prints, passes the conformance kit and flashes a simulated board as it stands.
#include "installed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

using testing::HasSubstr;
using testing::Not;

class Template : public Installed {
 protected:
  // Made once, in a folder of its own, and built, tested and tried by the commands that it says.
  static fs::path made(const std::string &kind, const std::string &id) {
    fs::path source = folder() / (kind + "-" + id);
    if (fs::exists(source)) return source;
    const Outcome made = flashhost(folder(), "new " + kind + " " + id);
    EXPECT_EQ(made.exit_code, 0) << made.output;
    std::string script = "set -e\n";
    std::istringstream lines(made.output);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("    ")) script += line + "\n";
    }
    std::ofstream(folder() / "steps.sh") << script;
    const Outcome tried = run("cd " + quoted(folder()) +
                              " && env CXX=" COMPILER " CXXFLAGS='" SANITIZE_FLAGS
                              "' CMAKE_GENERATOR=Ninja sh steps.sh");
    EXPECT_EQ(tried.exit_code, 0) << script << tried.output;
    EXPECT_THAT(tried.output, HasSubstr("100% tests passed"));
    EXPECT_THAT(tried.output, HasSubstr("written and verified"));
    return source;
  }
  // What the simulated flash holds after board.toml was flashed on a new board.
  static std::string flash(const fs::path &source, const std::string &options, Outcome &outcome) {
    const fs::path state = source / "build/board.flash";
    fs::remove(state);
    outcome = flashhost(source, "--plugin-dir build/plugins -c board.toml " + options);
    std::ifstream file(state, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

class TemplateOfAFamily : public Template {
 protected:
  // The same content by the loader and through the probe alone.
  static void expect_both_ways_agree(const std::string &chip, std::size_t size) {
    SCOPED_TRACE(chip);
    const fs::path source = made("family", "my-chip");
    const std::string part = "--set transport.settings.chip=" + chip;
    Outcome by_loader, direct;
    const std::string content = flash(source, part, by_loader);
    EXPECT_EQ(by_loader.exit_code, 0) << by_loader.output;
    EXPECT_THAT(by_loader.output, HasSubstr("912 bytes written and verified"));
    EXPECT_THAT(by_loader.output, Not(HasSubstr("no loader can run")));
    EXPECT_EQ(content.size(), size);
    const std::string without = flash(
        source, part + " --set 'transport.settings.faults=[\"bad_sram=0x20000041\"]'", direct);
    EXPECT_EQ(direct.exit_code, 0) << direct.output;
    EXPECT_THAT(direct.output, HasSubstr("no loader can run"));
    EXPECT_EQ(without, content);
  }
};

TEST_F(TemplateOfAFamily, FlashesBothPartsByItsLoaderAndWithoutTheSame) {
  expect_both_ways_agree("MYCHIP32C", std::size_t{16} * 1024);
  expect_both_ways_agree("MYCHIP32P", std::size_t{32} * 1024);
}

TEST_F(TemplateOfAFamily, NamesProtectionAndLiftsItWhenAsked) {
  const fs::path source = made("family", "my-chip");
  for (const std::string fault : {"read_protected", "write_protected=1"}) {
    SCOPED_TRACE(fault);
    const std::string board = "--set 'transport.settings.faults=[\"" + fault + "\"]'";
    Outcome refused, lifted;
    (void)flash(source, board, refused);
    EXPECT_EQ(refused.exit_code, 7) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("protection is on (FMC_OPT 0x000"));
    (void)flash(source, board + " --set flash.unlock=true", lifted);
    EXPECT_EQ(lifted.exit_code, 0) << lifted.output;
  }
}

TEST_F(TemplateOfAFamily, SaysWhatItsStatusRegisterSays) {
  const fs::path source = made("family", "my-chip");
  Outcome stuck;
  (void)flash(source, "--set 'transport.settings.faults=[\"stuck_busy\"]'", stuck);
  EXPECT_EQ(stuck.exit_code, 8) << stuck.output;
  EXPECT_THAT(stuck.output, HasSubstr("BUSY: an operation is still going on (FMC_STATUS"));
}

TEST_F(TemplateOfAFamily, StaysWithinTheLengthThatAFamilyMayHave) {
  const auto lines = [](const char *file) {
    std::ifstream text(std::string(SOURCE_DIR) + "/sdk/template/family/" + std::string(file));
    return std::count(std::istreambuf_iterator<char>(text), {}, '\n');
  };
  EXPECT_LE(lines("plugin.cpp"), 200);
  EXPECT_LE(lines("loader.c"), 120);
  EXPECT_LE(lines("model.cpp"), 150);
}

TEST_F(TemplateOfAFamily, IsBegunInTheGuideByTheCommandsThatNewSays) {
  std::ifstream file(std::string(SOURCE_DIR) + "/docs/writing-a-family.md");
  std::string guide{std::istreambuf_iterator<char>(file), {}};
  const std::size_t from = guide.find("```sh\n") + 6;
  guide = guide.substr(from, guide.find("```", from) - from);
  const std::string first = "/opt/flashhost/bin/flashhost new family acme\n";
  ASSERT_TRUE(guide.starts_with(first)) << guide;
  std::istringstream said(flashhost(folder(), "new family acme").output);
  std::string commands = first;
  for (std::string line; std::getline(said, line);) {
    if (line.starts_with("    ")) commands += line.substr(4) + "\n";
  }
  const std::string here = prefix().string();
  for (std::size_t at = 0; (at = commands.find(here)) != std::string::npos;) {
    commands.replace(at, here.size(), "/opt/flashhost");
  }
  EXPECT_EQ(guide, commands);
}

TEST_F(Template, OfATransportFlashesThroughItsServer) {
  const fs::path source = made("transport", "my-probe");
  std::ifstream text(source / "plugin.cpp");
  EXPECT_LE(std::count(std::istreambuf_iterator<char>(text), {}, '\n'), 250);
  const Outcome listed = run("cd " + quoted(source) + " && build/server -- " + quoted(program()) +
                             " --plugin-dir build/plugins -c board.toml list probes");
  EXPECT_EQ(listed.exit_code, 0) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("MYPROBE-1"));
}

TEST_F(Template, OfAFormatFlashesItsSample) {
  const fs::path source = made("format", "acme");
  Outcome flashed;
  const std::string content = flash(source, "", flashed);
  EXPECT_EQ(flashed.exit_code, 0) << flashed.output;
  EXPECT_EQ(content.substr(0, 4), "\x01\x02\x03\xFF");
}

}  // namespace
}  // namespace flashhost
