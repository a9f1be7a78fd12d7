// The templates of the SDK, from the installed package alone: each builds, passes the conformance
// kit and flashes a simulated board as it stands.
#include "installed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

using testing::HasSubstr;
using testing::Not;

class Template : public Installed {
 protected:
  // As made, in a folder of its own.
  static fs::path made(const std::string &kind) {
    fs::path source = folder() / kind;
    if (!fs::exists(source)) {
      fs::copy(prefix() / "share/flashhost/template" / kind, source, fs::copy_options::recursive);
      configure_and_build(source);
    }
    return source;
  }
  static void expect_conformance(const fs::path &source) {
    const Outcome kit = run("ctest --output-on-failure --test-dir " + quoted(source / "build"));
    EXPECT_EQ(kit.exit_code, 0) << kit.output;
    EXPECT_THAT(kit.output, HasSubstr("100% tests passed"));
    EXPECT_THAT(kit.output, HasSubstr("conformance"));
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

class FamilyTemplate : public Template {
 protected:
  // The same content by the loader and through the probe alone.
  static void expect_both_ways_agree(const std::string &chip, std::size_t size) {
    SCOPED_TRACE(chip);
    const fs::path source = made("family");
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

TEST_F(FamilyTemplate, FlashesBothPartsByItsLoaderAndWithoutTheSame) {
  expect_both_ways_agree("ACME32C", 16 * 1024);
  expect_both_ways_agree("ACME32P", 32 * 1024);
}

TEST_F(FamilyTemplate, NamesProtectionAndLiftsItWhenAsked) {
  const fs::path source = made("family");
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

TEST_F(FamilyTemplate, SaysWhatItsStatusRegisterSays) {
  const fs::path source = made("family");
  Outcome stuck;
  (void)flash(source, "--set 'transport.settings.faults=[\"stuck_busy\"]'", stuck);
  EXPECT_EQ(stuck.exit_code, 8) << stuck.output;
  EXPECT_THAT(stuck.output, HasSubstr("BUSY: an operation is still going on (FMC_STATUS"));
}

TEST_F(FamilyTemplate, PassesTheConformanceKit) {
  expect_conformance(made("family"));
}

TEST_F(FamilyTemplate, StaysWithinTheLengthThatAFamilyMayHave) {
  const auto lines = [](const char *file) {
    std::ifstream text(SOURCE_DIR "/sdk/template/family/" + std::string(file));
    return std::count(std::istreambuf_iterator<char>(text), {}, '\n');
  };
  EXPECT_LE(lines("plugin.cpp"), 200);
  EXPECT_LE(lines("loader.c"), 120);
  EXPECT_LE(lines("model.cpp"), 150);
}

TEST_F(Template, FormatPassesTheConformanceKitAndFlashesItsSample) {
  const fs::path source = made("format");
  expect_conformance(source);
  Outcome flashed;
  const std::string content = flash(source, "", flashed);
  EXPECT_EQ(flashed.exit_code, 0) << flashed.output;
  EXPECT_EQ(content.substr(0, 4), "\x01\x02\x03\xFF");
}

}  // namespace
}  // namespace flashhost
