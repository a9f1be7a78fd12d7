// The flash controller through the probe, what its status means, and the protection of a new chip.
#include "both_boards.hpp"
#include "loaders/f1/f1.inc"
#include "loaders/f4/f4.inc"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using bench::text_and_hint_of;
using testing::AllOf;
using testing::HasSubstr;

struct ControllerTable {
  const char *sector = "";                     // what it is called
  std::uint32_t protected_flag = 0;            // of a write-protected sector
  const char *flag_name = "", *patience = "";  // with a sector
  Nanoseconds bound{};
  std::vector<std::pair<std::uint32_t, const char *>> meanings;  // of status values
};

const ControllerTable &controller_of(fake::F1) {
  using namespace f1;
  static const ControllerTable table{.sector = "page",
                                     .protected_flag = sr_wrprterr,
                                     .flag_name = "WRPRTERR",
                                     .patience = "still busy after 240 ms",
                                     .bound = std::chrono::milliseconds(300),
                                     .meanings = {{sr_pgerr, "was not erased"},
                                                  {sr_wrprterr, "write-protected"},
                                                  {sr_bsy, "still going on"},
                                                  {sr_eop, "without an error flag"},
                                                  {0, "never started"},
                                                  {0x80000000, "does not have"},
                                                  {sr_pgerr | sr_wrprterr, "PGERR"},
                                                  {sr_pgerr | sr_wrprterr, "(FLASH_SR 0x00000014)"},
                                                  {f1_blob::status_clock, "HSI"},
                                                  {f1_blob::status_locked, "stayed locked"},
                                                  {f1_blob::status_alignment, "odd"}}};
  return table;
}

const ControllerTable &controller_of(fake::F4) {
  using namespace f4;
  static const ControllerTable table{.sector = "sector",
                                     .protected_flag = sr_wrperr,
                                     .flag_name = "WRPERR",
                                     .patience = "still busy after 3 s",
                                     .bound = std::chrono::milliseconds(3100),
                                     .meanings = {{sr_wrperr, "write-protected"},
                                                  {sr_pgaerr, "16-byte row"},
                                                  {sr_pgperr, "PSIZE"},
                                                  {sr_pgserr, "made ready"},
                                                  {sr_operr, "not carried out"},
                                                  {sr_rderr, "PCROP"},
                                                  {sr_bsy, "still going on"},
                                                  {sr_eop, "without an error flag"},
                                                  {0, "no error flag"},
                                                  {0x40000000, "does not have"},
                                                  {sr_pgperr | sr_wrperr, "(FLASH_SR 0x00000050)"},
                                                  {f4_blob::status_clock, "HSI"},
                                                  {f4_blob::status_locked, "stayed locked"},
                                                  {f4_blob::status_alignment, "multiple"}}};
  return table;
}

template <class Board>
class Stm32Controller : public testing::Test {
 protected:
  using Family = typename Board::Family;
  std::string failure_of_erase() {
    return text_and_hint_of(Errc::flash, [&] {
      Family::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[3]);
    });
  }

  Board board;
  const ControllerTable &table = controller_of(Family());
};
TYPED_TEST_SUITE(Stm32Controller, fake::Boards, fake::FamilyName);

TYPED_TEST(Stm32Controller, ErrorsOfAnEraseAreNamed) {
  this->board.prepare();
  this->board.controller.start_errors = this->table.protected_flag;
  EXPECT_THAT(
      this->failure_of_erase(),
      HasSubstr(fmt::format("erasing the {} at {} failed: {}", this->table.sector,
                            hex(this->board.chip.sectors[3].address), this->table.flag_name)));
  EXPECT_EQ(this->board.controller.control, 0U);
}

TYPED_TEST(Stm32Controller, AStuckEraseIsNamedWithinABound) {
  this->board.prepare();
  this->board.controller.busy_after_start = 1'000'000;
  const Nanoseconds before = this->board.probe.clock;
  EXPECT_THAT(this->failure_of_erase(), HasSubstr(this->table.patience));
  EXPECT_LT(this->board.probe.clock - before, this->table.bound);
}

TYPED_TEST(Stm32Controller, EveryStatusHasItsCause) {
  for (const auto &[status, words] : this->table.meanings) {
    EXPECT_THAT(explain_status(this->board.chip, stm32::flash_base, status), HasSubstr(words));
  }
}

TYPED_TEST(Stm32Controller, ANewChipHasNoProtection) {
  const Protection found = TypeParam::Family::protection(this->board.probe, this->board.chip);
  EXPECT_FALSE(found.any());
  EXPECT_EQ(found.detail, "");
}

}  // namespace
