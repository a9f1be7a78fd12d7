// flashhost on the virtual CMSIS-DAP probe: both interfaces, each personality, what the probe and
// its cable do wrong. The board file is that of the ST-Link but for the transport.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

class OnCmsisDap : public Desk {
 protected:
  OnCmsisDap() {
    virtual_probe = {VIRTUAL_CMSISDAP, "--personality"};
    probe = "daplink";
  }
  [[nodiscard]] std::vector<std::string> job(const std::string &image,
                                             const std::vector<std::string> &more = {},
                                             std::uint32_t start = flash_start) const {
    std::vector<std::string> words{FLASHHOST_PROGRAM,
                                   "--plugin-dir",
                                   FLASHHOST_PLUGINS,
                                   "--no-config",
                                   "--transport",
                                   "cmsisdap",
                                   "--set",
                                   "transport.settings.time_scale=4",
                                   "--reset",
                                   "halt",
                                   fmt::format("{}@{:#x}", image, start)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static constexpr const char *pace = "fast=4";
};

struct Way {
  const char *name;
  const char *personality;
  const char *interface;
  const char *chip;
  std::size_t flash;
};

class EachWay : public OnCmsisDap, public ::testing::WithParamInterface<Way> {
 protected:
  EachWay() { probe = GetParam().personality; }
};

TEST_P(EachWay, writes_what_it_should_and_keeps_the_rest) {
  const Way &way = GetParam();
  Flash before(way.flash, 0xFF);
  std::ranges::copy(pattern(40'000, 3), before.begin());
  put_flash(before);
  const Flash image = pattern(20'000, 4);
  const Outcome outcome =
      on_probe(job(write_file("image.bin", image)),
               {"--chip", way.chip, "--interface", way.interface, "--pace", pace});
  expect_flash(with_image_alone(before, 0, image), outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Probes, EachWay,
    ::testing::Values(Way{"f103_v2", "daplink", "v2", "STM32F103CB", 128 * 1024},
                      Way{"f103_v1", "daplink", "v1", "STM32F103CB", 128 * 1024},
                      Way{"f407_v2", "mcu-link", "v2", "STM32F407VG", 1024 * 1024},
                      Way{"f407_v1", "daplink", "v1", "STM32F407VG", 1024 * 1024},
                      Way{"g071_v2", "daplink", "v2", "STM32G071RB", 128 * 1024},
                      Way{"g071_v1", "daplink", "v1", "STM32G071RB", 128 * 1024},
                      Way{"debugprobe", "debugprobe", "v2", "STM32F103CB", 128 * 1024},
                      Way{"edbg", "edbg", "v1", "STM32F103CB", 128 * 1024},
                      Way{"old", "old", "v1", "STM32F103CB", 128 * 1024}),
    [](const auto &one) { return std::string(one.param.name); });

TEST_F(OnCmsisDap, writes_a_chip_that_only_its_pack_knows) {
  constexpr std::size_t size = 64 * 1024, start = 0x500;
  const Flash before = pattern(size, 3);
  put_flash(before);
  const Flash image = pattern(20'000, 4);
  const Outcome outcome =
      on_probe(job(write_file("image.bin", image), {"--pack", ODD_PACK, "--chip", "ODD64"}, start),
               {"--chip", "ODD64", "--model-dir", ODD_MODEL, "--pace", pace});
  expect_flash(with_image_alone(before, start, image), outcome);
}

// --- Trouble. What can be recovered from is, what cannot is named, and nothing else is lost.

struct Trouble {
  const char *name;
  const char *fault;
  const char *interface;
};

class TroubleOnTheWay : public OnCmsisDap, public ::testing::WithParamInterface<Trouble> {};

TEST_P(TroubleOnTheWay, is_recovered_from) {
  const Trouble &trouble = GetParam();
  put_flash(used_flash());
  const Flash image = pattern(10'000, 5);
  const Outcome outcome =
      on_probe(job(write_file("image.bin", image)),
               {"--interface", trouble.interface, "--pace", pace, "--fault", trouble.fault});
  expect_flash(with_image_alone(used_flash(), 0, image), outcome);
}

INSTANTIATE_TEST_SUITE_P(Faults, TroubleOnTheWay,
                         ::testing::Values(Trouble{"no_reply_v2", "usb_no_reply_at=300", "v2"},
                                           Trouble{"no_reply_v1", "usb_no_reply_at=300", "v1"},
                                           Trouble{"late_reply", "usb_late_reply_at=300:1500",
                                                   "v2"},
                                           Trouble{"garbage", "usb_garbage_reply_at=300", "v2"},
                                           Trouble{"short_reply", "usb_short_reply_at=300", "v2"},
                                           Trouble{"stall", "usb_stall_at=300", "v2"},
                                           Trouble{"unplugged_v2", "usb_unplug_at=300:500", "v2"},
                                           Trouble{"unplugged_v1", "usb_unplug_at=300:500", "v1"},
                                           Trouble{"wait", "swd_wait_at=300", "v2"},
                                           Trouble{"parity", "swd_parity_at=300", "v2"}),
                         [](const auto &one) { return std::string(one.param.name); });

TEST_F(OnCmsisDap, lists_its_probes_by_serial_number_and_port) {
  const Outcome outcome = on_probe(
      {FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "list", "probes"}, {"--probes", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("cmsisdap"));
  EXPECT_THAT(outcome.out, HasSubstr("usb:1-1"));
  EXPECT_THAT(outcome.out, HasSubstr("usb:1-2"));
}

}  // namespace

}  // namespace flashhost::testing
