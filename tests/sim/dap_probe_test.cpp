// DapProbe, on the debug port of a simulated board.
#include "../unit/sdk/log_host.hpp"
#include "port_bench.hpp"

#include <flashhost/dap_probe.hpp>
#include <flashhost/error.hpp>
#include <flashhost/machine/virtual_wire.hpp>

#include <gmock/gmock.h>

#include <numeric>

namespace sim_test::dap_probe {

namespace {

using flashhost::Access;
using flashhost::AttachMode;
using flashhost::Bytes;
using flashhost::CoreRegister;
using flashhost::CoreState;
using flashhost::Errc;
using flashhost::Error;
using flashhost::Probe;
using flashhost::Width;
using flashhost::adiv5::DapSettings;
using flashhost::machine::SwdLineFaults;
using flashhost::machine::VirtualWire;
using flashhost::machine::VirtualWireConfig;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t sram_end = 0x20005000, nowhere = 0x60000000;
constexpr std::uint32_t scratch = 0x20001000;

struct ProbeBench : PortBench {
  explicit ProbeBench(const Config &board = config(), const DebugPortConfig &port_config = {},
                      const VirtualWireConfig &wire_config = {}, const DapSettings &settings = {})
      : PortBench(board, port_config) {
    auto made = std::make_unique<VirtualWire>(target, port, wire_config);
    wire = made.get();
    probe = flashhost::adiv5::make_dap_probe(host, std::move(made), settings);
  }

  [[nodiscard]] Bytes in_memory(std::uint32_t address, std::size_t size) {
    Bytes bytes;
    for (std::size_t i = 0; i < size; ++i) {
      std::uint32_t value = 0;
      EXPECT_EQ(target.read(address + static_cast<std::uint32_t>(i), 1, value), Ack::ok);
      bytes.push_back(static_cast<std::uint8_t>(value));
    }
    return bytes;
  }
  // Whole words, at their addresses.
  [[nodiscard]] Bytes words_in_memory(std::uint32_t address, std::size_t size) {
    Bytes bytes;
    bytes.reserve(size);
    for (std::uint32_t i = 0; i < size; i += 4) {
      std::uint32_t word = 0;
      EXPECT_EQ(target.read(address + i, 4, word), Ack::ok);
      for (unsigned k = 0; k < 4; ++k) bytes.push_back(static_cast<std::uint8_t>(word >> 8 * k));
    }
    return bytes;
  }
  void put_in_memory(std::uint32_t address, const Bytes &bytes) {
    for (std::uint32_t i = 0; i < bytes.size(); i += 4) {
      std::uint32_t word = 0;
      for (unsigned k = 0; k < 4; ++k) word |= std::uint32_t{bytes[i + k]} << 8 * k;
      EXPECT_EQ(target.write(address + i, 4, word), Ack::ok);
    }
  }
  [[nodiscard]] Bytes read(std::uint32_t address, std::size_t size,
                           Width width = Width::automatic) {
    Bytes bytes(size);
    probe->read_memory(address, bytes, width);
    return bytes;
  }
  template <class Action>
  Error error_of(const Action &action) {
    try {
      action();
    } catch (const Error &error) {
      return Error(error);
    }
    ADD_FAILURE() << "no error";
    return Error(Errc::internal, "none");
  }

