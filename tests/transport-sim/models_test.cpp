// Chip models as files: where they are looked for, and what is said when one is not there.
#include "sim_fixture.hpp"

#include <flashhost/machine/models.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace flashhost::sim {
namespace {

namespace fs = std::filesystem;
using machine::Models;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ModelFiles : public testing::Test {
 protected:
  // A copy of a model that was built, or of a fixture.
  fs::path install(const char *from) {
    const fs::path to = fs::path(folder_.path()) / fs::path(from).filename();
    fs::copy_file(from, to);
    return to;
  }
  [[nodiscard]] Models load() const { return Models::load({folder_.path()}); }
  [[nodiscard]] std::string problem_of_the_only_file() const {
    const Models models = load();
    EXPECT_TRUE(models.all().empty());
    EXPECT_EQ(models.problems().size(), 1U);
    return models.problems().empty() ? "" : models.problems().front();
  }

  TemporaryFolder folder_;
};

std::string refusal(const Models &models, const std::string &part) {
  try {
    (void)models.with_part(part);
  } catch (const std::invalid_argument &problem) {
    return problem.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST_F(ModelFiles, AreFoundByTheNamesOfTheirParts) {
  install(MODEL_F1);
  install(MODEL_F4);
  const Models models = load();
  EXPECT_EQ(models.problems(), std::vector<std::string>{});
  EXPECT_EQ(models.flash_size("STM32F103CB"), 128U * 1024);
  EXPECT_EQ(models.flash_size("STM32F407VG"), 1024U * 1024);
  EXPECT_EQ(models.first_part(), "STM32F103CB");
}

TEST_F(ModelFiles, AreNotLookedForUnderANameThatNoPluginMayHave) {
  const fs::path model = install(MODEL_F1);
  for (const std::string &id :
       {std::string("-x"), std::string("X"), std::string("a b"), std::string(65, 'a')}) {
    fs::copy_file(model, model.parent_path() / ("model-" + id + ".so"));
  }
  fs::remove(model);
  EXPECT_TRUE(load().all().empty());
  EXPECT_EQ(load().problems(), std::vector<std::string>{});
}

TEST_F(ModelFiles, BuiltAsFilesHaveWhatTheyHaveInThisProcess) {
  for (const char *file : {MODEL_F0, MODEL_F1, MODEL_F3, MODEL_F4, MODEL_L4}) install(file);
  const Models models = load();
  EXPECT_EQ(models.part_names(), test::models().part_names());
  EXPECT_EQ(models.rule_names(), test::models().rule_names());
  EXPECT_EQ(models.fault_names(), test::models().fault_names());
}

TEST_F(ModelFiles, AModelLivesAsLongAsABoardThatIsMadeOfIt) {
  install(MODEL_F4);
  machine::Config config;
  config.part = "STM32F407VG";
  config.model = load().with_part(config.part);
  std::vector<std::uint8_t> flash(1024 * 1024, 0xFF);
  machine::Target target(config, flash);
  config.model.reset();
  target.advance(std::chrono::milliseconds(5));
  EXPECT_EQ(target.connect(), machine::Ack::ok);
}

TEST_F(ModelFiles, AChipThatNoneHasIsToldWithTheNearestAndWhereTheyWereLookedFor) {
  install(MODEL_F4);
  EXPECT_THAT(refusal(load(), "STM32F407VC"),
              AllOf(HasSubstr("no model has a part \"STM32F407VC\""),
                    HasSubstr("the nearest is STM32F407V"), HasSubstr("f4 (STM32F4)"),
                    HasSubstr(folder_.path())));
  EXPECT_THAT(refusal(Models::load({"/nonexistent"}), "STM32F407VG"),
              AllOf(HasSubstr("There are no chip models"), HasSubstr("/nonexistent")));
}

TEST_F(ModelFiles, OfTwoWithOneIdTheFirstCounts) {
  install(MODEL_F1);
  const TemporaryFolder other;
  fs::copy_file(MODEL_F1, fs::path(other.path()) / "model-f1.so");
  EXPECT_EQ(Models::load({folder_.path(), other.path()}).all().size(), 1U);
}

TEST_F(ModelFiles, OneThatIsNoLibraryIsPassedOverAndTold) {
  write_file(folder_.file("model-text.so"), "not a library");
  write_file(folder_.file("notes.txt"), "not a model");
  EXPECT_THAT(problem_of_the_only_file(), HasSubstr("model-text.so: "));
}

TEST_F(ModelFiles, APluginUnderTheNameOfAModelIsPassedOverBeforeItsCodeRuns) {
  fs::copy_file(SIM_PLUGIN, folder_.file("model-sim.so"));
  EXPECT_THAT(problem_of_the_only_file(), HasSubstr("no flashhost chip model"));
}

TEST_F(ModelFiles, ALinkToOneIsPassedOverAsALinkToAPluginIs) {
  fs::create_symlink(MODEL_F1, folder_.file("model-f1.so"));
  EXPECT_THAT(problem_of_the_only_file(), HasSubstr("symbolic link"));
}

TEST_F(ModelFiles, AreTakenFromTheHostsPluginFolders) {
  class FolderHost : public testing::QuietHost {
   public:
    explicit FolderHost(std::string folder) : folder_(std::move(folder)) {}
    [[nodiscard]] std::vector<std::string> plugin_folders() const override { return {folder_}; }

   private:
    std::string folder_;
  };
  install(MODEL_F4);
  FolderHost host(folder_.path());
  SimTransport transport(host);
  transport.configure(make_settings({{"chip", std::string("STM32F407VG")}}));
  EXPECT_THAT(transport.list(), testing::SizeIs(1));
}

TEST_F(ModelFiles, OneOfAnotherVersionIsPassedOverAndTold) {
  install(MODEL_OTHER_ABI);
  EXPECT_THAT(problem_of_the_only_file(), HasSubstr("another version of the machine"));
}

TEST_F(ModelFiles, OneWithAForeignNameIsPassedOverAndTold) {
  fs::rename(install(MODEL_F1), folder_.file("model-f9.so"));
  EXPECT_THAT(problem_of_the_only_file(), HasSubstr("its id is \"f1\""));
}

TEST_F(ModelFiles, OneThatOthersCanWriteIsNotLoaded) {
  fs::permissions(install(MODEL_F1), fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(problem_of_the_only_file(), HasSubstr("it can be written by others"));
}

TEST_F(ModelFiles, OneInAFolderThatOthersCanWriteIsNotLoaded) {
  install(MODEL_F1);
  fs::permissions(folder_.path(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(problem_of_the_only_file(),
              HasSubstr("its folder is not safe: it can be written by others"));
}

TEST_F(ModelFiles, AreTakenFromTheFolderOfTheSettings) {
  install(MODEL_F4);
  testing::RecordingHost host;
  SimTransport transport(host);
  transport.configure(make_settings({{"model_dir", std::string(".")}}, folder_.path()));
  EXPECT_THAT(transport.list(),
              ElementsAre(ProbeDescription{
                  "SIM-STM32F401CB", "simulated ST-Link", "STM32F401CB", {}, {}, {}, true}));
}

TEST_F(ModelFiles, WithoutAnyTheTransportSaysWhatIsMissing) {
  testing::RecordingHost host;
  SimTransport transport(host);
  const Error error = error_of([&] {
    transport.configure(make_settings({{"model_dir", std::string(".")}}, folder_.path()));
  });
  EXPECT_EQ(error.code(), Errc::config);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("no chip models"), HasSubstr(folder_.path())));
  EXPECT_THAT(error.hint(), HasSubstr("model_dir"));
}

}  // namespace
}  // namespace flashhost::sim
