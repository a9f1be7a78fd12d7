// Who keeps whom alive, what is unloaded when, and what happens when a destructor throws.
#include "corpus.hpp"
#include "plugin/guard.hpp"

namespace flashhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Lifetime : public Corpus {};

TEST_F(Lifetime, PluginIsUnloadedWithItsLastObject) {
  const auto file = install("transport-misbehaving.so");
  {
    const Loaded<Transport> loaded = loader().transport("misbehaving");
    EXPECT_TRUE(is_loaded(file));
  }
  EXPECT_FALSE(is_loaded(file));
  EXPECT_THAT(*lines_, ElementsAre("transport destroyed"));
}

TEST_F(Lifetime, ProbeKeepsItsTransportAndLibraryAlive) {
  const auto file = install("transport-misbehaving.so");
  std::unique_ptr<Probe> probe = loader().transport("misbehaving").object->open({});
  EXPECT_TRUE(is_loaded(file));
  EXPECT_EQ(probe->read_word(0), 0xA5A5A5A5U);
  lines_->clear();
  probe.reset();
  EXPECT_FALSE(is_loaded(file));
  EXPECT_THAT(*lines_, ElementsAre("trace: close()", "probe closed", "transport destroyed"));
}

TEST_F(Lifetime, ErrorOutlivesThePluginThatThrewIt) {
  const auto file = install("transport-misbehaving.so");
  const Error error = error_of([&] {
    const Loaded<Transport> loaded = loader().transport("misbehaving");
    loaded.object->configure(
        Settings({{"call", std::string("list"), ""}, {"how", std::string("error"), ""}}));
    (void)loaded.object->list();
  });
  EXPECT_FALSE(is_loaded(file));
  EXPECT_STREQ(error.what(), "the wire is cut");
}

TEST_F(Lifetime, DestroyThatThrowsIsContainedAndSaid) {
  const auto file = install("format-destroy_throws.so");
  (void)loader().format("destroy_throws");
  EXPECT_FALSE(is_loaded(file));
  EXPECT_THAT(*lines_, ElementsAre("plugin destroy_throws broke its contract: its destroy threw an "
                                   "exception of type (anonymous namespace)::Foreign"));
}

// C++ ends the program when a destructor throws. What can be done is to say who did it.
using Terminating = Lifetime;

TEST_F(Terminating, DestructorThatThrowsEndsTheProgramNamingThePlugin) {
  install("format-destructor_throws.so");
  EXPECT_EXIT(
      {
        install_terminate_handler();
        (void)loader().format("destructor_throws");
      },
      testing::ExitedWithCode(10),
      "error: plugin destructor_throws ended the program in destroy: std::runtime_error: thrown by "
      "a "
      "destructor");
}

TEST_F(Terminating, ProbeWhoseDestructorThrowsEndsTheProgramNamingThePlugin) {
  install("transport-misbehaving.so");
  EXPECT_EXIT(
      {
        install_terminate_handler();
        const Loaded<Transport> loaded = loader().transport("misbehaving");
        loaded.object->configure(
            Settings({{"call", std::string("close"), ""}, {"how", std::string("foreign"), ""}}));
        (void)loaded.object->open({});
      },
      testing::ExitedWithCode(10),
      "error: plugin misbehaving ended the program in close: an exception of type "
      "misbehaving::Foreign");
}

TEST_F(Lifetime, AllOfAKindAreLoadedAndTheUnusableWarnedAbout) {
  install("format-good.so");
  install("format-misbehaving.so");
  install("format-wrong_abi.so");
  const auto newer = install("format-newer.so");
  install("transport-misbehaving.so");
  write("notes.txt", "not a plugin");
  const std::vector<Loaded<Format>> formats = loader().formats();
  std::vector<std::string> ids;
  for (const auto &format : formats) ids.push_back(format.id);
  EXPECT_THAT(ids, ElementsAre("good", "misbehaving"));
  EXPECT_THAT(
      *lines_,
      ElementsAre(
          HasSubstr(newer.string() + " is refused because it is no plugin for this flashhost"),
          HasSubstr("format-wrong_abi.so is refused because it does not match this flashhost")));
}

TEST_F(Lifetime, ListShowsWhatIsUsableAndWhyTheRestIsNot) {
  install("format-good.so");
  install("format-wrong_abi.so");
  write("format-Capital.so", "");
  write("model-f1.so", "a chip of the simulator");
  const std::vector<PluginRow> rows = loader().list();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].problem,
            "its name is not <kind>-<id>.so with kind transport, family, format or model");
  EXPECT_EQ(rows[1].name, (PluginName{PluginKind::format, "good"}));
  EXPECT_EQ(rows[1].version, "1.0");
  EXPECT_EQ(rows[1].summary, "of the corpus");
  EXPECT_EQ(rows[1].problem, "");
  EXPECT_THAT(rows[2].problem, HasSubstr("is refused because it does not match this flashhost"));
  EXPECT_EQ(rows[2].version, "");
  EXPECT_EQ(rows[3].name, (PluginName{PluginKind::model, "f1"}));
  EXPECT_THAT(rows[3].problem,
              HasSubstr("model-f1.so is refused because it is no plugin for this flashhost"));
}

TEST_F(Lifetime, ListRunsNoCodeOfWhatIsRefusedBeforeGateThree) {
  install("format-newer.so");
  install("format-no_section.so");
  std::filesystem::permissions(install("format-good.so"), std::filesystem::perms(0666));
  EXPECT_EQ(loader().list().size(), 3U);
  EXPECT_FALSE(code_has_run());
}

TEST_F(Lifetime, FirstFolderOfTheSearchPathDecides) {
  const auto first = install("format-good.so");
  const auto second = folder_ / "second";
  std::filesystem::create_directory(second);
  std::filesystem::copy_file(first, second / "format-good.so");
  const PluginLoader both({folder_, second}, [](const std::string &) { return nullptr; }, user_);
  const std::vector<PluginRow> rows = both.list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].problem, "");
  EXPECT_EQ(rows[1].problem, first.string() + " comes first in the search path");
  // A refused first one is an error, not a reason to take the next.
  std::filesystem::permissions(first, std::filesystem::perms(0666));
  EXPECT_THAT(error_of([&] { (void)both.format("good"); }).what(),
              HasSubstr("its file cannot be trusted"));
}

}  // namespace
}  // namespace flashhost
