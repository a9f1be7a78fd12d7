// Which interface of which device is a probe's.
#include "recognition.hpp"

#include "sysfs.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace flashhost::cmsisdap {
namespace {

namespace fs = std::filesystem;

const Endpoint bulk_out{0x04, 2, 64}, bulk_in{0x85, 2, 64}, swo_in{0x86, 2, 64};
const Endpoint interrupt_in{0x81, 3, 64}, interrupt_out{0x01, 3, 64};

UsbInterface bulk(std::uint8_t number, const std::string &name,
                  const std::vector<Endpoint> &endpoints = {bulk_out, bulk_in}) {
  return {number, 0xFF, 0, name, endpoints};
}

UsbInterface hid(std::uint8_t number, const std::string &name) {
  return {number, 0x03, 0, name, {interrupt_in, interrupt_out}};
}

UsbDevice device(const std::vector<UsbInterface> &interfaces,
                 const std::string &product = "ACME Board", std::uint16_t vendor = 0x1234,
                 std::uint16_t product_id = 0x5678) {
  return {vendor, product_id, product, interfaces};
}

TEST(Recognition, Version2IsNamedByItsInterface) {
  EXPECT_EQ(find_interface(device({bulk(3, "ACME CMSIS-DAP v2")})),
            (Interface{Protocol::bulk, 3, 0x04, 0x85, 64}));
  EXPECT_TRUE(find_interface(device({bulk(0, "CMSIS_DAP")})));
  EXPECT_TRUE(find_interface(device({bulk(0, "CMSIS-DAP", {bulk_out, bulk_in, swo_in})})));
  EXPECT_FALSE(find_interface(device({bulk(0, "")}, "ACME CMSIS-DAP")));
  EXPECT_FALSE(find_interface(device({bulk(0, "Console")})));
}

TEST(Recognition, TheEndpointsOfVersion2HaveAnOrder) {
  for (const std::vector<Endpoint> &wrong :
       std::vector<std::vector<Endpoint>>{{bulk_in, bulk_out},
                                          {bulk_out},
                                          {bulk_out, bulk_out},
                                          {bulk_out, interrupt_in},
                                          {bulk_out, bulk_in, bulk_out},
                                          {bulk_out, bulk_in, swo_in, swo_in},
                                          {}}) {
    EXPECT_FALSE(find_interface(device({bulk(0, "CMSIS-DAP", wrong)})));
  }
}

TEST(Recognition, Version1IsNamedByTheProductOfItsOnlyHidInterface) {
  EXPECT_EQ(find_interface(device({hid(2, "")}, "ACME CMSIS-DAP")),
            (Interface{Protocol::hid, 2, 0, 0x81, 64}));
  EXPECT_FALSE(find_interface(device({hid(0, ""), hid(1, "")}, "ACME CMSIS-DAP")));
  EXPECT_FALSE(find_interface(device({hid(0, "Keyboard")})));
}

TEST(Recognition, OfSeveralHidInterfacesTheNameDecides) {
  const auto found =
      find_interface(device({hid(0, "Keyboard"), hid(1, "ACME CMSIS-DAP")}, "ACME CMSIS-DAP"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, 1);
  const auto link2 = find_interface(
      device({hid(0, ""), hid(1, "")}, "LPC-Link2 CMSIS-DAP V5.361", 0x1fc9, 0x0090));
  ASSERT_TRUE(link2);
  EXPECT_EQ(link2->number, 0);
}

TEST(Recognition, Version2IsPreferred) {
  const auto found =
      find_interface(device({hid(0, "CMSIS-DAP v1"), bulk(1, "CMSIS-DAP v2")}, "CMSIS-DAP"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->protocol, Protocol::bulk);
}

TEST(Recognition, AWrongClassIsTakenFromKnownProbesOnly) {
  UsbInterface interface = bulk(0, "CMSIS-DAP");
  interface.class_code = 0;
  EXPECT_FALSE(find_interface(device({interface})));
  EXPECT_TRUE(find_interface(device({interface}, "KitProg3", 0x04b4, 0xf155)));
}

TEST(Recognition, KnownProbesNeedNoMark) {
  EXPECT_TRUE(find_interface(device({hid(0, "")}, "WCH-Link", 0x1a86, 0x8011)));
  EXPECT_TRUE(find_interface(device({bulk(0, "")}, "dap42", 0x1209, 0xda42)));
}

TEST(Recognition, AnStLinkIsNone) {
  for (const int id : {0x3744, 0x3748, 0x374b, 0x374e, 0x3754}) {
    const auto product = static_cast<std::uint16_t>(id);
    EXPECT_FALSE(find_interface(device({bulk(0, "CMSIS-DAP")}, "CMSIS-DAP", 0x0483, product)));
  }
  EXPECT_TRUE(find_interface(device({hid(0, "")}, "probe", 0x0483, 0x572a)));
}

TEST(Recognition, TheReportHasTheSizeThatItsDescriptorSays) {
  // HID 1.11, appendix E.6, with reports of 64 and 512 bytes.
  Bytes descriptor = {0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF,
                      0x00, 0x75, 0x08, 0x95, 0x40, 0x09, 0x01, 0x81, 0x02, 0x95, 0x40,
                      0x09, 0x01, 0x91, 0x02, 0x95, 0x01, 0x09, 0x01, 0xB1, 0x02, 0xC0};
  EXPECT_EQ(report_size(descriptor), 64U);
  const Bytes large = {0x75, 0x08, 0x96, 0x00, 0x02, 0x81, 0x02, 0x91, 0x02, 0xC0};
  EXPECT_EQ(report_size(large), 512U);
  for (std::size_t size = 0; size < descriptor.size(); ++size) {
    const std::size_t found = report_size(std::span(descriptor).first(size));
    EXPECT_TRUE(found == 0 || found == 64) << size;
  }
  EXPECT_EQ(report_size({}), 0U);
  const Bytes bits = {0x75, 0x01, 0x95, 0x03, 0x91, 0x02};
  EXPECT_EQ(report_size(bits), 0U);
  const Bytes long_item = {0xFE, 0x02, 0x10, 0x91, 0x91, 0x75, 0x08, 0x95, 0x20, 0x91, 0x02};
  EXPECT_EQ(report_size(long_item), 32U);
}

TEST(Recognition, SysfsHasTheTextsAndTheHidNode) {
  const bench::TemporaryFolder folder;
  const auto write = [&](const fs::path &name, const std::string &text) {
    fs::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
  };
  write("sys/bus/usb/devices/1-2/product", "ACME CMSIS-DAP\n");
  write("sys/bus/usb/devices/1-2:1.1/interface", "CMSIS-DAP v2\n");
  write("sys/devices/usb1/1-2/1-2:1.1/0003:1234:5678.0001/report_descriptor",
        std::string("\x95\x40\x00", 3));
  fs::create_directories(folder.path() / "sys/class/hidraw");
  const fs::path raw = "sys/devices/usb1/1-2/1-2:1.1/0003:1234:5678.0001/hidraw/hidraw7";
  fs::create_directories(folder.path() / raw);
  fs::create_symlink("../../../0003:1234:5678.0001", folder.path() / raw / "device");
  fs::create_symlink("../../.." / raw, folder.path() / "sys/class/hidraw/hidraw7");
  const Sysfs sysfs(folder.path());
  EXPECT_EQ(sysfs.text("1-2", "product"), "ACME CMSIS-DAP");
  EXPECT_EQ(sysfs.text("1-2:1.1", "interface"), "CMSIS-DAP v2");
  EXPECT_EQ(sysfs.text("1-2", "serial"), "");
  EXPECT_EQ(sysfs.hid_node("1-2:1.1"), "/dev/hidraw7");
  EXPECT_EQ(sysfs.hid_node("1-2:1.0"), "");
  EXPECT_EQ(sysfs.report_descriptor("/dev/hidraw7"), (Bytes{0x95, 0x40, 0x00}));
  EXPECT_EQ(sysfs.report_descriptor("/dev/hidraw8"), Bytes());
  EXPECT_EQ(Sysfs(folder.path() / "nothing").hid_node("1-2:1.1"), "");
}

}  // namespace
}  // namespace flashhost::cmsisdap
