#include "app/surroundings.hpp"

#include "temporary_folder.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace flashhost {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class SurroundingsTest : public ::testing::Test {
 protected:
  void put(const char *file, const char *text) const {
    fs::create_directories((root() / file).parent_path());
    std::ofstream(root() / file) << text;
  }
  [[nodiscard]] const fs::path &root() const { return folder_.path(); }
  [[nodiscard]] Surroundings found() const { return surroundings(root()); }

 private:
  const bench::TemporaryFolder folder_;
};

TEST_F(SurroundingsTest, AComputerNeedsNoHint) {
  EXPECT_EQ(found(), Surroundings::computer);
  put("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  EXPECT_EQ(found(), Surroundings::computer);
  EXPECT_EQ(hint_of(found()), "");
}

TEST_F(SurroundingsTest, AContainerIsToldHowToGetTheDevice) {
  put("run/.containerenv", "");
  EXPECT_EQ(found(), Surroundings::container);
  EXPECT_THAT(std::string(hint_of(found())), HasSubstr("--device-cgroup-rule='c 189:* rmw'"));
}

TEST_F(SurroundingsTest, ADockerContainerIsOneToo) {
  put(".dockerenv", "");
  EXPECT_EQ(found(), Surroundings::container);
}

TEST_F(SurroundingsTest, UnderWslWindowsHandsOverTheDevice) {
  put("proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n");
  put(".dockerenv", "");
  EXPECT_EQ(found(), Surroundings::wsl);
  EXPECT_THAT(std::string(hint_of(found())), HasSubstr("usbipd attach --wsl"));
}

}  // namespace
}  // namespace flashhost
