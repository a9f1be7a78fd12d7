// What one program has written, the others must find: flashhost among its peers.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

class Exchange : public Desk, public ::testing::WithParamInterface<const char *> {
 protected:
  Exchange() { probe = GetParam(); }

  void expect_good(const Outcome &outcome, const Flash &expected) const {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    EXPECT_EQ(difference(expected, flash()), "") << outcome.out << outcome.err;
    EXPECT_TRUE(summary.at("probe_notes").empty()) << summary.dump(2);
    EXPECT_GT(summary.at("bulk_transfers"), 10);
  }

  const std::string start = fmt::format("{:#x}", flash_start);
};

TEST_P(Exchange, flashhost_verifies_reads_and_replaces_what_st_flash_wrote) {
  const Flash old_image = pattern(5000, 1);
  const Flash old_flash = with_image(used_flash(), 0, old_image);
  put_flash(used_flash());
  expect_good(on_probe({ST_FLASH, "write", write_file("image.bin", old_image), start}), old_flash);

  expect_good(on_probe(flashhost({"verify"}, old_image)), old_flash);
  expect_good(on_probe(flashhost({"read", "--range", start + ":8K", "-o", path("read.bin")})),
              old_flash);
  EXPECT_EQ(difference({old_flash.begin(), old_flash.begin() + 8192}, read_file("read.bin")), "");

  const Flash image = pattern(9000, 2);
  const Flash expected = with_image_alone(old_flash, 512, image);
  expect_good(on_probe(flashhost({}, image, 512)), expected);
  EXPECT_GE(summary.at("system_resets"), 1);
}

TEST_P(Exchange, flashhost_verifies_and_replaces_what_openocd_wrote) {
  const Flash old_image = pattern(5000, 3);
  const Flash old_flash = with_image(used_flash(), 0, old_image);
  put_flash(used_flash());
  expect_good(on_probe({OPENOCD, "-f", "interface/stlink-dap.cfg", "-c",
                        "transport select dapdirect_swd", "-f", "target/stm32f1x.cfg", "-c",
                        fmt::format("gdb_port disabled; tcl_port disabled; telnet_port disabled; "
                                    "program {} {} verify exit",
                                    write_file("image.bin", old_image), start)}),
              old_flash);

  expect_good(on_probe(flashhost({"verify"}, old_image)), old_flash);
  const Flash image = pattern(5000, 4);
  expect_good(on_probe(flashhost({}, image)), with_image_alone(old_flash, 0, image));
}

TEST_P(Exchange, st_flash_and_openocd_find_what_flashhost_wrote) {
  const Flash image = pattern(7001, 5);
  const Flash expected = with_image_alone(used_flash(), 0, image);
  put_flash(used_flash());
  expect_good(on_probe(flashhost({}, image)), expected);

  expect_good(on_probe({ST_FLASH, "read", path("read.bin"), start, "0x4000"}), expected);
  EXPECT_EQ(difference({expected.begin(), expected.begin() + 0x4000}, read_file("read.bin")), "");
  const auto openocd_verifies = [&](const std::string &file) {
    return on_probe({OPENOCD, "-f", "interface/stlink.cfg", "-f", "target/stm32f1x.cfg", "-c",
                     "gdb_port disabled; tcl_port disabled; telnet_port disabled; init; reset halt",
                     "-c", fmt::format("verify_image {} {}", file, start), "-c", "shutdown"});
  };
  const Outcome same = openocd_verifies(path("job.bin"));
  expect_good(same, expected);
  EXPECT_THAT(same.out + same.err, HasSubstr("verified 7001 bytes"));
  Flash different = image;
  different.back() ^= 1;
  EXPECT_NE(openocd_verifies(write_file("different.bin", different)).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Probes, Exchange, ::testing::Values("v2", "v2-1"), [](const auto &one) {
  return std::string(one.param) == "v2" ? "v2" : "v2_1";
});

}  // namespace

}  // namespace flashhost::testing