  fake::LogHost host;
  VirtualWire *wire = nullptr;
  std::unique_ptr<Probe> probe;
};

Bytes pattern(std::size_t size, unsigned seed = 1) {
  Bytes bytes(size);
  std::mt19937 random(seed);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST(DapProbe, AttachesAndTellsWhatItKnows) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  const flashhost::ProbeInfo info = bench.probe->info();
  EXPECT_EQ(info.product, "Virtual wire");
  EXPECT_EQ(info.debug_port_id, 0x1BA01477U);
  EXPECT_EQ(info.speed_hz, 4'000'000U);
  EXPECT_TRUE(info.halfword_access);
  EXPECT_EQ(bench.probe->state(), CoreState::running);
  EXPECT_THAT(bench.host.warnings, IsEmpty());
  EXPECT_THAT(bench.port.notes(), IsEmpty());
}

TEST(DapProbe, UsesTheClockThatIsAskedFor) {
  ProbeBench bench(config(), {}, {}, {.speed_hz = 250'000});
  bench.probe->attach(AttachMode::attach);
  EXPECT_EQ(bench.probe->info().speed_hz, 250'000U);
}

TEST(DapProbe, ReadsAndWritesEveryAlignmentAndLength) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  for (std::uint32_t start : {scratch, scratch + 1024 - 8}) {
    for (std::uint32_t offset = 0; offset < 4; ++offset) {
      for (std::size_t size = 1; size <= 17; ++size) {
        const Bytes before = bench.in_memory(start - 4, 32);
        const Bytes data = pattern(size, offset + static_cast<unsigned>(size));
        bench.probe->write_memory(start + offset, data);
        Bytes expected = before;
        std::ranges::copy(data, expected.begin() + 4 + offset);
        EXPECT_EQ(bench.in_memory(start - 4, 32), expected) << offset << ", " << size;
        EXPECT_EQ(bench.read(start + offset, size), data) << offset << ", " << size;
      }
    }
  }
  EXPECT_THAT(bench.port.notes(), IsEmpty());
}

TEST(DapProbe, ReadsAndWritesByEachWidth) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  for (const Width width : {Width::byte, Width::half, Width::word}) {
    const Bytes data = pattern(1040, static_cast<unsigned>(width));
    bench.probe->write_memory(scratch + 996, data, width);
    EXPECT_EQ(bench.in_memory(scratch + 996, data.size()), data);
    EXPECT_EQ(bench.read(scratch + 996, data.size(), width), data);
  }
  EXPECT_EQ(
      bench.error_of([&] { static_cast<void>(bench.read(scratch + 1, 4, Width::word)); }).code(),
      Errc::internal);
}

TEST(DapProbe, DoesNotRelyOnMoreThanAKibibyteOfIncrement) {
  ProbeBench bench(config(), {.increment = 0x400});
  bench.probe->attach(AttachMode::attach);
  const Bytes data = pattern(16384);
  bench.probe->write_memory(address::sram, data);
  EXPECT_EQ(bench.in_memory(address::sram, data.size()), data);
  EXPECT_EQ(bench.read(address::sram, data.size()), data);
}

TEST(DapProbe, MovesALargeBlockInOneTransfer) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  const std::uint64_t before = bench.wire->counts().transfers;
  bench.probe->write_memory(scratch, pattern(8192));
  EXPECT_EQ(bench.wire->counts().transfers - before, 1U);
}

TEST(DapProbe, DoesManyAccessesInOneTransfer) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  const std::uint64_t before = bench.wire->counts().transfers;
  std::vector<Access> accesses{Access::write(scratch, 0x11223344),
                               Access::read(scratch),
                               Access::read(scratch + 1, Width::byte),
                               Access::read(scratch + 2, Width::half),
                               Access::write(scratch + 3, 0xAB, Width::byte),
                               Access::read(scratch)};
  bench.probe->run(accesses);
  EXPECT_EQ(bench.wire->counts().transfers - before, 1U);
  EXPECT_EQ(accesses[1].value, 0x11223344U);
  EXPECT_EQ(accesses[2].value, 0x33U);
  EXPECT_EQ(accesses[3].value, 0x1122U);
  EXPECT_EQ(accesses[5].value, 0xAB223344U);
}

// --- What the target refuses.

TEST(DapProbe, NamesTheFirstAddressThatWasRefused) {
  for (const bool goes_on : {false, true}) {
    ProbeBench bench(config(), {}, {.loose_goes_on = goes_on});
    bench.probe->attach(AttachMode::attach);
    const Bytes data = pattern(64);
    for (const std::uint32_t inside : {0U, 1U, 3U, 4U, 8U, 30U}) {
      const std::uint32_t start = sram_end - inside;
      const Error written = bench.error_of([&] { bench.probe->write_memory(start, data); });
      EXPECT_EQ(written.code(), Errc::memory_fault);
      EXPECT_THAT(written.what(), HasSubstr("the target refused writing 0x20005000")) << inside;
      EXPECT_EQ(bench.in_memory(start, inside), Bytes(data.begin(), data.begin() + inside));
      const Error read = bench.error_of([&] { static_cast<void>(bench.read(start, 64)); });
      EXPECT_EQ(read.code(), Errc::memory_fault);
      EXPECT_THAT(read.what(), HasSubstr("the target refused reading 0x20005000")) << inside;
      // The next access works again.
      EXPECT_EQ(bench.read(scratch, 4).size(), 4U);
    }
  }
}

TEST(DapProbe, BlamesTheAccessThatFailedAndDoesNothingAfterIt) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  bench.probe->write_word(scratch, 0x55);
  std::vector<Access> accesses{Access::read(scratch), Access::write(nowhere, 1),
                               Access::read(scratch), Access::write(scratch, 2)};
  EXPECT_THAT(bench.error_of([&] { bench.probe->run(accesses); }).what(),
              HasSubstr("writing 0x60000000"));
  EXPECT_EQ(accesses[0].value, 0x55U);
  EXPECT_EQ(bench.in_memory(scratch, 1), Bytes{0x55});

