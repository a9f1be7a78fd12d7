// Third-party tools, unmodified, on the virtual ST-Link: they judge whether it is one.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Peers : public Desk, public ::testing::WithParamInterface<const char *> {
 protected:
  Peers() { probe = GetParam(); }

  const std::vector<std::string> hla{"-f", "interface/stlink.cfg"};
  const std::vector<std::string> dap{"-f", "interface/stlink-dap.cfg", "-c",
                                     "transport select dapdirect_swd"};
};

TEST_P(Peers, st_info_names_probe_and_chip) {
  const Outcome outcome = on_probe({ST_INFO, "--probe"}, {"--serial", "0669FF3031"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("Found 1 stlink programmers"), HasSubstr("0669FF303100000000000000"),
                    HasSubstr("0x0410"), HasSubstr("flash:      131072"), HasSubstr("V2J37S")));
  EXPECT_GT(summary.at("bulk_transfers"), 10);
}

TEST_P(Peers, st_flash_writes_resets_and_reads_back) {
  const Flash before = used_flash();
  put_flash(before);
  const Flash image = pattern(5000, 1);
  const Flash expected = with_image(before, 2 * page_size, image);
  const std::string address = fmt::format("{:#x}", flash_start + 2 * page_size);
  const Outcome written =
      on_probe({ST_FLASH, "--reset", "write", write_file("image.bin", image), address});
  expect_flash(expected, written);
  EXPECT_THAT(written.err, HasSubstr("jolly good"));
  EXPECT_EQ(summary.at("page_erases"), 5);
  EXPECT_GE(summary.at("system_resets"), 1);
  const Outcome read =
      on_probe({ST_FLASH, "read", path("read.bin"), fmt::format("{:#x}", flash_start), "0x6000"});
  expect_flash(expected, read);
  EXPECT_EQ(difference(Flash(expected.begin(), expected.begin() + 0x6000), read_file("read.bin")),
            "");
}

TEST_P(Peers, st_flash_erases_all) {
  put_flash(used_flash());
  const Outcome outcome = on_probe({ST_FLASH, "erase"});
  expect_flash(Flash(flash_size, 0xFF), outcome);
  EXPECT_EQ(summary.at("mass_erases"), 1);
}

TEST_P(Peers, openocd_programs_verifies_and_resets_through_its_st_link_driver) {
  const Flash before = used_flash();
  put_flash(before);
  const Flash image = pattern(6000, 2);
  const Outcome outcome = openocd(hla, fmt::format("program {} {:#x} verify reset exit",
                                                   write_file("image.bin", image), flash_start));
  expect_flash(with_image(before, 0, image), outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
  EXPECT_GE(summary.at("system_resets"), 1);
}

TEST_P(Peers, openocd_programs_verifies_and_resets_through_raw_debug_port_access) {
  const Flash before = used_flash();
  put_flash(before);
  const Flash image = pattern(6000, 3);
  const Outcome outcome = openocd(dap, fmt::format("program {} {:#x} verify reset exit",
                                                   write_file("image.bin", image), flash_start));
  expect_flash(with_image(before, 0, image), outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
  EXPECT_GE(summary.at("system_resets"), 1);
}

TEST_P(Peers, a_firmware_that_runs_is_replaced) {
  const Flash image = pattern(3000, 4);
  const std::vector<std::string> running{"--firmware", OLD_FIRMWARE};
  const Outcome outcome = on_probe(
      {ST_FLASH, "write", write_file("image.bin", image), fmt::format("{:#x}", flash_start)},
      running);
  expect_flash(with_image(Flash(flash_size, 0xFF), 0, image), outcome);
  EXPECT_GT(summary.at("instructions"), 1000);
}

TEST_P(Peers, an_f4_board_is_programmed_as_well) {
  const std::vector<std::string> f4{"--chip", "STM32F407VG"};
  const Flash image = pattern(5000, 5);
  for (const auto &interface : {hla, dap}) {
    put_flash(with_image(Flash(1024 * page_size, 0xFF), 0, pattern(16 * page_size, 6)));
    const Outcome outcome = openocd(interface,
                                    fmt::format("program {} {:#x} verify reset exit",
                                                write_file("image.bin", image), flash_start),
                                    f4, "target/stm32f4x.cfg");
    expect_flash(with_image(Flash(1024 * page_size, 0xFF), 0, image), outcome);
  }
  const Flash other = pattern(6000, 8);
  const Outcome written = on_probe(
      {ST_FLASH, "write", write_file("image.bin", other), fmt::format("{:#x}", flash_start)}, f4);
  expect_flash(with_image(Flash(1024 * page_size, 0xFF), 0, other), written);
}

INSTANTIATE_TEST_SUITE_P(Probes, Peers, ::testing::Values("v2", "v2-1"), [](const auto &one) {
  return std::string(one.param) == "v2" ? "v2" : "v2_1";
});

}  // namespace

}  // namespace flashhost::testing
