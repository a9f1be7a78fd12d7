// What a probe promises about the core: attaching, halting, running, its state and its registers.
#include "transport/transport_suite.hpp"

#include <array>
#include <utility>
#include <vector>

namespace flashhost::conformance {

namespace cm = cortex_m;

namespace {

constexpr std::uint32_t dfsr_bkpt = 1U << 1, dfsr_vcatch = 1U << 3, dhcsr_step = 1U << 2,
                        dhcsr_maskints = 1U << 3;
constexpr std::uint32_t marker_at = 0x84, marker = 0x600DB0A7;
constexpr std::uint32_t xpsr_thumb = 1U << 24;

CoreRegister core_register(unsigned number) {
  return static_cast<CoreRegister>(number);
}

}  // namespace

TEST_P(TransportConformance, AttachingNeitherHaltsNorResetsTheCore) {
  FLASHHOST_PROMISE("probe.hpp, AttachMode::attach: without reset; the core goes on as it was");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  WitnessView witness(*probe);
  const bool witnessed = witness.present();
  if (witnessed) witness.watch({});
  probe->resume();
  ASSERT_TRUE(counts(*probe, scratch())) << "a program in RAM does not run at all";
  const std::uint32_t before = counter(*probe, scratch());
  probe->attach(AttachMode::attach);
  EXPECT_EQ(probe->state(), CoreState::running);
  EXPECT_GE(counter(*probe, scratch()), before);
  EXPECT_TRUE(counts(*probe, scratch())) << "the program does not run any more";
  if (!witnessed) return not_tried("whether attaching halts the core for a moment");
  EXPECT_EQ(witness.resets(), 0U);
  EXPECT_EQ(witness.halts(), 0U) << "attach halted the core and let it run again";
}

TEST_P(TransportConformance, AttachingLeavesAHaltedCoreHalted) {
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  probe->attach(AttachMode::attach);
  EXPECT_EQ(probe->state(), CoreState::halted);
  EXPECT_EQ(probe->read_register(CoreRegister::pc), scratch());
}

TEST_P(TransportConformance, ClosingLeavesTheCoreAsItWas) {
  FLASHHOST_PROMISE("probe.hpp, Probe: destroying the object leaves the target as it is");
  for (const bool run_on : {true, false}) {
    {
      const auto probe = halted();
      load_program(*probe, scratch(), programs::count);
      probe->write_word(scratch() + marker_at, marker);
      if (run_on) probe->resume();
    }
    const auto probe = attached();
    if (probe->read_word(scratch() + marker_at) != marker) {
      return not_tried("what closing does to the target: opening makes a new target here");
    }
    if (run_on) {
      EXPECT_EQ(probe->state(), CoreState::running);
      EXPECT_TRUE(counts(*probe, scratch())) << "the program was stopped";
    } else {
      EXPECT_EQ(probe->state(), CoreState::halted);
      EXPECT_EQ(probe->read_register(CoreRegister::pc), scratch() + program_at);
    }
  }
}

TEST_P(TransportConformance, AttachingUnderResetEndsHaltedAtTheResetVector) {
  FLASHHOST_PROMISE(
      "probe.hpp, AttachMode::under_reset: afterwards the core is halted at its "
      "reset vector, or it throws");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  WitnessView witness(*probe);
  const bool witnessed = witness.present();
  if (witnessed) witness.watch({});
  probe->resume();
  try {
    probe->attach(AttachMode::under_reset);
  } catch (const Error &error) {
    ASSERT_FALSE(witnessed) << error.what();
    expect_error(Errc::target, [&] { throw Error(error); });
    return not_tried("attaching under reset: NRST is not wired");
  }
  EXPECT_EQ(probe->state(), CoreState::halted);
  EXPECT_EQ(probe->read_register(CoreRegister::pc), probe->read_word(4) & ~1U);
  EXPECT_NE(probe->read_word(cm::dfsr) & dfsr_vcatch, 0U) << "not stopped by the vector catch";
  EXPECT_EQ(probe->read_word(cm::demcr) & cm::demcr_vc_corereset, 0U)
      << "the vector catch stays armed: the next reset would halt the core";
  if (!witnessed) return;
  EXPECT_EQ(witness.pin_resets(), 1U);
  EXPECT_EQ(witness.resets(), 1U) << "the target was reset more than once";
}

TEST_P(TransportConformance, EachWayOfResettingIsThatWay) {
  FLASHHOST_PROMISE("probe.hpp, ResetMode: pin pulses NRST, system is AIRCR.SYSRESETREQ");
  const auto probe = halted();
  WitnessView witness(*probe);
  const bool witnessed = witness.present();
  for (const ResetMode mode : {ResetMode::system, ResetMode::pin}) {
    load_program(*probe, scratch(), programs::count);
    if (witnessed) witness.watch({});
    probe->resume();
    probe->reset(mode);
    probe->sleep(std::chrono::milliseconds(20));
    const bool runs_on = counts(*probe, scratch());
    if (!witnessed && mode == ResetMode::pin && runs_on) {
      not_tried("a reset by the pin: NRST is not wired, or is not pulsed");
    } else {
      EXPECT_FALSE(runs_on) << "the target was not reset";
    }
    probe->halt();
    EXPECT_EQ(probe->state(), CoreState::halted);
    if (!witnessed) continue;
    EXPECT_EQ(witness.resets(), 1U);
    EXPECT_EQ(witness.pin_resets(), mode == ResetMode::pin ? 1U : 0U)
        << "for reset(" << (mode == ResetMode::pin ? "pin)" : "system)");
  }
}

TEST_P(TransportConformance, AResetCoreRunsOrStopsAtItsVectorAsTheVectorCatchSays) {
  FLASHHOST_PROMISE("probe.hpp, reset: what the core does then is up to DEMCR.VC_CORERESET");
  const auto probe = halted();
  for (const ResetMode mode : {ResetMode::system, ResetMode::pin}) {
    probe->halt();
    probe->write_word(cm::demcr, cm::demcr_trcena);
    probe->reset(mode);
    EXPECT_FALSE(reaches(*probe, CoreState::halted)) << "a reset without vector catch halts";
    probe->halt();
    probe->write_word(cm::demcr, cm::demcr_trcena | cm::demcr_vc_corereset);
    probe->write_word(cm::dfsr, dfsr_vcatch);
    probe->reset(mode);
    const bool caught =
        reaches(*probe, CoreState::halted) && (probe->read_word(cm::dfsr) & dfsr_vcatch) != 0;
    if (!caught && mode == ResetMode::pin && !WitnessView(*probe).present()) continue;  // not wired
    ASSERT_TRUE(caught) << "the vector catch is not obeyed";
    EXPECT_EQ(probe->read_register(CoreRegister::pc), probe->read_word(4) & ~1U);
    EXPECT_NE(probe->read_word(cm::demcr) & cm::demcr_vc_corereset, 0U)
        << "reset changes the vector catch";
  }
  probe->write_word(cm::demcr, 0);
}

TEST_P(TransportConformance, HaltReturnsWhenTheCoreIsHalted) {
  FLASHHOST_PROMISE("probe.hpp, halt: returns when the core is halted; halted already is fine");
  const auto probe = halted();
  for (int round = 0; round < 5; ++round) {
    load_program(*probe, scratch(), programs::count);
    probe->resume();
    EXPECT_TRUE(counts(*probe, scratch()));
    probe->halt();
    EXPECT_EQ(probe->state(), CoreState::halted);
    EXPECT_FALSE(counts(*probe, scratch())) << "the core still runs";
    EXPECT_NO_THROW(probe->halt());
    EXPECT_EQ(probe->state(), CoreState::halted);
    // Here the core needs a while to come out of reset.
    probe->reset(ResetMode::system);
    probe->halt();
    EXPECT_EQ(probe->state(), CoreState::halted) << "right after a reset";
    EXPECT_NO_THROW((void)probe->read_register(CoreRegister::pc));
  }
}

TEST_P(TransportConformance, HaltWaitsForACoreThatTakesItsTime) {
  FLASHHOST_PROMISE("probe.hpp, halt: returns when the core is halted");
  const auto probe = halted();
  if (!WitnessView(*probe).present()) return not_tried("a core that halts late");
  load_program(*probe, scratch(), programs::count);
  probe->write_word(machine::witness::halt_delay, 3000);
  probe->resume();
  probe->halt();
  EXPECT_EQ(probe->state(), CoreState::halted) << "halt returned before the core had halted";
  probe->write_word(machine::witness::halt_delay, 0);
}

TEST_P(TransportConformance, ResumeClearsDfsrAndRuns) {
  FLASHHOST_PROMISE("probe.hpp, resume: clears DFSR and runs");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::stop);
  probe->resume();
  ASSERT_TRUE(reaches(*probe, CoreState::halted)) << "a breakpoint does not stop the core";
  EXPECT_NE(probe->read_word(cm::dfsr) & dfsr_bkpt, 0U);
  EXPECT_EQ(probe->read_register(CoreRegister::pc), scratch() + 2);
  EXPECT_EQ(probe->read_register(CoreRegister::r1), 1U);
  load_program(*probe, scratch(), programs::count);
  probe->resume();
  EXPECT_EQ(probe->read_word(cm::dfsr), 0U);
  EXPECT_TRUE(counts(*probe, scratch()));
  EXPECT_EQ(probe->state(), CoreState::running);
  EXPECT_NO_THROW(probe->resume());
  EXPECT_TRUE(counts(*probe, scratch())) << "resuming a running core stops it";
}