  std::vector<Access> both{Access::write(nowhere, 1), Access::read(nowhere + 4)};
  EXPECT_THAT(bench.error_of([&] { bench.probe->run(both); }).what(),
              HasSubstr("writing 0x60000000"));

  std::vector<Access> reading{Access::write(scratch, 7), Access::read(nowhere),
                              Access::write(scratch, 8)};
  EXPECT_THAT(bench.error_of([&] { bench.probe->run(reading); }).what(),
              HasSubstr("reading 0x60000000"));
  EXPECT_EQ(bench.in_memory(scratch, 1), Bytes{7});
}

TEST(DapProbe, SaysThatACoreRegisterNeedsAHaltedCore) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  EXPECT_EQ(bench.error_of([&] { static_cast<void>(bench.probe->read_register(CoreRegister::pc)); })
                .code(),
            Errc::target);
  bench.probe->halt();
  for (unsigned i = 0; i <= 12; ++i) {
    bench.probe->write_register(static_cast<CoreRegister>(i), 0x1000 + i);
  }
  for (unsigned i = 0; i <= 12; ++i) {
    EXPECT_EQ(bench.probe->read_register(static_cast<CoreRegister>(i)), 0x1000 + i);
  }
}

TEST(DapProbe, GivesUpOnABusThatIsStuck) {
  ProbeBench bench(config("STM32F103CB", {"stuck_busy"}));
  bench.probe->attach(AttachMode::attach);
  bench.probe->halt();
  bench.probe->write_word(address::flash_keyr, 0x45670123);
  bench.probe->write_word(address::flash_keyr, 0xCDEF89AB);
  bench.probe->write_word(address::flash_cr, cr::per);
  bench.probe->write_word(address::flash_ar, address::flash);
  bench.probe->write_word(address::flash_cr, cr::per | cr::strt);
  const Nanoseconds start = bench.target.now();
  const Error error = bench.error_of([&] { static_cast<void>(bench.read(address::flash, 4)); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("nothing but WAIT for 500 ms while reading 0x08000000"));
  EXPECT_LT(bench.target.now() - start, 1s);
  // What does not need the flash still works.
  EXPECT_EQ(bench.read(scratch, 4).size(), 4U);
}

TEST(DapProbe, WaitsWhileTheFlashIsBusy) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  bench.probe->halt();
  bench.probe->write_word(address::flash_keyr, 0x45670123);
  bench.probe->write_word(address::flash_keyr, 0xCDEF89AB);
  bench.probe->write_word(address::flash_cr, cr::per);
  bench.probe->write_word(address::flash_ar, address::flash);
  bench.probe->write_word(address::flash_cr, cr::per | cr::strt);
  EXPECT_EQ(bench.read(address::flash, 1000), Bytes(1000, 0xFF));
}

// --- The line.

