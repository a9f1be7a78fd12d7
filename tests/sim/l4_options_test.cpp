// The option bytes of the L4 and of those like it: protection, banks, where the chip starts.
#include "l4_bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::l4::options_rules {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t iwdg_sw = 1U << 16, nswap = 1U << 20, bfb2 = 1U << 20, dbank = 1U << 22;
constexpr std::uint32_t secr = 0x80, sec1r = 0x70, boot_lock = 1U << 16;

std::uint32_t with_rdp(std::uint32_t options, std::uint32_t rdp) {
  return (options & ~0xFFU) | rdp;
}

void place_vectors(Board &board, std::uint32_t offset, std::uint32_t entry) {
  const std::uint32_t vectors[] = {0x20001000, entry | 1U};
  std::copy_n(reinterpret_cast<const std::uint8_t *>(vectors), sizeof vectors,
              board.flash.begin() + offset);
}

void power_cycle(Board &board) {
  board.target.power_cycle();
  board.target.advance(5ms);
}

TEST(L4Options, AreAsTheFactoryLeavesThem) {
  for (const auto &[part, options] : {std::pair{"STM32G071RB", 0xFFFFFEAAU},
                                      {"STM32G0B1RE", 0xFFFFFEAAU},
                                      {"STM32G030K8", 0xDFFFE1AAU},
                                      {"STM32L476RG", 0xFFEFF8AAU},
                                      {"STM32G474RE", 0xFFEFF8AAU}}) {
    Board board(part);
    EXPECT_EQ(board.get(optr), options) << part;
    EXPECT_EQ(board.read(0x1FFF7800), options) << part;
    EXPECT_EQ(board.read(0x1FFF7804), ~options) << part;
  }
  EXPECT_EQ(Board("STM32L476RG").read(0x1FFFF818), Board("STM32L476RG").get(wrp2a));
}

TEST(L4Options, NeedTheirOwnKeys) {
  Board board;
  board.unlock();
  board.set(optr, 0xFFFEFEAA);
  board.set(cr, optstrt);
  EXPECT_EQ(board.get(cr), optlock);
  EXPECT_EQ(board.get(sr), 0U);
  board.set(cr, obl_launch);
  board.target.advance(1ms);
  EXPECT_EQ(board.get(optr), 0xFFFFFEAAU);
  EXPECT_EQ(board.target.statistics().system_resets, 0U);
}

TEST(L4Options, AreWrittenByOptstrtOnlyAndLoadedByTheLaunchOnly) {
  Board board;
  board.unlock_options();
  board.set(optr, 0xFFFDFEAA);
  board.load_options();
  EXPECT_EQ(board.get(optr), 0xFFFFFEAAU);
  board.unlock_options();
  board.change_option(optr, 0xFFFDFEAA);
  EXPECT_EQ(board.get(optr), 0xFFFFFEAAU) << "the old ones are read until they are loaded";
  board.system_reset();
  EXPECT_EQ(board.get(optr), 0xFFFFFEAAU) << "a reset does not load them";
  board.unlock_options();
  const auto resets = board.target.statistics().system_resets;
  board.load_options();
  EXPECT_EQ(board.target.statistics().system_resets, resets + 1);
  EXPECT_EQ(board.get(optr), 0xFFFDFEAAU);
  EXPECT_EQ(board.get(cr), lock | optlock);
}

TEST(L4Options, AreLoadedByPowerOn) {
  Board board;
  board.unlock_options();
  board.change_option(optr, 0xFFFDFEAA);
  power_cycle(board);
  EXPECT_EQ(board.get(optr), 0xFFFDFEAAU);
}

