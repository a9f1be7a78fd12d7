// The ARMv6-M cores, on a made-up chip: what they do not have, and that whatever is wrong ends in
// HardFault.
#include "bench.hpp"
#include "tiny_chip.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace sim_test::v6m_rules {
namespace {

namespace tiny = flashhost::test::tiny;
using Code = std::vector<std::uint16_t>;
using testing::ElementsAre;

constexpr std::uint32_t ccr = 0xE000ED14, shpr1 = 0xE000ED18, shpr3 = 0xE000ED20,
                        cpuid = 0xE000ED00, nvic_priority = 0xE000E400, fp_ctrl = 0xE0002000,
                        cyccnt = 0xE0001004, rom_table = 0xE00FF000, mpu_ctrl = 0xE000ED94;
constexpr std::uint32_t handler_at = 0x100;  // in flash
constexpr std::uint32_t counter = address::sram + 0x800;
constexpr unsigned hard_fault = 3;

// ldr r0, =counter | ldr r1, [r0] | adds r1, #1 | str r1, [r0] | bkpt #0 | (literal)
constexpr std::uint16_t count_and_stop[] = {0x4802, 0x6801, 0x3101, 0x6001,
                                            0xBE00, 0xBF00, 0x0800, 0x2000};

Config tiny_config(const std::string &part, std::vector<std::string> faults = {}) {
  Config result = config();
  result.model = tiny::model();
  result.part = part;
  result.faults = std::move(faults);
  result.rules_off = flashhost::machine::known_rules(*result.model, std::move(result.rules_off));
  return result;
}

// Halted. Every vector of its flash leads to code that counts and stops.
struct Tiny : Bench {
  explicit Tiny(const std::string &part, std::vector<std::string> faults = {})
      : Bench(tiny_config(part, std::move(faults)), {{handler_at, count_and_stop}}, handler_at) {
    write(tiny::control, 1);
    for (std::uint32_t number = 2; number < 48; ++number) {
      write(address::flash + 4 * number, (address::flash + handler_at) | 1U);
      target.advance(1ms);
    }
    halt();
    write(counter, 0);
  }
  // Runs this code in SRAM until the core halts, at its BKPT or in a handler.
  bool run(const Code &code) { return execute(code); }
  unsigned exception() { return reg(core::xpsr) & 0x3F; }
};

class V6m : public testing::TestWithParam<const char *> {
 protected:
  Tiny board{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Cores, V6m, testing::Values("TINY0", "TINY0P"));

TEST_P(V6m, RunsWhatItHas) {
  board.set_reg(0, 6);
  board.set_reg(1, 7);
  // muls r0, r1 | bl +4 (over a bkpt) | bkpt | mrs r2, primask | dmb | dsb | isb | bkpt
  ASSERT_TRUE(board.run({0x4348, 0xF000, 0xF801, 0xBE01, 0xF3EF, 0x8210, 0xF3BF, 0x8F5F, 0xF3BF,
                         0x8F4F, 0xF3BF, 0x8F6F, 0xBE00}));
  EXPECT_EQ(board.exception(), 0U);
  EXPECT_EQ(board.reg(0), 42U);
  EXPECT_EQ(board.reg(core::pc), address::sram + 24);
}

TEST_P(V6m, FaultsOnEveryInstructionThatItLacks) {
  const std::vector<Code> lacking{{0xB100},          // cbz r0
                                  {0xB900},          // cbnz r0
                                  {0xBF08},          // it eq
                                  {0xF04F, 0x0001},  // mov.w r0, #1
                                  {0xF240, 0x0001},  // movw r0, #1
                                  {0xFBB0, 0xF0F1},  // udiv r0, r0, r1
                                  {0xE850, 0x0F00},  // ldrex
                                  {0xF8D0, 0x1000},  // ldr.w r1, [r0]
                                  {0xF000, 0xB800},  // b.w
                                  {0xE8BD, 0x8001},  // pop.w
                                  {0xDE00}};         // udf, as everywhere
  for (const Code &code : lacking) {
    SCOPED_TRACE(testing::Message() << std::hex << code.front());
    board.set_reg(0, address::sram);
    ASSERT_TRUE(board.run(code));
    EXPECT_EQ(board.exception(), hard_fault);
    EXPECT_EQ(board.read(board.reg(core::sp) + 24), address::sram);  // the stacked return address
    board.system_reset();
    board.halt();
  }
}

TEST_P(V6m, FaultsOnUnalignedAccesses) {
  for (const std::uint16_t op : Code{0x6801, 0x8801, 0x6001, 0x8001, 0xC802}) {
    SCOPED_TRACE(testing::Message() << std::hex << op);  // ldr, ldrh, str, strh, ldm
    board.set_reg(0, address::sram + 0x101);
    ASSERT_TRUE(board.run({op, 0xBE00}));
    EXPECT_EQ(board.exception(), hard_fault);
    board.system_reset();
    board.halt();
  }
}

TEST_P(V6m, HasNoRegistersThatTellAboutFaults) {
  board.set_reg(0, 0x60000000);
  ASSERT_TRUE(board.run({0x6801, 0xBE00}));  // nothing answers there
  EXPECT_EQ(board.exception(), hard_fault);
  for (const std::uint32_t at : {address::cfsr, address::hfsr, address::bfar, 0xE000ED34U}) {
    EXPECT_EQ(board.read(at), 0U) << std::hex << at;
    board.write(at, 0xFFFFFFFF);
    EXPECT_EQ(board.read(at), 0U) << std::hex << at;
  }
  EXPECT_NE(board.read(address::dfsr), 0U);  // that of the debug unit is there
}

TEST_P(V6m, LocksUpAtAFaultInHardFault) {
  // Without its first page the flash has no vectors.
  board.write(tiny::erase, address::flash + handler_at);
  board.target.advance(10ms);
  board.load(Code{0xB100});
  board.prepare(address::sram);
  EXPECT_FALSE(board.run_to_halt(5ms));
  EXPECT_NE(board.read(address::dhcsr) & core::s_lockup, 0U);
}

TEST_P(V6m, StopsWhereAHardFaultIsCaught) {
  board.write(address::demcr, 0x010007F1);
  EXPECT_EQ(board.read(address::demcr), 0x01000401U);
  ASSERT_TRUE(board.run({0xB100, 0xBE00}));
  EXPECT_EQ(board.reg(core::pc), address::flash + handler_at);
  EXPECT_EQ(board.read(counter), 0U);
  EXPECT_EQ(board.read(address::dfsr), 8U);  // VCATCH
}

TEST_P(V6m, BreakpointInstructionWithoutADebuggerIsAHardFault) {
  board.load(Code{0xBE00});
  board.prepare(address::sram);
  board.write(address::dhcsr, 0xA05F0000);  // goes, without a debugger
  board.target.advance(1ms);
  EXPECT_EQ(board.read(counter), 1U);  // in the handler; the next BKPT is lockup
  EXPECT_NE(board.read(address::dhcsr) & core::s_lockup, 0U);
}

TEST_P(V6m, HasTwoBitsOfPriorityAndFewRegisters) {
  board.write(nvic_priority, 0xFFFFFFFF);
  EXPECT_EQ(board.read(nvic_priority), 0xC0C0C0C0U);
  board.write(shpr3, 0xFFFF0000);
  EXPECT_EQ(board.read(shpr3), 0xC0C00000U);
  board.write(shpr1, 0xFFFFFFFF);
  EXPECT_EQ(board.read(shpr1), 0U);
  board.write(ccr, 0);
  EXPECT_EQ(board.read(ccr), 0x208U);
  board.write(address::aircr, 0x05FA0700);
  EXPECT_EQ(board.read(address::aircr), 0xFA050000U);
  EXPECT_EQ(board.read(mpu_ctrl), 0U);
  EXPECT_EQ(board.read(cyccnt), 0U);
  EXPECT_EQ(board.read(fp_ctrl), 0x40U);
  EXPECT_EQ(board.read(rom_table + 12), 0U);
}

TEST_P(V6m, HasNeitherBasepriNorFaultmask) {
  board.set_reg(core::control, 0x00FFFF01);
  EXPECT_EQ(board.reg(core::control), 1U);
  board.set_reg(6, 0x40);
  // msr basepri, r6 | mrs r5, basepri | bkpt
  board.set_reg(core::control, 0);
  ASSERT_TRUE(board.run({0xF386, 0x8811, 0xF3EF, 0x8511, 0xBE00}));
  EXPECT_EQ(board.reg(5), 0U);
  EXPECT_EQ(board.reg(core::control), 0U);
}

TEST_P(V6m, HidesTheDebugRegistersFromItsSoftware) {
  board.write(address::demcr, 1);
  board.set_reg(0, address::dhcsr);
  ASSERT_TRUE(board.run({0x6801, 0x68C2, 0xBE00}));  // ldr r1, DHCSR | ldr r2, DEMCR
  EXPECT_EQ(board.reg(1), 0U);
  EXPECT_EQ(board.reg(2), 0U);
}

TEST_P(V6m, HasNoBitBandAliases) {
  EXPECT_EQ(board.try_read(0x22000000), Ack::fault);
  board.target.clear_sticky_error();
  board.set_reg(0, 0x22000000);
  ASSERT_TRUE(board.run({0x6801, 0xBE00}));
  EXPECT_EQ(board.exception(), hard_fault);
}

TEST_P(V6m, TakesSysTickInterrupts) {
  board.write(address::systick + 4, 99);
  board.write(address::systick + 8, 0);
  board.write(address::systick, 7);
  ASSERT_TRUE(board.run({0xE7FE}));  // b .
  EXPECT_EQ(board.exception(), 15U);
  EXPECT_EQ(board.read(counter), 1U);
}

TEST_P(V6m, ErasesAndProgramsTheChipsFlash) {
  constexpr std::uint32_t page = address::flash + 0x1000;
  board.write(page, 0x12345678);
  EXPECT_EQ(board.try_read(page), Ack::wait);
  board.target.advance(60us);
  EXPECT_EQ(board.read(page), 0x12345678U);
  board.set_reg(0, tiny::erase);
  board.set_reg(1, page);
  // str r1, [r0] | 1: ldr r2, [r0, #4] | cmp r2, #0 | bne 1b | ldr r3, [r1] | bkpt
  ASSERT_TRUE(board.run({0x6001, 0x6842, 0x2A00, 0xD1FC, 0x680B, 0xBE00}));
  EXPECT_EQ(board.reg(3), 0xFFFFFFFFU);
  EXPECT_EQ(board.read(tiny::status), 0U);
}

TEST(V6mTime, TakenBranchesCostTheM0OneCycleMoreThanTheM0Plus) {
  std::vector<Nanoseconds> times;
  for (const char *part : {"TINY0", "TINY0P"}) {
    Tiny board(part);
    board.set_reg(0, 800);
    board.load(Code{0x3801, 0xD1FD, 0xBE00});  // subs r0, #1 | bne | bkpt
    board.prepare(address::sram);
    const Nanoseconds start = board.target.now();
    board.resume();
    while (!board.halted()) board.target.advance(125ns);
    times.push_back(board.target.now() - start);
  }
  EXPECT_THAT(times[0] - times[1], testing::AllOf(testing::Ge(99us), testing::Le(101us)));
}

TEST(V6mVectors, AnM0HasThemAtTheStartOfItsFlashOnly) {
  Tiny board("TINY0");
  EXPECT_EQ(board.read(cpuid), 0x410CC200U);
  board.write(address::vtor, address::sram + 0x100);
  EXPECT_EQ(board.read(address::vtor), 0U);
  ASSERT_TRUE(board.run({0xB100, 0xBE00}));
  EXPECT_EQ(board.read(counter), 1U);
}

TEST(V6mVectors, AnM0PlusCanHaveThemElsewhere) {
  constexpr std::uint32_t table = address::sram + 0x300;
  constexpr std::uint32_t stop = address::sram + 0x200;
  Tiny board("TINY0P");
  EXPECT_EQ(board.read(cpuid), 0x410CC601U);
  board.write(address::vtor, table | 0xFF);
  EXPECT_EQ(board.read(address::vtor), table);
  board.write(table + 4 * hard_fault, stop | 1U);
  board.load(Code{0xBE00}, stop);
  ASSERT_TRUE(board.run({0xB100, 0xBE00}));
  EXPECT_EQ(board.reg(core::pc), stop);
  EXPECT_EQ(board.read(counter), 0U);
}

TEST(V6mPrivilege, OnlyAnM0PlusCanGiveItUp) {
  for (const bool plus : {false, true}) {
    Tiny board(plus ? "TINY0P" : "TINY0");
    board.set_reg(6, 1);
    ASSERT_TRUE(board.run({0xF386, 0x8814, 0xF3EF, 0x8214, 0xBE00}));  // msr, mrs control
    EXPECT_EQ(board.reg(2), plus ? 1U : 0U);
  }
}

TEST(Model, AddsItsRulesAndFaultsToThoseOfTheMachine) {
  const auto model = tiny::model();
  EXPECT_THAT(flashhost::machine::rule_names(*model), testing::Contains("tiny_enable"));
  EXPECT_THAT(flashhost::machine::fault_names(*model), testing::Contains("tiny_slow"));
  Config broken = tiny_config("TINY0");
  broken.rules_off = {"tiny_enable"};
  std::vector<std::uint8_t> flash(tiny::flash_size, 0xFF);
  flashhost::machine::Target target(broken, flash);
  target.advance(5ms);
  EXPECT_EQ(target.write(address::flash, 4, 1), Ack::ok);

  Bench slow(tiny_config("TINY0", {"tiny_slow"}));
  slow.write(tiny::erase, address::flash);
  slow.target.advance(900ms);
  EXPECT_EQ(slow.read(tiny::status), 1U);
  slow.target.advance(200ms);
  EXPECT_EQ(slow.read(tiny::status), 0U);
}

TEST(Model, RefusesWhatNeitherItNorTheMachineKnows) {
  std::vector<std::uint8_t> flash(tiny::flash_size, 0xFF);
  const auto refused = [&](const Config &config) {
    EXPECT_THROW((flashhost::machine::Target{config, flash}), std::invalid_argument);
  };
  refused(tiny_config("TINY0", {"dual_bank"}));
  refused(tiny_config("TINY0", {"left_halted=basepri"}));
  refused(tiny_config("TINY9"));
  Config rules = tiny_config("TINY0");
  rules.rules_off = {"f1_lock"};
  refused(rules);
  refused(Config{});
}

}  // namespace
}  // namespace sim_test::v6m_rules
