#include "l4_sim_board.hpp"
#include "thrown.hpp"

#include <flashhost/text.hpp>

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;
using bench::text_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes some_words(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + 5);
  return bytes;
}

struct L4Case {
  const char *name;
  const char *part;
  std::vector<std::string> faults;
  bool second_half = false;  // behind a hole
};

class L4DirectOnTheModel : public testing::TestWithParam<L4Case> {
 protected:
  L4DirectOnTheModel() {
    if (GetParam().second_half) board.chip = Chip(board.chip.further_flash.at(0));
    board.prepare_after_reset();
  }
  L4SimBoard board{GetParam().part, GetParam().faults};
};

// Of either half: the first, whose neighbour before it is of the other bank where there are two,
// and the last.
TEST_P(L4DirectOnTheModel, APageIsErasedAndProgrammedAndItsNeighboursKept) {
  const auto &sectors = board.chip.sectors;
  const Bytes data = some_words(64);
  for (const std::size_t index : {std::size_t{1}, sectors.size() / 2, sectors.size() - 2}) {
    for (const std::size_t near : {index - 1, index + 1}) {
      board.erase(sectors[near]);
      board.program(sectors[near].address, data);
    }
    board.program(sectors[index].address, Bytes(64, 0));
    board.erase(sectors[index]);
    EXPECT_EQ(board.read(sectors[index].address, 64), Bytes(64, 0xFF)) << index;
    board.program(sectors[index].address, data);
    EXPECT_EQ(board.read(sectors[index].address, 64), data) << index;
    for (const std::size_t near : {index - 1, index + 1}) {
      EXPECT_EQ(board.read(sectors[near].address, 64), data) << index;
    }
  }
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
  EXPECT_EQ(board.controller(l4::flash_sr) & l4::sr_errors, 0U);
  EXPECT_THAT(board.host.warnings, IsEmpty());
}

TEST_P(L4DirectOnTheModel, TheMassEraseReachesTheFirstAndTheLastPage) {
  const std::uint32_t ends[] = {board.chip.sectors.front().address,
                                board.chip.sectors.back().address};
  for (const std::uint32_t address : ends) board.program(address, Bytes(8, 0));
  l4::erase_all(board.host, board.probe, board.chip);
  for (const std::uint32_t address : ends) {
    EXPECT_EQ(board.read(address, 8), Bytes(8, 0xFF)) << hex(address);
  }
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
}

TEST_P(L4DirectOnTheModel, ADoubleWordOfOnesCanBeProgrammedLater) {
  const std::uint32_t address = board.chip.sectors[1].address;
  Bytes data = some_words(24);
  std::fill_n(data.begin() + 8, 8, std::uint8_t{0xFF});
  board.program(address, data);
  EXPECT_EQ(board.read(address, 24), data);
  board.program(address + 8, some_words(8));
  EXPECT_EQ(board.read(address + 8, 8), some_words(8));
}

TEST_P(L4DirectOnTheModel, WhatIsNotErasedIsAnErrorThatNamesTheDoubleWord) {
  const std::uint32_t address = board.chip.sectors[1].address;
  board.program(address + 8, some_words(8));
  EXPECT_THAT(text_of(Errc::flash, [&] { board.program(address, some_words(16)); }),
              AllOf(HasSubstr("programming at " + hex(address + 8)), HasSubstr("PROGERR")));
  EXPECT_EQ(board.controller(l4::flash_cr), l4::cr_optlock);
  // Nor does the flag keep the next operation from working.
  board.erase(board.chip.sectors[1]);
  board.program(address, some_words(16));
  EXPECT_EQ(board.read(address, 16), some_words(16));
}

INSTANTIATE_TEST_SUITE_P(
    Boards, L4DirectOnTheModel,
    testing::Values(
        L4Case{"G071", "STM32G071RB", {}}, L4Case{"G0B1", "STM32G0B1RE", {}},
        L4Case{"G0B1_swapped", "STM32G0B1RE", {"swapped_banks"}}, L4Case{"L476", "STM32L476RG", {}},
        L4Case{"L476_single", "STM32L476RE", {"single_bank"}}, L4Case{"L4R5", "STM32L4R5ZI", {}},
        L4Case{"L4R5_single", "STM32L4R5ZI", {"single_bank"}}, L4Case{"G474", "STM32G474RE", {}},
        L4Case{"G474_single", "STM32G474RE", {"single_bank"}}, L4Case{"G474RC", "STM32G474RC", {}},
        L4Case{"G474RC_second", "STM32G474RC", {}, true},
        L4Case{"G474RC_single", "STM32G474RC", {"single_bank"}},
        L4Case{"G473CB_second", "STM32G473CB", {}, true}, L4Case{"C031", "STM32C031K6", {}},
        L4Case{"U083", "STM32U083RC", {}}, L4Case{"WB55", "STM32WB55RG", {}},
        L4Case{"WLE5", "STM32WLE5JC", {}}),
    [](const auto &one) { return std::string(one.param.name); });

TEST(L4DirectModel, AProtectedPageIsNamedInBothErrors) {
  L4SimBoard board("STM32G071RB", {"write_protected=5"});
  board.prepare_after_reset();
  const Sector &page = board.chip.sectors[5];
  EXPECT_THAT(text_of(Errc::flash, [&] { board.erase(page); }),
              AllOf(HasSubstr("erasing the page at 0x08002800"), HasSubstr("WRPERR")));
  EXPECT_THAT(text_of(Errc::flash, [&] { board.program(page.address - 8, some_words(16)); }),
              AllOf(HasSubstr("programming at 0x08002800"), HasSubstr("WRPERR")));
}

TEST(L4DirectModel, FourTimesTheMaximumIsWarnedAboutAndCompleted) {
  L4SimBoard board("STM32L476RG", {"flash_time=4x"});
  board.prepare_after_reset();
  board.erase(board.chip.sectors[1]);
  EXPECT_THAT(board.host.warnings, testing::ElementsAre(HasSubstr("maximum of 25 ms")));
}

TEST(L4DirectModel, AStuckControllerIsNamed) {
  L4SimBoard board("STM32G071RB", {"stuck_busy"});
  board.prepare_after_reset();
  EXPECT_THAT(text_of(Errc::flash, [&] { board.erase(board.chip.sectors[1]); }),
              HasSubstr("still busy"));
}

}  // namespace