TEST(L4Options, WriteProtectionCoversItsPages) {
  Board board("STM32L476RG", {"write_protected=8", "write_protected=300"});
  EXPECT_EQ(board.get(wrp1a), 0x00080008U);
  EXPECT_EQ(board.get(wrp2a), 0x002C002CU);
  EXPECT_EQ(board.get(0x30), 0x000000FFU) << "START behind END: none";
  EXPECT_THROW(
      Board("STM32L476RG", {"write_protected=1", "write_protected=3", "write_protected=5"}),
      std::invalid_argument);
  board.unlock();
  board.program(place, 0, 0);
  EXPECT_EQ(board.get(sr), wrperr);
  for (const std::uint32_t mode : {per | pnb(8), per | pnb(44) | bker11, mer1, mer2}) {
    board.clear_flags();
    board.erase(mode);
    EXPECT_EQ(board.get(sr), wrperr) << mode;
  }
  for (const std::uint32_t mode : {per | pnb(9), per | pnb(44), per | pnb(8) | bker11}) {
    board.clear_flags();
    board.erase(mode);
    EXPECT_EQ(board.get(sr), 0U) << mode;
  }
}

TEST(L4Options, CodeProtectionKeepsReadersOut) {
  Board board;
  board.unlock_options();
  board.set(pcrop1e, 33);
  board.change_option(pcrop1s, 32);
  board.load_options();
  EXPECT_EQ(board.try_read(place), Ack::fault);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.get(sr), 1U << 14);
  EXPECT_EQ(board.try_read(place + 2 * 512), Ack::ok);
  board.unlock();
  board.clear_flags();
  board.erase(per | pnb(8));
  EXPECT_EQ(board.get(sr), wrperr);
}

// As it is delivered, and with an end before the start that is in the flash.
TEST(L4Options, AnAreaThatEndsBeforeItStartsProtectsNothing) {
  Board board("STM32G071RB");
  board.unlock_options();
  board.set(pcrop1e, 4);
  board.change_option(pcrop1s, 8);
  board.load_options();
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
  board.unlock();
  board.erase(mer1);
  EXPECT_EQ(board.get(sr), 0U);
}

TEST(L4Options, CodeProtectionCountsInItsOwnUnits) {
  for (const auto &[part, unit] : {std::pair{"STM32WB55RG", 2048U}, std::pair{"STM32WLE5JC", 1024U},
                                   std::pair{"STM32L476RG", 8U}}) {
    SCOPED_TRACE(part);
    Board board(part);
    board.unlock_options();
    board.set(pcrop1e, 3);
    board.change_option(pcrop1s, 3);
    board.load_options();
    EXPECT_EQ(board.try_read(address::flash + 3 * unit - 4), Ack::ok);
    EXPECT_EQ(board.try_read(address::flash + 3 * unit), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.try_read(address::flash + 4 * unit), Ack::ok);
  }
}

TEST(L4Options, PartsWithLessFlashHaveTheFieldsOfTheLargest) {
  EXPECT_EQ(Board("STM32G0B1RB").get(wrp1a), 0x7FU);
  EXPECT_EQ(Board("STM32L4R5ZG").get(wrp1a), 0xFFU);
}

TEST(L4Options, ReadProtectionShutsTheFlashToADebugger) {
  for (const char *part : {"STM32G071RB", "STM32L476RG"}) {
    SCOPED_TRACE(part);
    Board board(part, {"read_protected"});
    EXPECT_EQ(board.try_read(address::flash), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.try_read(address::sram), Ack::ok);
    board.unlock();
    board.program(place, 0, 0);
    EXPECT_EQ(board.get(sr), wrperr);
    board.clear_flags();
    board.erase(per | pnb(8));
    EXPECT_EQ(board.get(sr), wrperr);
    EXPECT_EQ(board.flash[0x4000], 0xFF);
  }
}

TEST(L4Options, AtLevelOneAC0AnswersAStoreWithABusError) {
  Board board("STM32C031K6", {"read_protected"});
  board.unlock();
  board.set(cr, pg);
  EXPECT_EQ(board.try_write(place, 0), Ack::fault);
}

TEST(L4Options, LiftingReadProtectionErasesEverything) {
  Board board("STM32G071RB", {"read_protected"});
  board.flash[0x12345] = 0;
  board.unlock_options();
  board.set(optr, with_rdp(board.get(optr), 0xAA));
  board.set(cr, optstrt);
  EXPECT_THAT(board.wait(), AllOf(Ge(44ms), Le(46ms)));
  EXPECT_EQ(board.flash[0x12345], 0xFF);
  EXPECT_EQ(board.try_read(address::flash), Ack::fault) << "not loaded yet";
  board.target.clear_sticky_error();
  board.load_options();
  EXPECT_EQ(board.try_read(address::flash), Ack::ok);
}

