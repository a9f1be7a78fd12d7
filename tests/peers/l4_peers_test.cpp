// OpenOCD on more boards with an L4's flash controller (others: l4_test.cpp): it judges the model.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flashhost::testing {

namespace {

using ::testing::HasSubstr;

constexpr std::size_t kib_of_l4 = 1024;

struct L4Line {
  const char *chip;
  const char *target;
  std::size_t flash;
  std::size_t offset;  // of the image: that of a page
  std::size_t page;
};

class OpenOcdOnL4 : public Desk, public ::testing::WithParamInterface<L4Line> {};

TEST_P(OpenOcdOnL4, openocd_programs_and_verifies) {
  const L4Line &board = GetParam();
  const std::size_t pages = 3;
  put_flash(pattern(board.flash, 5));
  const Flash image = pattern(pages * board.page, 6);
  const Outcome outcome =
      openocd({"-f", "interface/stlink.cfg"},
              fmt::format("program {} {:#x} verify reset exit", write_file("image.bin", image),
                          flash_start + board.offset),
              {"--chip", board.chip}, fmt::format("target/{}.cfg", board.target));
  expect_flash(with_image_alone(pattern(board.flash, 5), board.offset, image), outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Verified OK"));
  EXPECT_EQ(summary.at("page_erases"), pages);
  EXPECT_TRUE(summary.at("board_notes").empty()) << summary.dump(2);
}
INSTANTIATE_TEST_SUITE_P(
    Boards, OpenOcdOnL4,
    ::testing::Values(L4Line{"STM32G0B1RE", "stm32g0x", 512 * kib_of_l4, 0x40000, 2 * kib_of_l4},
                      L4Line{"STM32L4R5ZI", "stm32l4x", 2048 * kib_of_l4, 0x100000, 4 * kib_of_l4},
                      L4Line{"STM32WB55RG", "stm32wbx", 1024 * kib_of_l4, 0x4000, 4 * kib_of_l4},
                      L4Line{"STM32WLE5JC", "stm32wlx", 256 * kib_of_l4, 0x4000, 2 * kib_of_l4}),
    [](const auto &one) { return std::string(one.param.chip); });

}  // namespace

}  // namespace flashhost::testing
