// STM32F0 and F3 boards on the virtual ST-Link: by st-flash and OpenOCD, unmodified, which judge
// the model, and by flashhost.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

struct SmallBoard {
  const char *chip, *id, *target;  // target: OpenOCD's
  std::size_t flash_kib;
};

class F0F3OnStlink : public Desk, public ::testing::WithParamInterface<SmallBoard> {
 protected:
  F0F3OnStlink() { put_flash(old); }
  void expect_written(std::size_t offset, const Flash &written, const Outcome &outcome) const {
    expect_flash(with_image(old, offset, written), outcome);
  }

  const std::vector<std::string> board{"--chip", GetParam().chip};
  // The image ends in a page of its own, be it of 1 or 2 KiB.
  const Flash image = pattern(6000, 2);
  const Flash old = [] {
    Flash content(GetParam().flash_kib * page_size, 0xFF);
    std::ranges::copy(pattern(20 * page_size, 7), content.begin());
    return content;
  }();
};

TEST_P(F0F3OnStlink, st_info_names_the_chip) {
  const Outcome outcome = on_probe({ST_INFO, "--probe"}, board);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(GetParam().id));
  EXPECT_THAT(outcome.out, HasSubstr(fmt::format("flash:      {}", old.size())));
}

TEST_P(F0F3OnStlink, st_flash_writes) {
  const std::string address = fmt::format("{:#x}", flash_start + 4 * page_size);
  expect_written(
      4 * page_size, image,
      on_probe({ST_FLASH, "--reset", "write", write_file("image.bin", image), address}, board));
}

TEST_P(F0F3OnStlink, openocd_programs_verifies_and_resets) {
  const Outcome outcome = openocd({"-f", "interface/stlink.cfg"},
                                  fmt::format("program {} {:#x} verify reset exit",
                                              write_file("image.bin", image), flash_start),
                                  board, GetParam().target);
  expect_written(0, image, outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
}

TEST_P(F0F3OnStlink, flashhost_keeps_what_the_image_does_not_cover) {
  const Outcome outcome = on_probe(flashhost({}, image, 300), board);
  expect_flash(with_image_alone(old, 300, image), outcome);
  EXPECT_TRUE(summary.at("board_notes").empty()) << summary.dump(2);
}

INSTANTIATE_TEST_SUITE_P(
    Boards, F0F3OnStlink,
    ::testing::Values(SmallBoard{"STM32F051R8", "0x0440", "target/stm32f0x.cfg", 64},
                      SmallBoard{"STM32F072RB", "0x0448", "target/stm32f0x.cfg", 128},
                      SmallBoard{"STM32F303VC", "0x0422", "target/stm32f3x.cfg", 256},
                      SmallBoard{"STM32F303K8", "0x0438", "target/stm32f3x.cfg", 64}),
    [](const auto &one) { return std::string(one.param.chip); });

}  // namespace

}  // namespace flashhost::testing
