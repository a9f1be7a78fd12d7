// Level 2 of families: what the loader's functions do besides erasing and programming.
#include "family/bad_board.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/loader_abi.h>
#include <flashhost/text.hpp>

#include <chrono>
#include <cstddef>

namespace flashhost::conformance {

using namespace std::chrono_literals;

namespace {

class FamilyLoader : public FamilyWithFaults {
 protected:
  // Address of the agent's mailbox, found by its magic.
  static std::optional<std::uint32_t> mailbox(Session &session) {
    const MemoryRange ram = session.chip().ram;
    for (std::uint32_t at = ram.address; at + 8 < ram.end(); at += 4) {
      if (session.word(at) == FH_LOADER_MAGIC && session.word(at + 4) == FH_LOADER_ABI) return at;
    }
    return std::nullopt;
  }
};
FLASHHOST_PER_PART_SUITE(FamilyLoader);

TEST_P(FamilyLoader, RunsAtTheClockThatItReports) {
  FLASHHOST_PROMISE("family.hpp, LoaderCode::clock_hz: core clock after Init");
  Session session(board_with(part()), old_content());
  session.prepared();
  const LoaderCode code = family().loader(session.chip());
  if (code.code.empty()) return not_tried("the clock: there is no loader");
  const auto access = session.start({});
  const std::uint32_t box = mailbox(session).value_or(0);
  ASSERT_NE(box, 0U) << "the agent does not run";
  const std::uint32_t heartbeat = box + offsetof(fh_mailbox, heartbeat);
  const std::uint32_t reload =
      session.word(box + offsetof(fh_mailbox, parameters) + offsetof(fh_parameters, tick_reload))
          .value_or(0);
  const std::uint32_t before = session.word(heartbeat).value_or(0);
  session.board().target().advance(100ms);
  const std::uint64_t beats = session.word(heartbeat).value_or(0) - before;
  const std::uint64_t hertz = beats * (std::uint64_t{reload} + 1) * 10;
  EXPECT_GE(hertz * 10, std::uint64_t{code.clock_hz} * 9)
      << "clock_hz is too high: the core runs at about " << hertz << " Hz";
  EXPECT_LE(hertz * 10, std::uint64_t{code.clock_hz} * 11)
      << "clock_hz is too low: the core runs at about " << hertz << " Hz";
  access->finish();
}

TEST_P(FamilyLoader, OpensAControllerThatIsLocked) {
  FLASHHOST_PROMISE("family.hpp, LoaderCode: Init opens the flash again after UnInit");
  Session session(board_with(part()), old_content());
  session.prepared();
  const LoaderCode code = family().loader(session.chip());
  if (code.init == LoaderCode::none || code.uninit == LoaderCode::none) {
    return not_tried("Init after UnInit: the loader does not have both");
  }
  session.with({}, [](FlashAccess &) {});
  const Sector sector = session.chip().sectors.front();
  const Bytes wanted = erased(session.chip(), session.board().flash(), sector.range());
  EXPECT_NO_THROW(session.with({}, [&](FlashAccess &access) { access.erase(sector); }));
  EXPECT_EQ(session.difference(wanted), "");
}

TEST_P(FamilyLoader, ReportsAnErrorOfTheFirstUnitAndOfTheLast) {
  FLASHHOST_PROMISE("loader_abi.h, ProgramPage: 0 = good, else a raw status");
  constexpr std::uint32_t units = 6;
  const Chip named = described(part());
  for (const std::uint32_t bad : {0U, units - 1}) {
    SCOPED_TRACE("unit " + std::to_string(bad) + " of " + std::to_string(units) + " is not erased");
    const std::uint32_t address = named.flash.address + 32 * named.write_unit();
    const Bytes cells(named.write_unit(), static_cast<std::uint8_t>(named.erased_value ^ 0x3C));
    Session session(board_with(part()),
                    with_bytes(named, Bytes(named.flash.size, named.erased_value),
                               address + bad * named.write_unit(), cells));
    session.prepared();
    if (family().loader(named).code.empty()) return not_tried("ProgramPage: there is no loader");
    try {
      session.with({}, [&](FlashAccess &access) {
        access.program(address, Bytes(std::size_t{units} * named.write_unit(), 0xA5),
                       [](std::uint32_t) {});
      });
      ADD_FAILURE() << "programming a unit that is not erased returned no error";
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::flash) << error.what();
      // Not every controller notices that a cell was not erased.
      const std::uint32_t status = session.status_now(address).value_or(0);
      if ((status & status_mask(session.chip(), StatusBit::Meaning::error)) == 0) continue;
      EXPECT_EQ(std::string(error.what()).find("without complaint"), std::string::npos)
          << "the controller has error bits, but ProgramPage returned 0: " << error.what();
    }
  }
}

}  // namespace

}  // namespace flashhost::conformance
