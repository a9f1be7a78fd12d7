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

using testing::AllOf;
using testing::Gt;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

// The commands that `flashhost new` has printed, each a line.
std::string said_commands(const Outcome &made) {
  std::istringstream lines(made.output);
  std::string commands;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("    ")) commands += line.substr(4) + "\n";
  }
  return commands;
}

class Template : public Installed {
 protected:
  // Made once, in a folder of its own, and built, tested and tried by the commands that it says.
  static fs::path made(const std::string &kind, const std::string &id) {
    fs::path source = folder() / (kind + "-" + id);
    if (fs::exists(source)) return source;
    const Outcome made = flashhost(folder(), "new " + kind + " " + id);
    EXPECT_EQ(made.exit_code, 0) << made.output;
    const std::string script = "set -e\n" + said_commands(made);
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
    return content_of(state);
  }
  static std::string content_of(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
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

TEST_F(TemplateOfAFamily, FlashesOverBothVersionsOfCmsisDapWhatItFlashesOnTheSimulatedProbe) {
  const fs::path source = made("family", "my-chip"), state = source / "build/chip.flash";
  Outcome simulated;
  const std::string content = flash(source, "", simulated);
  ASSERT_EQ(simulated.exit_code, 0) << simulated.output;
  for (const std::string version : {"v1", "v2"}) {
    SCOPED_TRACE(version);
    fs::remove(state);
    const Outcome outcome =
        run("cd " + quoted(source) + " && " + quoted(prefix() / "bin/virtual-cmsisdap") +
            " --interface " + version + " --chip MYCHIP32P --model-dir build/plugins --state " +
            quoted(state) + " -- " + quoted(program()) +
            " --plugin-dir build/plugins --no-config firmware.hex");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("912 bytes written and verified"));
    EXPECT_THAT(outcome.output, Not(HasSubstr("no loader can run")));
    EXPECT_EQ(content_of(state), content);
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
  // A file that is not there has none.
  EXPECT_THAT(lines("plugin.cpp"), AllOf(Gt(20), Le(200)));
  EXPECT_THAT(lines("loader.c"), AllOf(Gt(20), Le(120)));
  EXPECT_THAT(lines("model.cpp"), AllOf(Gt(20), Le(150)));
}

// The commands of the guide: those that it shows first under heading.
std::string shown_commands(const std::string &guide, const std::string &heading) {
  std::ifstream file(std::string(SOURCE_DIR) + "/docs/" + guide);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t section = text.find("\n## " + heading + "\n");
  const std::size_t from = text.find("```sh\n", section) + 6;
  return text.substr(from, text.find("```", from) - from);
}

TEST_F(Template, IsBegunInTheGuideByTheCommandsThatNewSays) {
  struct Guide {
    std::string kind, file, heading;
  };
  const fs::path made_here = folder() / "by-the-guides";
  fs::create_directory(made_here);
  const std::string here = prefix().string();
  for (const Guide &guide : {Guide{"family", "writing-a-family.md", "Begin"},
                             {"transport", "writing-a-transport.md", "Start"},
                             {"format", "plugin-authors.md", "A format"}}) {
    std::string commands = here + "/bin/flashhost new " + guide.kind + " acme\n";
    commands += said_commands(flashhost(made_here, "new " + guide.kind + " acme"));
    for (std::size_t at = 0; (at = commands.find(here)) != std::string::npos;) {
      commands.replace(at, here.size(), "/opt/flashhost");
    }
    EXPECT_EQ(shown_commands(guide.file, guide.heading), commands);
  }
}

TEST_F(Template, OfATransportFlashesThroughItsServer) {
  const fs::path source = made("transport", "my-probe");
  std::ifstream text(source / "plugin.cpp");
  EXPECT_THAT(std::count(std::istreambuf_iterator<char>(text), {}, '\n'), AllOf(Gt(20), Le(250)));
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
