// What cortex_m does differently on cores that have less, or more, than a Cortex-M3.
#include "fake_probe.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using namespace flashhost;
namespace cm = flashhost::cortex_m;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint32_t m0 = 0x410CC200, m0_plus = 0x410CC601, m7 = 0x411FC271, m23 = 0x411CD200,
                        m33 = 0x410FD213;
constexpr std::uint32_t dauthstatus = 0xE000EFB8, scs_devarch = 0xE000EFBC;
constexpr std::uint32_t ccr_of_m7 = 0x00070200;  // both caches and branch prediction on

class CoreTest : public testing::Test {
 protected:
  void is(std::uint32_t id) { probe.poke(cm::cpuid, id); }
  // Values that were written to an address, in their order.
  std::vector<std::uint32_t> written(std::uint32_t address) const {
    std::vector<std::uint32_t> values;
    for (const fake::Write &write : probe.writes) {
      if (write.address == address) values.push_back(write.value);
    }
    return values;
  }
  std::size_t place_of_first(std::uint32_t address) const {
    const auto found = std::ranges::find(probe.writes, address, &fake::Write::address);
    return static_cast<std::size_t>(found - probe.writes.begin());
  }
  void quiesce_and_start() {
    cm::quiesce(probe, undo);
    cm::start(probe, {.pc = 0x20000201, .stack = 0x20001000, .vectors = 0x20000000});
  }

  fake::Probe probe;
  UndoLog undo;
};

TEST_F(CoreTest, IsToldByItsId) {
  const auto told = [&](std::uint32_t id) {
    is(id);
    return cm::identify(probe);
  };
  EXPECT_EQ(told(m0).name(), "Cortex-M0");
  EXPECT_EQ(told(m0).architecture, cm::Architecture::v6m);
  EXPECT_FALSE(told(m0).vector_table_offset);
  EXPECT_TRUE(told(m0_plus).vector_table_offset);
  EXPECT_FALSE(told(m0_plus).fault_registers);
  EXPECT_EQ(told(0x410FC241).name(), "Cortex-M4");
  EXPECT_EQ(told(m23).architecture, cm::Architecture::v8m_baseline);
  EXPECT_FALSE(told(m23).fault_registers);
  EXPECT_EQ(told(m33).architecture, cm::Architecture::v8m_mainline);
  EXPECT_TRUE(told(m33).fault_registers);
}

TEST_F(CoreTest, OfAnUnknownPartIsToldByItsArchitecture) {
  const auto name = [&](std::uint32_t id, std::uint32_t devarch) {
    is(id);
    probe.poke(scs_devarch, devarch);
    return cm::identify(probe).name();
  };
  EXPECT_EQ(name(0x410CFFF0, 0), "ARMv6-M core");
  EXPECT_EQ(name(0x410CFFF0, 0x47702A04), "ARMv8-M Baseline core");
  EXPECT_EQ(name(0x410FFFF0, 0), "ARMv7-M core");
  EXPECT_EQ(name(0x410FFFF0, 0x47702A04), "ARMv8-M Mainline core");
}

TEST_F(CoreTest, ThatRefusesToSayMoreHasNoMore) {
  is(0x410FFFF0);
  probe.on_read = [](std::uint32_t address) -> std::optional<std::uint32_t> {
    if (address == scs_devarch || address == cm::clidr) throw Error(Errc::memory_fault, "refused");
    return {};
  };
  EXPECT_EQ(cm::identify(probe).architecture, cm::Architecture::v7m);
  EXPECT_FALSE(cm::identify(probe).caches);
}

TEST_F(CoreTest, SecurityAndCachesAreAskedForWhereTheyMayBe) {
  probe.poke(dauthstatus, 0x30);
  probe.poke(cm::clidr, 3);
  EXPECT_FALSE(cm::identify(probe).security);  // Cortex-M3
  EXPECT_FALSE(cm::identify(probe).caches);
  is(m33);
  EXPECT_TRUE(cm::identify(probe).security);
  EXPECT_FALSE(cm::identify(probe).caches);
  is(m7);
  EXPECT_TRUE(cm::identify(probe).caches);
  probe.poke(cm::clidr, 0);  // a Cortex-M7 may be made without
  EXPECT_FALSE(cm::identify(probe).caches);
}