// Writes, reads, a run, core registers. Whatever disturbs one of the transfers on the line, the
// result is the same.
void use_everything(ProbeBench &bench) {
  bench.probe->attach(AttachMode::attach);
  bench.probe->halt();
  const Bytes data = pattern(300);
  bench.probe->write_memory(scratch + 900, data);
  EXPECT_EQ(bench.read(scratch + 900, data.size()), data);
  EXPECT_EQ(bench.in_memory(scratch + 900, data.size()), data);
  bench.probe->write_register(CoreRegister::r3, 0x12345678);
  EXPECT_EQ(bench.probe->read_register(CoreRegister::r3), 0x12345678U);
  // Each access of these counts what reaches the bus.
  std::vector<Access> accesses;
  for (std::uint32_t i = 0; i < 5; ++i) {
    accesses.push_back(Access::write(address::crc, i));
    accesses.push_back(Access::read(scratch + 900 + 4 * i));
  }
  bench.probe->run(accesses);
  for (std::uint32_t i = 0; i < 5; ++i) {
    std::uint32_t expected = 0;
    for (unsigned k = 0; k < 4; ++k) expected |= std::uint32_t{data[4 * i + k]} << 8 * k;
    EXPECT_EQ(accesses[2 * i + 1].value, expected) << i;
  }
}

void write_crc_enable(ProbeBench &bench) {
  std::uint32_t enabled = 0;
  EXPECT_EQ(bench.target.read(address::rcc + 0x14, 4, enabled), Ack::ok);
  EXPECT_EQ(bench.target.write(address::rcc + 0x14, 4, enabled | 1U << 6), Ack::ok);
}

// The CRC unit remembers every word that was written: one too many or too few shows.
std::uint32_t crc_result(ProbeBench &bench) {
  std::uint32_t value = 0;
  EXPECT_EQ(bench.target.read(address::crc, 4, value), Ack::ok);
  return value;
}

class Line : public testing::TestWithParam<int> {};

