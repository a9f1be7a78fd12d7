#include "gates/trust.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flashhost {
namespace {

const User user{1000, 1000};

std::string reason(const FileFacts &facts, const User &who = user) {
  const auto distrust = judge(facts, who, "/plugins/format-x.so");
  return distrust ? distrust->reason : "";
}
std::string remedy(const FileFacts &facts, const User &who = user) {
  return judge(facts, who, "/plugins/format-x.so").value().remedy;
}

TEST(TrustFacts, FilesOfRootAndOfTheUserAreAccepted) {
  EXPECT_EQ(reason({0, 0, S_IFREG | 0755}), "");
  EXPECT_EQ(reason({1000, 1000, S_IFREG | 0644}), "");
  EXPECT_EQ(reason({1000, 100, S_IFREG | 0600}), "");
}

TEST(TrustFacts, FileOfAnotherUserIsRefusedWhateverItsMode) {
  EXPECT_EQ(reason({1001, 1000, S_IFREG | 0600}),
            "it belongs to user 1001, neither to root nor to you");
  EXPECT_EQ(remedy({1001, 1000, S_IFREG | 0600}), "sudo chown 1000 '/plugins/format-x.so'");
}

TEST(TrustFacts, RootRefusesFilesOfOthersToo) {
  const User root{0, 0};
  EXPECT_EQ(reason({1000, 1000, S_IFREG | 0600}, root),
            "it belongs to user 1000, neither to root nor to you");
  EXPECT_EQ(remedy({1000, 1000, S_IFREG | 0600}, root), "chown root '/plugins/format-x.so'");
}

TEST(TrustFacts, WritableByOthersIsRefusedEvenForFilesOfRoot) {
  EXPECT_EQ(reason({0, 0, S_IFREG | 0666}), "it can be written by others (mode 0666)");
  EXPECT_EQ(remedy({0, 0, S_IFREG | 0602}), "chmod o-w '/plugins/format-x.so'");
}

TEST(TrustFacts, WritableByAGroupIsAcceptedOnlyForThePrivateGroup) {
  EXPECT_EQ(reason({1000, 1000, S_IFREG | 0664}), "");
  EXPECT_EQ(reason({1000, 100, S_IFREG | 0664}),
            "it can be written by group 100, which is not your own (mode 0664)");
  EXPECT_EQ(reason({1000, 1000, S_IFREG | 0664}, {1000, std::nullopt}),
            "it can be written by group 1000, which is not your own (mode 0664)");
  EXPECT_EQ(remedy({0, 0, S_IFREG | 0664}), "chmod g-w '/plugins/format-x.so'");
}

TEST(TrustFacts, StickyFolderThatOthersCanWriteIsRefused) {
  EXPECT_EQ(reason({0, 0, S_IFDIR | 01777}), "it can be written by others (mode 1777)");
}

TEST(TrustFacts, UnderSudoTheFilesOfWhoCalledItAreAcceptedAndStillNobodyElses) {
  const User sudo{0, 0, 1000, 1000};
  EXPECT_EQ(reason({1000, 1000, S_IFREG | 0644}, sudo), "");
  EXPECT_EQ(reason({1000, 1000, S_IFREG | 0664}, sudo), "");
  EXPECT_EQ(reason({1000, 100, S_IFREG | 0664}, sudo),
            "it can be written by group 100, which is not your own (mode 0664)");
  EXPECT_EQ(reason({1001, 1001, S_IFREG | 0644}, sudo),
            "it belongs to user 1001, neither to root nor to you");
}

TEST(TrustFacts, WhoCalledSudoIsBelievedOnlyOfRoot) {
  setenv("SUDO_UID", "4242", 1);
  EXPECT_EQ(current_user().caller, geteuid() == 0 ? std::optional<uid_t>(4242) : std::nullopt);
  for (const char *text : {"", "root", "-1", "42x"}) {
    setenv("SUDO_UID", text, 1);
    EXPECT_EQ(current_user().caller, std::nullopt) << text;
  }
  unsetenv("SUDO_UID");
}

TEST(TrustFacts, CurrentUserIsTheEffectiveOne) {
  EXPECT_EQ(current_user().id, geteuid());
}

}  // namespace
}  // namespace flashhost
