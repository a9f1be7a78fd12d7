#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <usb-common/usb_access.hpp>

#include <fstream>

namespace flashhost::usb {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char *rule = "70-flashhost-stlink.rules";

// The root of a computer, as far as it matters here.
class UsbAccessTest : public testing::Test {
 protected:
  UsbAccessTest() { write("run/udev/control"); }

  fs::path write(const fs::path &name, const std::string &text = "") const {
    const fs::path file = root() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] UsbAccess here(const fs::path &library = "plugins/transport.so") const {
    return usb_access(rule, root(), root() / library);
  }
  // The hint for a node that only its owner may use.
  [[nodiscard]] std::string hint(const UsbAccess &access) const {
    return std::string(no_permission("the probe", write("dev/node"), access).hint());
  }

 private:
  bench::TemporaryFolder folder_;
};

TEST_F(UsbAccessTest, TheErrorNamesNodeOwnerAndMode) {
  const fs::path node = write("dev/node");
  ::chmod(node.c_str(), 0640);
  const Error error = no_permission("the probe", node, here());
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("no permission to use the probe: " + node.string()));
  EXPECT_THAT(error.what(), HasSubstr("with mode 0640"));
  if (::geteuid() == 0) {
    EXPECT_THAT(error.what(), HasSubstr("the user root and the group root"));
  }
}

TEST_F(UsbAccessTest, ARuleThatUdevDoesNotReadIsToBeCopied) {
  const fs::path shipped = write(fs::path("home/me/lib/udev/rules.d") / rule);
  const UsbAccess access = here("home/me/lib/flashhost/plugins-2/transport.so");
  EXPECT_EQ(access.rule, shipped);
  EXPECT_EQ(access.active_rule, "");
  EXPECT_THAT(hint(access),
              HasSubstr("sudo cp " + shipped.string() + " /etc/udev/rules.d/ && sudo udevadm"));
}

TEST_F(UsbAccessTest, WithoutARuleFileTheHintNamesIt) {
  EXPECT_THAT(hint(here()), HasSubstr(rule));
  EXPECT_THAT(hint(here()), HasSubstr("sudo udevadm control --reload"));
}

TEST_F(UsbAccessTest, ARuleThatIsActiveIsToBeApplied) {
  for (const char *folder : {"usr/lib", "usr/local/lib", "etc"}) {
    const fs::path active = write(fs::path(folder) / "udev/rules.d" / rule);
    EXPECT_EQ(here().active_rule, active);
    EXPECT_THAT(hint(here()), HasSubstr(active.string() + " is there"));
    EXPECT_THAT(hint(here()), HasSubstr("sudo udevadm trigger"));
    EXPECT_THAT(hint(here()), Not(HasSubstr("sudo cp")));
  }
}

TEST_F(UsbAccessTest, AContainerMustBeGivenTheDevice) {
  constexpr const char *flags = "--device-cgroup-rule='c 189:* rmw' -v /dev/bus/usb:/dev/bus/usb";
  EXPECT_THAT(hint(here()), Not(HasSubstr(flags)));
  for (const char *mark : {".dockerenv", "run/.containerenv"}) {
    const fs::path file = write(mark);
    EXPECT_TRUE(here().where.container);
    EXPECT_THAT(hint(here()), HasSubstr(flags));
    EXPECT_THAT(no_node("the probe", "/dev/bus/usb/001/002", here()).hint(), HasSubstr(flags));
    fs::remove(file);
  }
  fs::remove_all(root() / "run/udev");
  EXPECT_THAT(hint(here()), HasSubstr(flags));
}

TEST_F(UsbAccessTest, AHidrawNodeIsNamedAsSuch) {
  const fs::path node = write("dev/hidraw3");
  EXPECT_THAT(no_permission("the probe", node, here()).hint(),
              HasSubstr("--subsystem-match=usb --subsystem-match=hidraw"));
  EXPECT_THAT(hint(here()), Not(HasSubstr("hidraw")));
  write(".dockerenv");
  EXPECT_THAT(no_node("the probe", "/dev/hidraw3", here()).hint(),
              HasSubstr("docker run --device /dev/hidraw3 ..."));
}

TEST_F(UsbAccessTest, UnderWslWindowsMustHandOverTheDevice) {
  EXPECT_THAT(hint(here()), Not(HasSubstr("usbipd")));
  write("proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n");
  fs::remove_all(root() / "run/udev");
  EXPECT_FALSE(here().where.container);
  EXPECT_THAT(hint(here()), HasSubstr("usbipd attach --wsl"));
  EXPECT_THAT(hint(here()), HasSubstr(rule));
}

}  // namespace
}  // namespace flashhost::usb