TEST_P(TransportConformance, ResumeTurnsInterruptsOn) {
  FLASHHOST_PROMISE("probe.hpp, resume: runs, with interrupts on");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  probe->write_word(cm::dhcsr, cm::dhcsr_key | cm::dhcsr_debugen | cm::dhcsr_halt | dhcsr_maskints);
  probe->resume();
  EXPECT_TRUE(counts(*probe, scratch()));
  EXPECT_EQ(probe->read_word(cm::dhcsr) & dhcsr_maskints, 0U) << "interrupts stay masked";
}

TEST_P(TransportConformance, ACoreCanBeStepped) {
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  for (const std::uint32_t next : {2U, 4U, 0U, 2U}) {
    probe->write_word(cm::dhcsr, cm::dhcsr_key | cm::dhcsr_debugen | dhcsr_step);
    ASSERT_TRUE(reaches(*probe, CoreState::halted));
    EXPECT_EQ(probe->read_register(CoreRegister::pc), scratch() + next);
  }
  EXPECT_EQ(counter(*probe, scratch()), 1U);
}

TEST_P(TransportConformance, StateTellsRunningSleepingAndLockedUpApart) {
  FLASHHOST_PROMISE("probe.hpp, CoreState");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  probe->resume();
  EXPECT_TRUE(reaches(*probe, CoreState::running));
  EXPECT_TRUE(counts(*probe, scratch())) << "looking at its state stops the core";
  probe->halt();
  load_program(*probe, scratch(), programs::sleep);
  probe->resume();
  EXPECT_TRUE(reaches(*probe, CoreState::sleeping));
  probe->halt();
  // An undefined instruction within the HardFault handler.
  load_program(*probe, scratch(), programs::undefined);
  constexpr std::uint32_t hard_fault = 3;
  probe->write_register(CoreRegister::xpsr, xpsr_thumb | hard_fault);
  probe->resume();
  EXPECT_TRUE(reaches(*probe, CoreState::lockup));
  probe->halt();
  EXPECT_EQ(probe->state(), CoreState::halted) << "after halting a core in lockup";
  probe->reset(ResetMode::system);
  probe->halt();
}

