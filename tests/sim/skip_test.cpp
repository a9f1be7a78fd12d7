// Skipping loops that cannot change anything must not show: same trace, same times, same counts.
#include "bench.hpp"
#include "snippets.hpp"

#include <gmock/gmock.h>

namespace sim_test::skip_rules {
namespace {

constexpr std::uint16_t systick_vector[] = {0x0081, 0x0800};

struct Trace {
  std::vector<std::uint32_t> values;
  std::vector<Nanoseconds> times;
  std::uint64_t instructions = 0;
  std::vector<std::uint8_t> flash;
  bool operator==(const Trace &) const = default;
};

template <typename Job>
Trace trace(bool skip, Job job, std::initializer_list<Placed> firmware = {},
            std::uint32_t entry = 0) {
  Config chosen = config();
  chosen.skip_polling = skip;
  chosen.firmware_runs = entry != 0;
  Bench board(chosen, firmware, entry);
  Trace result;
  job(board, result);
  for (const auto &edge : board.target.pin_edges()) result.times.push_back(edge.time);
  result.times.push_back(board.target.statistics().busy);
  result.times.push_back(board.target.now());
  result.instructions = board.target.statistics().instructions;
  result.flash = board.flash;
  return result;
}

template <typename Job>
void expect_same(Job job, std::initializer_list<Placed> firmware = {}, std::uint32_t entry = 0) {
  const Trace skipped = trace(true, job, firmware, entry);
  const Trace executed = trace(false, job, firmware, entry);
  EXPECT_EQ(skipped.values, executed.values);
  EXPECT_EQ(skipped.times, executed.times);
  EXPECT_EQ(skipped.instructions, executed.instructions);
  EXPECT_EQ(skipped.flash, executed.flash);
}

TEST(Skipping, DoesNotShowWhileProgramming) {
  expect_same([](Bench &board, Trace &result) {
    board.halt();
    board.unlock();
    board.write(address::flash_cr, cr::pg);
    board.set_reg(0, address::sram + 0x400);
    board.set_reg(1, address::flash + 0x1000);
    board.set_reg(2, 200);
    board.set_reg(3, 0x40022000);
    board.load(snippet::program_halfwords);
    board.prepare(address::sram);
    board.resume();
    // Looking in at odd moments must not show either.
    for (int i = 0; i < 400 && !board.halted(); ++i) {
      board.target.advance(Nanoseconds{37'321});
      result.values.push_back(board.read(address::flash_sr));
    }
    for (unsigned i = 0; i < 16; ++i) result.values.push_back(board.reg(i));
  });
}

TEST(Skipping, DoesNotShowWhileCountingTicks) {
  expect_same([](Bench &board, Trace &result) {
    board.halt();
    board.write(address::systick + 4, 7999);
    board.write(address::systick + 8, 0);
    board.write(address::systick, 5);
    board.set_reg(0, address::systick);
    board.set_reg(1, 20);
    board.set_reg(2, 0);
    board.load(snippet::poll_tick);
    board.prepare(address::sram);
    board.resume();
    for (int i = 0; i < 300 && !board.halted(); ++i) board.target.advance(Nanoseconds{99'991});
    for (unsigned i = 0; i < 16; ++i) result.values.push_back(board.reg(i));
    result.values.push_back(board.read(address::systick + 8));
  });
}

TEST(Skipping, DoesNotShowWhileWaitingForAWordInSram) {
  expect_same([](Bench &board, Trace &result) {
    board.halt();
    board.write(address::sram + 0x800, 0);
    board.set_reg(0, address::sram + 0x800);
    board.load(snippet::poll_word);
    board.prepare(address::sram);
    board.resume();
    board.target.advance(Nanoseconds{3'141'592});
    board.write(address::sram + 0x800, 42);
    board.target.advance(1ms);
    result.values.push_back(board.halted() ? 1 : 0);
    result.values.push_back(board.reg(1));
  });
}

TEST(Skipping, DoesNotShowUnderAnIdleFirmwareWithInterrupts) {
  expect_same(
      [](Bench &board, Trace &result) {
        board.target.advance(20ms);
        result.values.push_back(static_cast<std::uint32_t>(board.target.pin_edges().size()));
        EXPECT_GE(board.target.pin_edges().size(), 19U);
      },
      {{0x3C, systick_vector}, {0x40, snippet::blink}, {0x80, snippet::toggle}},
      address::flash + 0x40);
}

TEST(Skipping, DoesNotShowWhileCopying) {
  expect_same([](Bench &board, Trace &result) {
    board.halt();
    board.set_reg(0, address::flash);
    board.set_reg(1, address::sram + 0x400);
    board.set_reg(2, 500);
    board.load(snippet::copy_words);
    board.prepare(address::sram);
    result.values.push_back(board.run_to_halt() ? 1 : 0);
    for (unsigned i = 0; i < 16; ++i) result.values.push_back(board.reg(i));
  });
}

TEST(Skipping, LetsAnIdleHourPassAtOnce) {
  Config chosen = config();
  chosen.firmware_runs = true;
  Bench board(chosen, {{0x40, snippet::forever}}, address::flash + 0x40);
  board.target.advance(3600s);  // 10^10 instructions: only skipping ends this in a test's time
  EXPECT_GT(board.target.statistics().instructions, 9'000'000'000U);
}

}  // namespace
}  // namespace sim_test::skip_rules
