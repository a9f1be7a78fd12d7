#include <app/plugin_template.hpp>
#include <config/support.hpp>
#include <gmock/gmock.h>

#include <fstream>

namespace flashhost {
namespace {

namespace fs = std::filesystem;
namespace test = config::test;
using testing::ElementsAre;
using testing::HasSubstr;

class NewPlugin : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(templates() / "family/deep");
    write("family/acme.h", "class AcmeFamily; // ACME32C, acme");
    write("family/deep/acme.txt", "no name");
  }
  void write(const std::string &file, const std::string &text) const {
    std::ofstream(templates() / file) << text;
  }
  [[nodiscard]] fs::path templates() const { return folder_.path() / "templates"; }
  [[nodiscard]] fs::path target() const { return folder_.path() / "made"; }
  [[nodiscard]] std::string error_of(const std::string &kind, const std::string &id) const {
    return test::error_of(Errc::usage,
                          [&] { return make_plugin(templates(), {kind, id, target()}); });
  }

 private:
  test::Folder folder_;
};

TEST_F(NewPlugin, IsACopyOfTheTemplateUnderItsOwnName) {
  EXPECT_THAT(make_plugin(templates(), {"family", "my-chip", target() / "inside"}),
              ElementsAre("my-chip.h", "deep/my-chip.txt"));
  EXPECT_EQ(test::read_text(target() / "inside/my-chip.h"),
            "class MyChipFamily; // MYCHIP32C, my-chip");
  EXPECT_EQ(test::read_text(target() / "inside/deep/my-chip.txt"), "no name");
}

TEST_F(NewPlugin, MayGoIntoAnEmptyFolder) {
  fs::create_directory(target());
  EXPECT_EQ(make_plugin(templates(), {"family", "x", target()}).size(), 2U);
}

TEST_F(NewPlugin, IsNotPutBesideAnythingElse) {
  fs::create_directory(target());
  std::ofstream(target() / "thesis.txt") << "the only copy";
  EXPECT_THAT(error_of("family", "x"), HasSubstr("there is something in the folder"));
  EXPECT_THAT(error_of("family", "x"), HasSubstr("thesis.txt"));
  EXPECT_EQ(std::distance(fs::directory_iterator(target()), {}), 1);
}

TEST_F(NewPlugin, IsNotPutInPlaceOfAFile) {
  std::ofstream(target()) << "a file";
  EXPECT_THAT(error_of("family", "x"), HasSubstr("is a file, not a folder"));
}

TEST_F(NewPlugin, HasAnIdAsEveryPlugin) {
  for (const std::string id : {"", "Acme", "-x", "a b", "a/b", "..", "\u00e4"}) {
    EXPECT_THAT(error_of("family", id), HasSubstr("is no id of a plugin")) << id;
  }
  EXPECT_FALSE(fs::exists(target()));
}

TEST_F(NewPlugin, WithoutItsTemplateSaysWhereThatShouldBe) {
  EXPECT_THAT(error_of("format", "x"), HasSubstr((templates() / "format").string()));
  EXPECT_FALSE(fs::exists(target()));
}

TEST(TheTemplatesName, BecomesTheIdInAllItsSpellings) {
  EXPECT_EQ(with_id("acme Acme ACME", "foo"), "foo Foo FOO");
  EXPECT_EQ(with_id("family-acme AcmeFamily ACME32C", "stm32_wb-x"),
            "family-stm32_wb-x Stm32WbXFamily STM32WBX32C");
  EXPECT_EQ(with_id("acme Acme ACME", "8051"), "8051 Id8051 ID8051");
  EXPECT_EQ(with_id("acme", "acmeacme"), "acmeacme");
  EXPECT_EQ(with_id("acm", "x"), "acm");
}

TEST(NextSteps, NameThePackagesFolder) {
  EXPECT_THAT(next_steps({"", "/opt/flash host", ""}, "family-x", "family"),
              ElementsAre("cd family-x", "cmake -B build -DCMAKE_PREFIX_PATH='/opt/flash host'",
                          "cmake --build build", "ctest --test-dir build",
                          "'/opt/flash host/bin/flashhost' --plugin-dir build/plugins -c "
                          "board.toml"));
}

TEST(NextSteps, NeedNoFolderWhereCMakeLooksAnyway) {
  for (const char *prefix : {"/usr", "/usr/local"}) {
    EXPECT_THAT(
        next_steps({"", prefix, ""}, "x", "format"),
        ElementsAre("cd x", "cmake -B build", "cmake --build build", "ctest --test-dir build",
                    "flashhost --plugin-dir build/plugins -c board.toml"));
  }
}

TEST(NextSteps, TryATransportWithItsServer) {
  EXPECT_EQ(next_steps({"", "/usr", ""}, "x", "transport").back(),
            "build/server -- flashhost --plugin-dir build/plugins -c board.toml");
}

TEST(NextSteps, FromABuildTreeBeginWithInstallingIt) {
  EXPECT_EQ(next_steps({"", "/src/build/installed", "/src/build"}, "x", "format").front(),
            "cmake --install /src/build --prefix /src/build/installed");
}

TEST(TheTemplates, AreBesideTheInstalledProgramOrInTheSourcesOfTheBuildTree) {
  EXPECT_EQ(find_templates("/opt/x/bin/flashhost").templates, "/opt/x/share/flashhost/template");
  EXPECT_EQ(find_templates("/opt/x/bin/flashhost").prefix, "/opt/x");
  const test::Folder build;
  std::ofstream(build.path() / "CMakeCache.txt")
      << "A:STRING=b\nCMAKE_HOME_DIRECTORY:INTERNAL=/the/source\nC:STRING=d\n";
  const TemplateSource source = find_templates(build.path() / "bin/flashhost");
  EXPECT_EQ(source.templates, "/the/source/sdk/template");
  EXPECT_EQ(source.build, build.path());
}

}  // namespace
}  // namespace flashhost