TEST_P(TransportConformance, RegistersThatAreWrittenAreThoseOfTheCore) {
  FLASHHOST_PROMISE("probe.hpp, CoreRegister");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::store);
  std::array<std::uint32_t, 13> values{};
  for (unsigned number = 1; number <= 12; ++number) {
    values.at(number) = 0xA5C30000U + 0x1357 * number;
    probe->write_register(core_register(number), values.at(number));
  }
  const std::uint32_t lr = 0x0BADCAFE, msp = scratch() + stack_at - 16,
                      psp = scratch() + stack_at - 64, flags = 0xA0000000;
  probe->write_register(CoreRegister::lr, lr);
  probe->write_register(CoreRegister::psp, psp);
  probe->write_register(CoreRegister::msp, msp);
  probe->write_register(CoreRegister::xpsr, flags | xpsr_thumb);
  for (unsigned number = 1; number <= 12; ++number) {
    EXPECT_EQ(probe->read_register(core_register(number)), values.at(number)) << "r" << number;
  }
  EXPECT_EQ(probe->read_register(CoreRegister::r0), scratch() + counter_at);
  EXPECT_EQ(probe->read_register(CoreRegister::sp), msp);
  EXPECT_EQ(probe->read_register(CoreRegister::lr), lr);
  EXPECT_EQ(probe->read_register(CoreRegister::pc), scratch() + program_at);
  EXPECT_EQ(probe->read_register(CoreRegister::xpsr), flags | xpsr_thumb);
  EXPECT_EQ(probe->read_register(CoreRegister::msp), msp);
  EXPECT_EQ(probe->read_register(CoreRegister::psp), psp);
  EXPECT_EQ(probe->read_register(CoreRegister::control_faultmask_basepri_primask), 1U);
  // Let the core itself store its registers, to compare.
  probe->resume();
  ASSERT_TRUE(reaches(*probe, CoreState::halted));
  const auto stored = [&](std::uint32_t place) {
    return probe->read_word(scratch() + counter_at + 4 * place);
  };
  for (std::uint32_t number = 1; number <= 12; ++number) {
    EXPECT_EQ(stored(number - 1), values.at(number)) << "r" << number << ", as the core sees it";
  }
  EXPECT_EQ(stored(12), msp) << "sp, as the core sees it";
  EXPECT_EQ(stored(13), lr) << "lr, as the core sees it";
  EXPECT_EQ(stored(14), msp) << "MSP, as the core sees it";
  EXPECT_EQ(stored(15), psp) << "PSP, as the core sees it";
  EXPECT_EQ(stored(16), 1U) << "PRIMASK, as the core sees it";
  EXPECT_EQ(stored(17), 0U) << "CONTROL, as the core sees it";
  EXPECT_EQ(stored(18) & 0xF0000000, flags) << "the flags, as the core sees them";
}