TEST(L4Options, ProtectingUnderADebuggersEyesShutsTheFlashToAllUntilPowerOn) {
  Board board("STM32G071RB", {}, {{0x100, snippet::forever}}, address::flash + 0x100);
  board.halt();
  board.unlock_options();
  board.change_option(optr, with_rdp(board.get(optr), 0x55));
  EXPECT_EQ(board.try_read(address::flash), Ack::ok) << "not loaded yet";
  board.load_options();
  board.write(address::dhcsr, 0xA05F0000);  // no debugger
  board.system_reset();
  EXPECT_EQ(board.read(address::dhcsr) & core::s_lockup, core::s_lockup);
  power_cycle(board);
  EXPECT_EQ(board.read(address::dhcsr) & core::s_lockup, 0U);
}

TEST(L4Options, CodeProtectionStaysWithItsPagesUnlessPcropRdpIsSet) {
  constexpr std::uint32_t pcrop_rdp = 1U << 31;
  for (const bool gone : {false, true}) {
    Board board("STM32G071RB", {"read_protected"});
    board.fill(0, 0x8000, 0);
    board.unlock_options();
    board.set(pcrop1e, 33 | (gone ? pcrop_rdp : 0));
    board.change_option(pcrop1s, 32);
    board.load_options();
    board.unlock_options();
    board.change_option(optr, with_rdp(board.get(optr), 0xAA));
    board.load_options();
    EXPECT_EQ(board.flash[0x3FFF], 0xFF);
    EXPECT_EQ(board.flash[0x4000], gone ? 0xFF : 0);
    EXPECT_EQ(board.flash[0x4800], 0xFF);
    EXPECT_EQ(board.try_read(place), gone ? Ack::ok : Ack::fault);
  }
}

TEST(L4Options, TheLaunchCanGoUnanswered) {
  Board board("STM32G071RB", {"launch_unanswered"});
  board.unlock_options();
  board.change_option(optr, 0xFFFDFEAA);
  EXPECT_EQ(board.try_write(board.at(cr), obl_launch), Ack::fault);
  board.target.advance(1ms);
  board.target.clear_sticky_error();
  EXPECT_EQ(board.get(optr), 0xFFFDFEAAU);
}

TEST(L4Options, LevelTwoEndsAllDebugging) {
  Board board("STM32G071RB", {"read_protected_for_ever"});
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::no_response) << "under reset";
}

TEST(L4Options, AnInterruptedWriteProtectsEverything) {
  for (const auto &[part, answers] : {std::pair{"STM32L476RG", Ack::ok},
                                      {"STM32C031K6", Ack::ok},
                                      {"STM32G071RB", Ack::no_response}}) {
    SCOPED_TRACE(part);
    Board board(part);
    board.unlock_options();
    board.set(optr, board.get(optr) & ~iwdg_sw);
    board.set(cr, optstrt);
    board.target.advance(1ms);
    power_cycle(board);
    EXPECT_EQ(board.target.connect(), answers) << "BOOT_LOCK of a G0";
    if (answers != Ack::ok) continue;
    EXPECT_EQ(board.get(optr), 0xFFFFFFFFU);
    EXPECT_EQ(board.get(sr), optverr);
    EXPECT_EQ(board.try_read(address::flash), Ack::fault);
    board.target.clear_sticky_error();
    board.unlock_options();
    board.clear_flags();
    board.change_option(optr, with_rdp(board.get(optr), 0xAA));
    board.load_options();
    EXPECT_EQ(board.try_read(address::flash), Ack::ok);
    EXPECT_EQ(board.get(sr), 0U);
  }
}

