// What the caches in front of the flash held before it was written must not be seen afterwards:
// neither in verification nor by the core.
#include "f4_sim_board.hpp"

#include <gmock/gmock.h>

namespace {

using namespace flashhost;
using namespace flashhost::test;

constexpr std::uint32_t place = 0x08004000;  // sector 1
// movs r0, #1 or #2 | bkpt #0
const Bytes old_code{0x01, 0x20, 0x00, 0xBE};
const Bytes new_code{0x02, 0x20, 0x00, 0xBE};
constexpr std::uint32_t caches_on = 0x700;

class F4Caches : public testing::Test {
 protected:
  F4Caches() {
    board.prepare_after_reset();
    f4::program(board.host, board.probe, board.chip, place, old_code, Width::word);
    EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
    board.undo.clear();
    board.probe.write_word(f4::flash_acr, caches_on);
    EXPECT_EQ(call(), 1U);
  }
  // Runs the code at `place` as the firmware would.
  std::uint32_t call() {
    board.probe.halt();
    board.probe.write_register(CoreRegister::xpsr, 1U << 24);
    board.probe.write_register(CoreRegister::pc, place);
    board.probe.write_register(CoreRegister::sp, 0x20001000);
    board.probe.resume();
    board.probe.sleep(std::chrono::milliseconds(1));
    EXPECT_EQ(board.probe.state(), CoreState::halted);
    return board.probe.read_register(CoreRegister::r0);
  }
  // The core loads the word, so that the data cache has it.
  void load() {
    board.probe.write_memory(0x20000000, Bytes{0x01, 0x68, 0x00, 0xBE},
                             Width::automatic);  // ldr r1, [r0] | bkpt
    board.probe.write_register(CoreRegister::r0, place);
    board.probe.write_register(CoreRegister::xpsr, 1U << 24);
    board.probe.write_register(CoreRegister::pc, 0x20000000);
    board.probe.resume();
    board.probe.sleep(std::chrono::milliseconds(1));
  }
  void replace() {
    f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]);
    f4::program(board.host, board.probe, board.chip, place, new_code, Width::word);
  }
  F4SimBoard board{"STM32F407VG"};
};

TEST_F(F4Caches, NewCodeRunsAfterTheFamilyHasPreparedTheChip) {
  board.prepare();
  replace();
  EXPECT_EQ(cortex_m::restore(board.probe, board.undo, false), "");
  EXPECT_EQ(board.probe.read_word(f4::flash_acr), caches_on);
  EXPECT_EQ(call(), 2U);
}

TEST_F(F4Caches, NewCodeRunsAfterAResetToo) {
  board.prepare_after_reset();
  replace();
  static_cast<void>(cortex_m::reset_and_halt(board.probe));
  board.probe.write_word(f4::flash_acr, caches_on);
  EXPECT_EQ(call(), 2U);
}

TEST_F(F4Caches, WithoutTheFlushOldCodeRuns) {
  board.probe.halt();
  board.probe.write_word(f4::flash_keyr, stm32::key1);
  board.probe.write_word(f4::flash_keyr, stm32::key2);
  replace();
  EXPECT_EQ(board.read(place, 4), new_code);
  EXPECT_EQ(call(), 1U);
  // Nor does a reset help, once the new firmware switches the caches on.
  static_cast<void>(cortex_m::reset_and_halt(board.probe));
  board.probe.write_word(f4::flash_acr, caches_on);
  EXPECT_EQ(call(), 1U);
}

TEST_F(F4Caches, VerificationReadsWhatIsThere) {
  load();
  board.prepare();
  f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]);
  EXPECT_EQ(board.read(place, 4), Bytes(4, 0xFF));
}

TEST_F(F4Caches, WithoutTheFlushVerificationReadsWhatWasThere) {
  load();
  board.probe.halt();
  board.probe.write_word(f4::flash_keyr, stm32::key1);
  board.probe.write_word(f4::flash_keyr, stm32::key2);
  f4::erase_sector(board.host, board.probe, board.chip, board.chip.sectors[1]);
  EXPECT_EQ(board.read(place, 4), old_code);
}

}  // namespace