TEST_F(CoreTest, WithoutARegisterIsNotWrittenThere) {
  for (const std::uint32_t id : {m0, m0_plus, m23}) {
    probe.writes.clear();
    undo.clear();
    is(id);
    probe.poke(cm::ccr, 0x208);  // read-only: both bits are always set
    quiesce_and_start();
    for (const std::uint32_t absent :
         {cm::cfsr, cm::hfsr, cm::sfsr, cm::ccr, cm::iciallu, cm::dccisw}) {
      EXPECT_THAT(written(absent), IsEmpty()) << hex(id) << ' ' << hex(absent);
    }
    EXPECT_THAT(written(cm::dfsr), Not(IsEmpty()));
    EXPECT_EQ(probe.debug_control, 0x01000401U);  // VC_BUSERR does not exist
    EXPECT_EQ(written(cm::vtor).empty(), id == m0);
    EXPECT_EQ(std::ranges::count(undo, cm::vtor, &UndoStep::address), id == m0 ? 0 : 1);
  }
}

TEST_F(CoreTest, KeepsTheFieldsOfAircrThatItHas) {
  probe.poke(cm::aircr, 0xFA050000 | 0x6708);  // PRIS, BFHFNMINS, PRIGROUP, SYSRESETREQS
  for (const auto &[id, kept] :
       {std::pair{m0, 0U}, {m7, 0x0700U}, {m23, 0x6008U}, {m33, 0x6708U}}) {
    is(id);
    cm::quiesce(probe, undo);
    EXPECT_EQ(probe.written(cm::aircr), 0x05FA0002U | kept) << hex(id);
  }
}

TEST_F(CoreTest, SecureFaultsAreClearedAndCaught) {
  is(m33);
  probe.poke(dauthstatus, 0x30);
  quiesce_and_start();
  EXPECT_THAT(written(cm::sfsr), Each(0xFFFFFFFFU));
  EXPECT_EQ(probe.debug_control, 0x01000D01U);
}

TEST_F(CoreTest, StackLimitsOfTheOldFirmwareAreClearedAndPutBack) {
  is(m33);
  probe.registers.at(0x1E) = 0x20001000;
  probe.registers.at(0x1F) = 0x20002000;
  probe.registers.at(0x1C) = 0x30001000;  // without the security extension these do not exist
  cm::quiesce(probe, undo);
  EXPECT_EQ(probe.registers.at(0x1E), 0U);
  EXPECT_EQ(probe.registers.at(0x1F), 0U);
  EXPECT_EQ(probe.registers.at(0x1C), 0x30001000U);
  EXPECT_EQ(cm::restore(probe, undo, false), "");
  EXPECT_EQ(probe.registers.at(0x1E), 0x20001000U);
  EXPECT_EQ(probe.registers.at(0x1F), 0x20002000U);
}

TEST_F(CoreTest, BothWorldsHaveStackLimits) {
  is(m33);
  probe.poke(dauthstatus, 0x30);
  for (std::size_t which = 0x1C; which <= 0x1F; ++which) probe.registers.at(which) = 0x20001000;
  cm::quiesce(probe, undo);
  for (std::size_t which = 0x1C; which <= 0x1F; ++which) EXPECT_EQ(probe.registers.at(which), 0U);
}

class Caches : public CoreTest {
 protected:
  Caches() {
    is(m7);
    probe.poke(cm::clidr, 0x09000003);
    probe.poke(cm::ccsidr, 0xF003E019);  // 4 KiB: 4 ways of 32 lines of 32 bytes
  }
};