TEST(L4Options, SwappingChangesThePlacesOfTheBanks) {
  Board board("STM32G0B1RE");
  board.flash[0] = 1;
  board.flash[256 * kib] = 2;
  board.unlock_options();
  board.change_option(optr, board.get(optr) & ~nswap);
  EXPECT_EQ(board.read(address::flash) & 0xFF, 1U);
  board.load_options();
  EXPECT_EQ(board.read(address::flash) & 0xFF, 2U);
  EXPECT_EQ(board.read(address::flash + 256 * kib) & 0xFF, 1U);
  board.unlock();
  board.erase(per | bker13);
  EXPECT_EQ(board.read(address::flash), erased) << "BKER names the bank, not the place";
  EXPECT_EQ(board.read(address::flash + 256 * kib) & 0xFF, 1U);
}

TEST(L4Options, BanksCanBeSwappedFromTheBeginning) {
  Board board("STM32G0B1RE", {"swapped_banks"});
  board.flash[0] = 1;
  board.flash[256 * kib] = 2;
  board.unlock();
  board.erase(per);
  EXPECT_EQ(board.flash[0], 1);
  EXPECT_EQ(board.flash[256 * kib], 0xFF);
}

TEST(L4Options, TheNumberOfBanksChangesAtTheLaunch) {
  Board board("STM32G474RE");
  board.unlock_options();
  board.change_option(optr, board.get(optr) & ~dbank);
  board.load_options();
  board.fill(0, 512 * kib, 0);
  board.unlock();
  board.erase(per | pnb(1));
  EXPECT_EQ(std::ranges::count(board.flash, 0xFF), 4 * kib);
}

TEST(L4Options, TheSecondBankBootsWhenItHoldsAProgram) {
  Board board("STM32L476RG", {"boot_bank2"});
  place_vectors(board, 0, address::flash + 0x100);
  board.system_reset();
  board.halt();
  EXPECT_EQ(board.reg(core::pc), address::flash + 0x100);
  place_vectors(board, 512 * kib, address::flash + 512 * kib + 0x100);
  board.system_reset();
  board.halt();
  EXPECT_EQ(board.reg(core::pc), address::flash + 512 * kib + 0x100);
  EXPECT_EQ(board.read(0), board.read(system_memory)) << "the alias shows the ROM";
}

TEST(L4Options, TheWatchdogCanStartByThem) {
  for (const char *part : {"STM32G071RB", "STM32L476RG", "STM32WB55RG"}) {
    Board board(part, {"hardware_iwdg"});
    board.target.advance(1100ms);
    EXPECT_EQ(board.target.statistics().system_resets, 2U) << part;
  }
}

TEST(L4Options, AnOptionErrorCanComeWithEveryReset) {
  Board board("STM32WB55RG", {"optverr"});
  EXPECT_EQ(board.get(sr), optverr);
  board.unlock();
  board.erase(per | pnb(4));
  EXPECT_EQ(board.get(sr), optverr | pgserr);
  board.clear_flags();
  board.erase(per | pnb(4));
  EXPECT_EQ(board.get(sr), 0U);
  board.system_reset();
  EXPECT_EQ(board.get(sr), optverr);
}

TEST(L4Options, SecuredPagesVanishUntilReset) {
  for (const auto &[part, where] : {std::pair{"STM32G071RB", secr}, {"STM32G474RE", sec1r}}) {
    SCOPED_TRACE(part);
    Board board(part);
    board.unlock_options();
    board.change_option(where, 2);
    board.load_options();
    EXPECT_EQ(board.try_read(address::flash), Ack::ok);
    board.unlock();
    board.set(cr, sec_prot);
    EXPECT_EQ(board.get(cr) & sec_prot, sec_prot);
    EXPECT_EQ(board.try_read(address::flash), Ack::fault);
    board.target.clear_sticky_error();
    EXPECT_EQ(board.try_read(address::flash + 2 * 2 * kib), Ack::ok);
    board.erase(per | pnb(1));
    EXPECT_EQ(board.get(sr), wrperr);
    board.system_reset();
    EXPECT_EQ(board.try_read(address::flash), Ack::ok);
  }
}