TEST_P(TransportConformance, EachRegisterKeepsEveryBit) {
  const auto probe = halted();
  for (const std::uint32_t value : {0x00000000U, 0xFFFFFFFFU, 0x80000001U, 0x12345678U}) {
    for (unsigned number = 0; number <= 12; ++number) {
      probe->write_register(core_register(number), value + number);
    }
    for (unsigned number = 0; number <= 12; ++number) {
      EXPECT_EQ(probe->read_register(core_register(number)), value + number) << "r" << number;
    }
  }
}

TEST_P(TransportConformance, SeveralRegistersAreWrittenAsOne) {
  FLASHHOST_PROMISE("probe.hpp, write_registers");
  const auto probe = halted();
  std::vector<RegisterValue> values;
  for (unsigned number = 0; number <= 12; ++number) {
    values.push_back({core_register(number), 0x5A3C0000U + 0x2468 * number});
  }
  values.push_back({CoreRegister::lr, 0x0BADCAFE});
  values.push_back({CoreRegister::r5, 0x55555555});  // the later one counts
  probe->write_registers(values);
  values.at(5).value = 0x55555555;
  values.pop_back();
  for (const RegisterValue &one : values) {
    EXPECT_EQ(probe->read_register(one.which), one.value)
        << "register " << static_cast<int>(one.which);
  }
  EXPECT_EQ(probe->state(), CoreState::halted);
  probe->write_registers({});
}

TEST_P(TransportConformance, RegistersOfARunningCoreAreRefusedAndItRunsOn) {
  FLASHHOST_PROMISE("probe.hpp, read_register: only while halted; Errc::target otherwise");
  const auto probe = halted();
  load_program(*probe, scratch(), programs::count);
  probe->resume();
  expect_error(Errc::target, [&] { (void)probe->read_register(CoreRegister::r0); });
  expect_error(Errc::target, [&] { probe->write_register(CoreRegister::r0, 0); });
  const RegisterValue one{CoreRegister::r0, 0};
  expect_error(Errc::target, [&] { probe->write_registers({&one, 1}); });
  EXPECT_EQ(probe->state(), CoreState::running);
  EXPECT_TRUE(counts(*probe, scratch()));
}

}  // namespace flashhost::conformance
