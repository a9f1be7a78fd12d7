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
class UsbAccess : public testing::Test {
 protected:
  UsbAccess() { write("run/udev/control"); }

  fs::path write(const fs::path &name, const std::string &text = "") const {
    const fs::path file = root() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] Surroundings here(const fs::path &library = "plugins/transport.so") const {
    return surroundings(root(), root() / library);
  }
  // The hint for a node that only its owner may use.
  [[nodiscard]] std::string hint(const Surroundings &where) const {
    return std::string(no_permission("the probe", write("dev/node"), where).hint());
  }

 private:
  bench::TemporaryFolder folder_;
};

TEST_F(UsbAccess, TheErrorNamesNodeOwnerAndMode) {
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

TEST_F(UsbAccess, ARuleThatUdevDoesNotReadIsToBeCopied) {
  const fs::path shipped = write(fs::path("home/me/lib/udev/rules.d") / rule);
  const Surroundings where = here("home/me/lib/flashhost/plugins-2/transport.so");
  EXPECT_EQ(where.rule, shipped);
  EXPECT_EQ(where.active_rule, "");
  EXPECT_THAT(hint(where),
              HasSubstr("sudo cp " + shipped.string() + " /etc/udev/rules.d/ && sudo udevadm"));
}

TEST_F(UsbAccess, WithoutARuleFileTheHintNamesIt) {
  EXPECT_THAT(hint(here()), HasSubstr(rule));
  EXPECT_THAT(hint(here()), HasSubstr("sudo udevadm control --reload"));
}

TEST_F(UsbAccess, ARuleThatIsActiveIsToBeApplied) {
  for (const char *folder : {"usr/lib", "usr/local/lib", "etc"}) {
    const fs::path active = write(fs::path(folder) / "udev/rules.d" / rule);
    EXPECT_EQ(here().active_rule, active);
    EXPECT_THAT(hint(here()), HasSubstr(active.string() + " is there"));
    EXPECT_THAT(hint(here()), HasSubstr("sudo udevadm trigger"));
    EXPECT_THAT(hint(here()), Not(HasSubstr("sudo cp")));
  }
}

TEST_F(UsbAccess, AContainerMustBeGivenTheDevice) {
  constexpr const char *flags = "--device-cgroup-rule='c 189:* rmw' -v /dev/bus/usb:/dev/bus/usb";
  EXPECT_THAT(hint(here()), Not(HasSubstr(flags)));
  for (const char *mark : {".dockerenv", "run/.containerenv"}) {
    const fs::path file = write(mark);
    EXPECT_TRUE(here().container);
    EXPECT_THAT(hint(here()), HasSubstr(flags));
    EXPECT_THAT(no_node("the probe", "/dev/bus/usb/001/002", here()).hint(), HasSubstr(flags));
    fs::remove(file);
  }
  fs::remove_all(root() / "run/udev");
  EXPECT_THAT(hint(here()), HasSubstr(flags));
}

TEST_F(UsbAccess, UnderWslWindowsMustHandOverTheDevice) {
  EXPECT_THAT(hint(here()), Not(HasSubstr("usbipd")));
  write("proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n");
  fs::remove_all(root() / "run/udev");
  EXPECT_FALSE(here().container);
  EXPECT_THAT(hint(here()), HasSubstr("usbipd attach --wsl"));
  EXPECT_THAT(hint(here()), HasSubstr(rule));
}

}  // namespace
}  // namespace flashhost::usb