TEST(L4Options, BootLockWithReadProtectionEndsAllDebugging) {
  Board board;
  board.unlock_options();
  board.change_option(secr, boot_lock);
  board.load_options();
  EXPECT_EQ(board.target.connect(), Ack::ok);
  board.unlock_options();
  board.change_option(optr, with_rdp(board.get(optr), 0));
  board.load_options();
  EXPECT_EQ(board.target.connect(), Ack::no_response);
}

TEST(L4Boot, AnEmptyFlashStartsTheRom) {
  for (const char *part : {"STM32G071RB", "STM32L432KC", "STM32WB55RG"}) {
    SCOPED_TRACE(part);
    Config chosen = config(part);
    chosen.firmware_runs = true;
    Bench board(chosen);
    board.halt();
    EXPECT_EQ(board.reg(core::pc), system_memory + 8);
    EXPECT_EQ(board.read(4), system_memory + 9);
  }
  Config chosen = config("STM32G474RE");
  chosen.firmware_runs = true;
  Bench unchecked(chosen);
  EXPECT_EQ(unchecked.read(address::dhcsr) & core::s_lockup, core::s_lockup);
}

// A program is there, but the chip does not know it until the flag is cleared.
TEST(L4Boot, ASystemResetKeepsTheEmptyFlag) {
  for (const bool in_status : {false, true}) {
    Board board(in_status ? "STM32L432KC" : "STM32G071RB");
    board.unlock();
    board.program(address::flash, 0x20001000, address::flash + 0x101);
    board.system_reset();
    board.halt();
    EXPECT_EQ(board.reg(core::pc), system_memory + 8);
    if (in_status) {
      EXPECT_EQ(board.get(sr), pempty);
      board.set(sr, pempty);
      EXPECT_EQ(board.get(sr), 0U);
      board.set(sr, pempty);
      EXPECT_EQ(board.get(sr), pempty) << "it toggles";
      board.set(sr, pempty);
    } else {
      EXPECT_EQ(board.get(acr) >> 16 & 1U, 1U);
      board.set(acr, board.get(acr) & ~(1U << 16));
    }
    board.system_reset();
    board.halt();
    EXPECT_EQ(board.reg(core::pc), address::flash + 0x100);
  }
}

TEST(L4Boot, TheLaunchLooksAgain) {
  Board board;
  board.unlock_options();
  board.program(address::flash, 0x20001000, address::flash + 0x101);
  board.load_options();
  EXPECT_EQ(board.get(acr) >> 16 & 1U, 0U);
  board.halt();
  EXPECT_EQ(board.reg(core::pc), address::flash + 0x100);
}

TEST(L4Boot, OptionBitsCanChooseTheRom) {
  for (const auto &[part, bits] :
       {std::pair{"STM32G071RB", 1U << 26}, {"STM32L432KC", 3U << 26}, {"STM32WB55RG", 3U << 26}}) {
    Board board(part);
    place_vectors(board, 0, address::flash + 0x100);
    board.target.power_cycle();
    board.target.advance(5ms);
    board.halt();
    EXPECT_EQ(board.reg(core::pc), address::flash + 0x100) << part;
    board.unlock_options();
    board.change_option(optr, board.get(optr) & ~bits);
    board.load_options();
    board.halt();
    EXPECT_EQ(board.reg(core::pc), system_memory + 8) << part;
  }
}

TEST(L4Boot, TheRomWaitsWhereItsAliasIs) {
  Board board;
  board.halt();
  board.prepare(8);
  board.resume();
  board.target.advance(1ms);
  board.halt();
  EXPECT_EQ(board.reg(core::pc), 8U);
  EXPECT_EQ(board.try_read(0x10000), Ack::fault) << "nothing behind it";
}

TEST(L4Boot, TheDebugPortCanBeSwitchedOffUntilReset) {
  Board board("STM32G474RE");
  board.set(acr, board.get(acr) & ~(1U << 18));
  EXPECT_EQ(board.target.connect(), Ack::no_response);
  board.target.set_nrst(0);
  EXPECT_EQ(board.target.connect(), Ack::ok);
}

}  // namespace
}  // namespace sim_test::l4::options_rules
