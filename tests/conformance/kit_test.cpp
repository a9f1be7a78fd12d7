// The kit's own face: arguments, messages, results.
#include "../package/shell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace fs = std::filesystem;

namespace flashhost {
namespace {

using testing::HasSubstr;
using testing::Not;

const fs::path plugins = PLUGINS, cases = CASES, kit = KIT;

Outcome conformance(const fs::path &plugin, const std::string &arguments) {
  return run("'" + kit.string() + "' '" + plugin.string() + "' " + arguments);
}

std::string with_case(const fs::path &file) {
  return "--case '" + file.string() + "'";
}

TEST(ConformanceKit, ANameThatIsNoPluginsIsAWrongArgument) {
  const Outcome outcome = conformance("README.md", "");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("<kind>-<id>.so"));
}

TEST(ConformanceKit, AChipModelIsRefusedWithWhatItIsTestedBy) {
  const Outcome outcome = conformance(plugins / "model-f1.so", "");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("model-f1.so is a chip model"));
  EXPECT_THAT(outcome.output, HasSubstr("--model-dir"));
}

TEST(ConformanceKit, TestsRunInTheOrderOfTheLevels) {
  const std::string tests =
      conformance(plugins / "format-bin.so", with_case(cases / "bin.toml") + " --gtest_list_tests")
          .output;
  EXPECT_LT(tests.find("Level0/"), tests.find("Level1/"));
  EXPECT_LT(tests.find("Level1/"), tests.find("Level2/"));
}

TEST(ConformanceKit, AFormatNeedsACaseFileAboveLevelZero) {
  const Outcome without = conformance(plugins / "format-ihex.so", "");
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.output, HasSubstr("--case"));
  EXPECT_EQ(conformance(plugins / "format-ihex.so", "--level 0").exit_code, 0);
}

TEST(ConformanceKit, AKeyOfAnotherKindInTheCaseFileIsNamedWithItsLine) {
  const Outcome outcome =
      conformance(plugins / "format-ihex.so", with_case(cases / "sim-f103cb.toml"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("sim-f103cb.toml:1:1: unknown key \"unmapped\""));
}

TEST(ConformanceKit, JUnitFileHoldsTheSuitesOfThePluginsKindAlone) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "results.xml";
  const Outcome outcome =
      conformance(plugins / "format-bin.so",
                  with_case(cases / "bin.toml") + " --junit '" + file.string() + "'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  std::ifstream stream(file);
  const std::string xml{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_THAT(xml, HasSubstr("FormatConformance"));
  EXPECT_THAT(xml, HasSubstr("failures=\"0\""));
  EXPECT_THAT(xml, Not(HasSubstr("Family")));
  EXPECT_THAT(xml, Not(HasSubstr("Transport")));
  EXPECT_THAT(xml, Not(HasSubstr("notrun")));
}

TEST(ConformanceKit, WithoutAModelAFamilyFailsAndReadsHowToAddOne) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "bin");
  const fs::path copied_kit = folder.path() / "bin/flashhost-conformance";
  const fs::path copied = folder.path() / "family-f1.so";
  fs::copy(kit, copied_kit);
  fs::copy(plugins / "family-f1.so", copied);
  const std::string command = std::string("env -u FLASHHOST_PLUGIN_PATH LD_LIBRARY_PATH='") +
                              LIBRARIES + "' '" + copied_kit.string() + "' '" + copied.string() +
                              "'";
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("flashhost_add_model"));
  EXPECT_THAT(outcome.output, HasSubstr("--model-dir"));
  EXPECT_EQ(run(command + " --level 1").exit_code, 0);
}

}  // namespace
}  // namespace flashhost