TEST_F(Caches, AreWrittenBackAndTurnedOff) {
  probe.poke(cm::ccr, ccr_of_m7);
  cm::quiesce(probe, undo);
  EXPECT_EQ(probe.peek(cm::ccr), 0x00040200U);
  const auto cleaned = written(cm::dccisw);
  ASSERT_EQ(cleaned.size(), 4U * 32);
  EXPECT_EQ(cleaned.front(), 0U);
  EXPECT_EQ(cleaned.at(1), 32U);
  EXPECT_EQ(cleaned.back(), 0xC0000000U | 31 * 32);
  EXPECT_LT(place_of_first(cm::ccr), place_of_first(cm::dccisw));
  EXPECT_LT(place_of_first(cm::dccisw), place_of_first(cm::iciallu));
}

TEST_F(Caches, ThatAreOffAreNotWrittenBack) {
  cm::quiesce(probe, undo);
  EXPECT_THAT(written(cm::dccisw), IsEmpty());
  EXPECT_THAT(written(cm::ccr), IsEmpty());
}

TEST_F(Caches, OfInstructionsForgetBeforeCodeThatTheProbeWroteRuns) {
  cm::quiesce(probe, undo);
  probe.writes.clear();
  cm::start(probe, {.pc = 0x20000201, .stack = 0x20001000});
  EXPECT_THAT(written(cm::iciallu), ElementsAre(0U));
}

TEST_F(Caches, OfInstructionsForgetBeforeTheyAreTurnedOnAgain) {
  probe.poke(cm::ccr, ccr_of_m7);
  cm::quiesce(probe, undo);
  probe.writes.clear();
  EXPECT_EQ(cm::restore(probe, undo, false), "");
  EXPECT_EQ(probe.peek(cm::ccr), ccr_of_m7);
  EXPECT_LT(place_of_first(cm::iciallu), place_of_first(cm::ccr));
  EXPECT_THAT(written(cm::dccisw), IsEmpty());
}

TEST_F(CoreTest, WithoutFaultRegistersIsNotReportedToHaveNoFault) {
  is(m0);
  probe.add_region(0x20000000, 0x1000, 0);
  probe.poke(0x20000F18, 0x20000124);  // the frame's program counter
  probe.poke(0x20000F1C, 0x01000000);  // and xPSR
  probe.poke(0x20000124, 0x46C0DE00);
  probe.halted = probe.debug_enabled = true;
  probe.registers.at(13) = 0x20000F00;
  probe.registers.at(14) = 0xFFFFFFF9;
  probe.registers.at(15) = 0x20000010;
  probe.registers.at(16) = 0x01000003;
  probe.poke(cm::cfsr, 0x8200);  // not a register of this core
  const cm::CoreReport report = cm::observe(probe);
  EXPECT_EQ(cm::describe(report),
            "HardFault at 0x20000124: the instruction there is 0xde00; a Cortex-M0 has no "
            "registers that say why");
  EXPECT_THAT(cm::dump(report), HasSubstr("CFSR, HFSR: a Cortex-M0 has none"));
  EXPECT_THAT(cm::dump(report), Not(HasSubstr("BFAR")));
}

TEST_F(CoreTest, FaultsOfLaterArchitecturesAreNamed) {
  is(m33);
  probe.poke(dauthstatus, 0x30);
  probe.halted = probe.debug_enabled = true;
  probe.registers.at(15) = 0x20000124;
  probe.registers.at(16) = 0x01000006;
  probe.poke(cm::cfsr, 1U << 20);
  EXPECT_EQ(cm::describe(cm::observe(probe)),
            "UsageFault at 0x20000124: the stack pointer is below its limit");
  probe.registers.at(16) = 0x01000007;
  probe.poke(cm::cfsr, 0);
  probe.poke(cm::sfsr, 0x48);
  probe.poke(cm::sfar, 0x30000000);
  EXPECT_EQ(cm::describe(cm::observe(probe)),
            "SecureFault at 0x20000124: an access from non-secure code to secure memory at "
            "0x30000000");
  EXPECT_THAT(cm::dump(cm::observe(probe)), HasSubstr("SFSR 0x00000048 AUVIOL"));
}

}  // namespace