TEST_P(Line, DisturbanceOfAnyTransferChangesNothing) {
  ProbeBench quiet;
  write_crc_enable(quiet);
  use_everything(quiet);
  const std::uint64_t transfers = quiet.port.transfers();
  const std::uint32_t expected = crc_result(quiet);
  ASSERT_GT(transfers, 200U);
  for (std::uint64_t at = 1; at <= transfers; ++at) {
    SCOPED_TRACE(at);
    ProbeBench bench(config(), {}, {.loose_goes_on = GetParam() >= 3});
    write_crc_enable(bench);
    SwdLineFaults faults;
    (GetParam() % 3 == 0   ? faults.parity_at
     : GetParam() % 3 == 1 ? faults.silent_at
                           : faults.wait_at) = at;
    faults.waits = 1000;
    bench.port.set_faults(faults);
    ASSERT_NO_THROW(use_everything(bench));
    EXPECT_EQ(crc_result(bench), expected);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Line, testing::Range(0, 6));

// How TAR goes on at the end of a window, and where packets begin.
struct Stray {
  std::uint32_t increment;
  std::size_t packet;
};

class StrayAccesses : public testing::TestWithParam<Stray> {};

// The block crosses four windows of 1 KiB: at 0xC00 and 0x1000 what follows might get below its
// start, at 0x1400 and 0x1800 not.
TEST_P(StrayAccesses, StayInsideTheBlockAndAreRepeated) {
  constexpr std::uint32_t start = 0x20000BF0, size = 0xD10;
  const Bytes data = pattern(size, 1), before = pattern(sram_end - address::sram, 2);
  Bytes expected = before;
  std::ranges::copy(data, expected.begin() + (start - address::sram));
  std::uint64_t transfers = 1;
  for (std::uint64_t at = 0; at <= transfers; ++at) {
    for (const int kind : {0, 1, 2}) {
      SCOPED_TRACE(testing::Message() << at << ", kind " << kind);
      ProbeBench bench(config(), {.increment = GetParam().increment},
                       {.loose_goes_on = true, .packet = GetParam().packet});
      bench.put_in_memory(address::sram, before);
      bench.probe->attach(AttachMode::attach);
      SwdLineFaults faults;
      (kind == 0 ? faults.parity_at : kind == 1 ? faults.silent_at : faults.wait_at) = at;
      faults.waits = 2000;
      bench.port.set_faults(faults);
      const std::uint64_t idle = bench.port.transfers();
      ASSERT_NO_THROW(bench.probe->write_memory(start, data));
      if (at == 0) transfers = bench.port.transfers() - idle;
      ASSERT_EQ(bench.words_in_memory(address::sram, before.size()), expected);
      if (at % 8 == 0) {
        bench.port.set_faults(faults);
        ASSERT_EQ(bench.read(start, size), data);
      }
      ASSERT_THAT(bench.port.notes(), IsEmpty());
    }
  }
  EXPECT_GT(transfers, size / 4);
}

INSTANTIATE_TEST_SUITE_P(Kinds, StrayAccesses,
                         testing::Values(Stray{0x400, 1}, Stray{0x400, 14}, Stray{0x1000, 7},
                                         Stray{0x80000000, 1}));

TEST(DapProbe, RepeatsADamagedWriteAlsoWhereTheNextAnswerIsMissing) {
  const Bytes data = pattern(100);
  for (std::uint64_t at = 1; at <= 28; ++at) {
    SCOPED_TRACE(at);
    ProbeBench bench;
    bench.probe->attach(AttachMode::attach);
    bench.port.set_faults({.parity_at = at, .silent_at = at + 1});
    bench.probe->write_memory(scratch, data);
    EXPECT_EQ(bench.in_memory(scratch, data.size()), data);
    std::vector<Access> accesses{Access::write(scratch, 7), Access::read(scratch)};
    bench.port.set_faults({.parity_at = at, .silent_at = at + 1});
    bench.probe->run(accesses);
    EXPECT_EQ(bench.in_memory(scratch, 1), Bytes{7});
    EXPECT_EQ(accesses[1].value, 7U);
  }
}

TEST(DapProbe, TakesASlowerClockOnAPoorLine) {
  ProbeBench bench;
  bench.port.set_faults({.unreliable_above_hz = 600'000});
  bench.probe->attach(AttachMode::attach);
  const Bytes data = pattern(4096);
  for (int i = 0; i < 4; ++i) bench.probe->write_memory(scratch, data);
  EXPECT_EQ(bench.read(scratch, data.size()), data);
  EXPECT_LT(bench.probe->info().speed_hz, 4'000'000U);
  EXPECT_THAT(bench.host.warnings, testing::Contains(HasSubstr("is unreliable")));
}

TEST(DapProbe, KeepsTheClockWhereLineErrorsAreFarApart) {
  for (const bool apart : {true, false}) {
    ProbeBench bench;
    bench.probe->attach(AttachMode::attach);
    const Bytes data = pattern(16384);
    for (int i = 0; i < 6; ++i) {
      bench.port.set_faults({.silent_at = 100});
      for (int k = 0; k < (apart ? 26 : 1); ++k) bench.probe->write_memory(address::sram, data);
    }
    EXPECT_EQ(bench.probe->info().speed_hz == 4'000'000U, apart);
  }
}

TEST(DapProbe, SaysThatTheTargetDoesNotAnswer) {
  ProbeBench bench(config("STM32F103CB", {"swd_pins_off"}));
  const Error error = bench.error_of([&] { bench.probe->attach(AttachMode::attach); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("the target does not answer on SWD"));
  EXPECT_THAT(error.hint(), HasSubstr("under-reset"));
}

TEST(DapProbe, SaysThatTheTargetDoesNotAnswerAnyMore) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  bench.target.lose_power_at(1);
  bench.port.set_faults({.silent_at = 1});
  bench.probe->halt();
  bench.probe->write_word(address::flash_keyr, 0x45670123);
  bench.probe->write_word(address::flash_keyr, 0xCDEF89AB);
  bench.probe->write_word(address::flash_cr, cr::per);
  bench.probe->write_word(address::flash_ar, address::flash);
  const Error error = bench.error_of([&] {
    bench.probe->write_word(address::flash_cr, cr::per | cr::strt);
    bench.probe->sleep(100ms);
    static_cast<void>(bench.probe->read_word(scratch));
  });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("does not answer on SWD any more"));
  bench.target.power_cycle();
  bench.probe->attach(AttachMode::attach);
  EXPECT_EQ(bench.read(scratch, 4).size(), 4U);
}

// --- Access ports, resets, the probe itself.

TEST(DapProbe, FindsTheAccessPortOfTheCore) {
  ProbeBench bench(config(), {.access_port = 3});
  bench.probe->attach(AttachMode::attach);
  bench.probe->write_word(scratch, 0xCAFE);
  EXPECT_EQ(bench.probe->read_word(scratch), 0xCAFEU);
}

TEST(DapProbe, UsesTheAccessPortThatItIsTold) {
  ProbeBench bench(config(), {.access_port = 3}, {}, {.access_port = 1});
  const Error error = bench.error_of([&] { bench.probe->attach(AttachMode::attach); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("no Cortex-M core behind it"));
}

TEST(DapProbe, GivesRawAccess) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  flashhost::RawDebugPort *port = bench.probe->raw_debug_port();
  ASSERT_NE(port, nullptr);
  EXPECT_EQ(port->read_dp(0), 0x1BA01477U);
  EXPECT_EQ(port->read_ap(0, 0xFC), 0x14770011U);
  EXPECT_EQ(port->read_ap(5, 0xFC), 0U);
  port->write_ap(0, 0x04, scratch);
  EXPECT_EQ(port->read_ap(0, 0x04), scratch);
  bench.probe->write_word(scratch + 16, 0xBEEF);
  EXPECT_EQ(bench.probe->read_word(scratch + 16), 0xBEEFU);
}

TEST(DapProbe, RawAccessReachesTheBanksOfTheDebugPort) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  flashhost::RawDebugPort *port = bench.probe->raw_debug_port();
  const std::uint32_t status = port->read_dp(0x04);
  EXPECT_NE(status, 0U);
  EXPECT_EQ(port->read_dp(0x14), 0U);
  // In bank 0 this would take the power away.
  port->write_dp(0x14, 0);
  EXPECT_EQ(port->read_dp(0x04), status);
  for (std::uint64_t at = 1; at <= 5; ++at) {
    bench.port.set_faults({.silent_at = at});
    EXPECT_EQ(port->read_dp(0x14), 0U);
    bench.port.set_faults({.parity_at = at});
    port->write_dp(0x14, 0);
    bench.port.set_faults({});
    EXPECT_EQ(port->read_dp(0x04) & 0xF0000000, status & 0xF0000000);
  }
  bench.probe->write_word(scratch, 0xBEEF);
  EXPECT_EQ(bench.probe->read_word(scratch), 0xBEEFU);
  EXPECT_THAT(bench.port.notes(), IsEmpty());
}

TEST(DapProbe, ConnectsUnderReset) {
  ProbeBench bench(config("STM32F103CB", {"swd_pins_off"}));
  bench.probe->attach(AttachMode::under_reset);
  EXPECT_EQ(bench.probe->state(), CoreState::halted);
}

TEST(DapProbe, SaysThatTheResetWireIsNotThere) {
  ProbeBench bench(config("STM32F103CB", {"nrst_not_wired"}));
  const Error error = bench.error_of([&] { bench.probe->attach(AttachMode::under_reset); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("NRST was pulled low, but the target was not reset"));
}

TEST(DapProbe, ResetsTheTarget) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  for (const auto mode : {flashhost::ResetMode::pin, flashhost::ResetMode::system}) {
    const std::uint64_t before = bench.target.statistics().system_resets;
    bench.probe->reset(mode);
    bench.probe->sleep(10ms);
    EXPECT_EQ(bench.probe->state(), CoreState::running);
    EXPECT_EQ(bench.target.statistics().system_resets - before, 1U);
  }
}

TEST(DapProbe, LosesTheProbeAndFindsItAgain) {
  ProbeBench bench;
  bench.probe->attach(AttachMode::attach);
  bench.wire->lose_at(1);
  const auto use = [&] { bench.probe->write_memory(scratch, pattern(100)); };
  EXPECT_EQ(bench.error_of(use).code(), Errc::probe);
  EXPECT_EQ(bench.error_of(use).code(), Errc::probe);
  bench.probe->attach(AttachMode::attach);
  use();
  EXPECT_EQ(bench.in_memory(scratch, 100), pattern(100));
}

}  // namespace

}  // namespace sim_test::dap_probe
