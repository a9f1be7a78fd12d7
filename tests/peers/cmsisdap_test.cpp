// Third-party tools, unmodified, on the virtual CMSIS-DAP probe: they judge whether it is one.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

class CmsisDapDesk : public Desk {
 protected:
  CmsisDapDesk() {
    virtual_probe = {VIRTUAL_CMSISDAP, "--personality"};
    probe = "daplink";
  }

  static std::vector<std::string> interface(const std::string &backend) {
    return {"-f", "interface/cmsis-dap.cfg", "-c", "cmsis_dap_backend " + backend};
  }
  [[nodiscard]] std::string program(const Flash &image) const {
    return fmt::format("program {} {:#x} verify reset exit", write_file("image.bin", image),
                       flash_start);
  }
};

struct Judged {
  const char *name;
  const char *personality;
  const char *backend;
};

class OpenocdOnCmsisDap : public CmsisDapDesk, public ::testing::WithParamInterface<Judged> {
 protected:
  OpenocdOnCmsisDap() { probe = GetParam().personality; }
};

TEST_P(OpenocdOnCmsisDap, programs_verifies_and_resets) {
  const Flash before = used_flash();
  put_flash(before);
  const Flash image = pattern(6000, 11);
  const Outcome outcome = openocd(interface(GetParam().backend), program(image));
  expect_flash(with_image(before, 0, image), outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
  EXPECT_GE(summary.at("system_resets"), 1);
  EXPECT_GT(summary.at("swd_transfers"), 1000);
}

INSTANTIATE_TEST_SUITE_P(Probes, OpenocdOnCmsisDap,
                         ::testing::Values(Judged{"daplink_bulk", "daplink", "usb_bulk"},
                                           Judged{"daplink_hid", "daplink", "hid"},
                                           Judged{"debugprobe", "debugprobe", "usb_bulk"},
                                           Judged{"mcu_link", "mcu-link", "usb_bulk"},
                                           Judged{"edbg", "edbg", "hid"},
                                           Judged{"old", "old", "hid"}),
                         [](const auto &one) { return std::string(one.param.name); });

TEST_F(CmsisDapDesk, openocd_programs_an_f4_board_over_both_interfaces) {
  const std::vector<std::string> f4{"--chip", "STM32F407VG"};
  const Flash image = pattern(5000, 12);
  const Flash erased(1024 * page_size, 0xFF);
  for (const char *backend : {"usb_bulk", "hid"}) {
    put_flash(with_image(erased, 0, pattern(16 * page_size, 6)));
    const Outcome outcome = openocd(interface(backend), program(image), f4, "target/stm32f4x.cfg");
    expect_flash(with_image(erased, 0, image), outcome);
    EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
  }
}

// Its own flash algorithm, over the HID interface with libusb. What an empty page lacks, it fills
// with zeros: the image is whole pages, of 2 KiB on this chip.
TEST_F(CmsisDapDesk, pyocd_flashes_an_f103_over_hid) {
  Flash before(256 * page_size, 0xFF);
  std::ranges::copy(pattern(20 * page_size, 7), before.begin() + 4 * page_size);
  put_flash(before);
  const Flash image = pattern(6 * page_size, 13);
  const Outcome outcome =
      on_probe({PYOCD_FLASHTOOL, "--target", "stm32f103rc", "--sector_erase", "--address",
                fmt::format("{:#x}", flash_start), write_file("image.bin", image)},
               {"--chip", "STM32F103RC", "--interface", "v1"});
  expect_flash(with_image_alone(before, 0, image), outcome);
  EXPECT_EQ(summary.at("page_erases"), 3);
}

}  // namespace

}  // namespace flashhost::testing
