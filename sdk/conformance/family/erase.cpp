// Level 2 of families: erasing, and the controller's status during an erase.
#include "family/on_board.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

namespace flashhost::conformance {

namespace {

class FamilyErases : public FamilyOnAGoodBoard {};
FLASHHOST_PER_PART_SUITE(FamilyErases);

TEST_P(FamilyErases, ExactlyTheSectorThatItIsAskedFor) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash::erase_sector; loader_abi.h, EraseSector");
  Session session(board_with(part()), old_content());
  session.prepared();
  session.by_each_way([&](FlashAccess &access) {
    const Registers before = session.tidy_registers();
    for (const Sector &sector : chosen_sectors(session.chip())) {
      const Bytes wanted = erased(session.chip(), session.board().flash(), sector.range());
      access.erase(sector);
      access.drain();
      EXPECT_EQ(session.difference(wanted), "")
          << "after erasing the sector " << format_range(sector.range());
      EXPECT_EQ(session.tidy_registers(), before)
          << "by address: a control register is not as it was before the erase";
    }
  });
  EXPECT_EQ(session.told().warnings, "");
}

TEST_P(FamilyErases, InTheTimesThatItReports) {
  FLASHHOST_PROMISE("chip.hpp, erase_typical and erase_maximum");
  for (const char *fault : {"", "flash_time=maximum"}) {
    SCOPED_TRACE(fault);
    const std::vector<std::string> faults(*fault == '\0' ? 0 : 1, fault);
    Session session(board_with(part(), faults), old_content());
    session.prepared();
    session.by_each_way([&](FlashAccess &access) {
      for (const Sector &sector : chosen_sectors(session.chip())) {
        SCOPED_TRACE(format_range(sector.range()));
        const Nanoseconds before = session.board().target().statistics().busy;
        access.erase(sector);
        access.drain();
        const Nanoseconds busy = session.board().target().statistics().busy - before;
        expect_about(busy, *fault == '\0' ? sector.erase_typical : sector.erase_maximum);
      }
    });
  }
}

TEST_P(FamilyErases, WhileTheStatusSaysBusyAndNotAfterwards) {
  FLASHHOST_PROMISE("chip.hpp, StatusBit::busy: an operation is going on");
  Session session(board_with(part()), old_content());
  session.prepared();
  if (session.chip().status.registers.empty()) {
    return not_tried("the status: the family names no status register");
  }
  const std::uint32_t busy = status_mask(session.chip(), StatusBit::Meaning::busy);
  session.by_each_way([&](FlashAccess &access) {
    for (const Sector &sector : chosen_sectors(session.chip())) {
      SCOPED_TRACE(format_range(sector.range()));
      std::uint32_t seen = 0;
      const bench::WatchingProbe::HookScope scope(session.hooks());
      session.hooks().after_any = [&] { seen |= session.status_now(sector.address).value_or(0); };
      access.erase(sector);
      access.drain();
      session.hooks().after_any = nullptr;
      const std::uint32_t after = session.status_now(sector.address).value_or(0);
      EXPECT_NE(seen & busy, 0U) << "during the erase the status never had its busy bits "
                                 << hex(busy) << "; bits that it had: " << hex(seen);
      EXPECT_FALSE(is_busy(session.chip(), after))
          << "the erase is over, but the status " << hex(after) << " still has a busy bit";
      EXPECT_EQ(after & status_mask(session.chip(), StatusBit::Meaning::error), 0U)
          << "nothing went wrong, and the status has error bits: "
          << explain_status(session.chip(), sector.address, after);
    }
  });
}

TEST_P(FamilyErases, TheWholeFlashAndNothingElse) {
  FLASHHOST_PROMISE("family.hpp, DirectFlash::erase_all; loader_abi.h, EraseChip");
  Session session(board_with(part()), old_content());
  session.prepared();
  if (session.chip().mass_erase_typical == Nanoseconds::zero()) {
    return not_tried("a mass erase: the family reports none");
  }
  for (const Way &way : session.ways()) {
    for (const char *fault : {"", "flash_time=maximum"}) {
      SCOPED_TRACE(in_words(way) + " " + fault);
      const std::vector<std::string> faults(*fault == '\0' ? 0 : 1, fault);
      Session mass(board_with(part(), faults), old_content());
      mass.prepared();
      const auto special = mass.special_content();
      mass.with(way, [&](FlashAccess &access) { access.erase_all(); });
      EXPECT_EQ(mass.difference(Bytes(mass.board().flash().size(), mass.chip().erased_value)), "");
      EXPECT_EQ(mass.special_content(), special) << "something beside the flash changed";
      const machine::Statistics &statistics = mass.board().target().statistics();
      EXPECT_GT(statistics.mass_erases, 0U) << "the chip did no mass erase";
      EXPECT_EQ(statistics.page_erases, 0U) << "sectors were erased, too";
      expect_about(statistics.busy, *fault == '\0' ? mass.chip().mass_erase_typical
                                                   : mass.chip().mass_erase_maximum);
    }
  }
}

}  // namespace

}  // namespace flashhost::conformance
