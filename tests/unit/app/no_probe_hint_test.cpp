#include "app/no_probe_hint.hpp"

#include "temporary_folder.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace flashhost {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class NoProbeHint : public ::testing::Test {
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

TEST_F(NoProbeHint, AComputerNeedsNoHint) {
  EXPECT_EQ(found(), Surroundings());
  put("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  EXPECT_EQ(found(), Surroundings());
  EXPECT_EQ(no_probe_hint(found()), "");
}

TEST_F(NoProbeHint, AContainerIsToldHowToGetTheDevice) {
  put("run/.containerenv", "");
  EXPECT_EQ(found(), (Surroundings{true, false}));
  EXPECT_THAT(std::string(no_probe_hint(found())), HasSubstr("--device-cgroup-rule='c 189:* rmw'"));
}

TEST_F(NoProbeHint, ADockerContainerIsOneToo) {
  put(".dockerenv", "");
  EXPECT_EQ(found(), (Surroundings{true, false}));
}

TEST_F(NoProbeHint, UnderWslWindowsHandsOverTheDevice) {
  put("proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n");
  put(".dockerenv", "");
  EXPECT_EQ(found(), (Surroundings{true, true}));
  EXPECT_THAT(std::string(no_probe_hint(found())), HasSubstr("usbipd attach --wsl"));
}

}  // namespace
}  // namespace flashhost
