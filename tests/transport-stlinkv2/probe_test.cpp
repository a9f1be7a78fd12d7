// The transport on a virtual ST-Link: its firmwares, and a target that executes.
#include "hosts.hpp"
#include "model_bus.hpp"
#include "stlink_transport.hpp"
#include "test_models.hpp"
#include "thrown.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace flashhost::stlink {
namespace {

using namespace std::chrono_literals;
using bench::error_of;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr std::uint32_t sram = 0x20000000, flash = 0x08000000, nowhere = 0x60000000;

// The firmware does not run: what these tests see is theirs alone.
machine::Config quiet() {
  machine::Config config = flashhost::test::board_config();
  config.firmware_runs = false;
  return config;
}

class StlinkModelTest : public testing::Test {
 protected:
  void plug_in(const virtual_stlink::FirmwareConfig &firmware = {},
               const machine::Config &target = quiet()) {
    board_ = std::make_shared<test::ModelBoard>(firmware, target);
    transport_ = std::make_unique<StlinkTransport>(host_, std::make_shared<test::ModelBus>(board_),
                                                   std::make_shared<test::ModelClock>(board_));
    transport_->configure(Settings());
  }
  std::unique_ptr<Probe> attached(AttachMode mode = AttachMode::attach) {
    auto probe = transport_->open({});
    probe->attach(mode);
    return probe;
  }
  std::unique_ptr<Probe> halted() {
    auto probe = attached();
    probe->halt();
    return probe;
  }

  testing::RecordingHost host_;
  std::shared_ptr<test::ModelBoard> board_;
  std::unique_ptr<StlinkTransport> transport_;
};

void expect_memory_works(Probe &probe) {
  Bytes data(9'001);
  std::mt19937 random(1);
  for (std::uint8_t &byte : data) byte = static_cast<std::uint8_t>(random());
  for (std::uint32_t shift = 0; shift < 4; ++shift) {
    probe.write_memory(sram + shift, data);
    Bytes back(data.size());
    probe.read_memory(sram + shift, back);
    EXPECT_EQ(back, data) << shift;
  }
  Bytes one(1);
  probe.read_memory(sram + 5, one);
  EXPECT_EQ(one.front(), data[2]);
}

struct FirmwareRow {
  const char *name;
  virtual_stlink::Hardware hardware;
  unsigned jtag;
  const char *text;
};

class EachFirmware : public StlinkModelTest, public testing::WithParamInterface<FirmwareRow> {
 protected:
  EachFirmware() {
    virtual_stlink::FirmwareConfig config;
    config.hardware = GetParam().hardware;
    config.jtag = GetParam().jtag;
    plug_in(config);
  }
};

TEST_P(EachFirmware, ReadsAndWritesMemoryAndRegisters) {
  const auto probe = halted();
  EXPECT_THAT(probe->info().firmware, HasSubstr(GetParam().text));
  EXPECT_EQ(probe->info().debug_port_id, 0x1BA01477U);
  expect_memory_works(*probe);
  probe->write_register(CoreRegister::r7, 0x12345678);
  EXPECT_EQ(probe->read_register(CoreRegister::r7), 0x12345678U);
  probe->write_register(CoreRegister::control_faultmask_basepri_primask, 1);
  EXPECT_EQ(probe->read_register(CoreRegister::control_faultmask_basepri_primask), 1U);
  EXPECT_EQ(cortex_m::reset_and_halt(*probe), cortex_m::ResetWay::pin);
}

TEST_P(EachFirmware, IsUsedAsItShouldBe) {
  {
    const auto probe = halted();
    expect_memory_works(*probe);
    (void)error_of([&] { (void)probe->read_word(nowhere); });
    probe->resume();
  }
  EXPECT_TRUE(board_->firmware->statistics().notes.empty())
      << board_->firmware->statistics().notes.front();
  EXPECT_EQ(board_->firmware->statistics().unknown_commands, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    All, EachFirmware,
    testing::Values(FirmwareRow{"V2J17", virtual_stlink::Hardware::v2, 17, "V2J17"},
                    FirmwareRow{"V2J22", virtual_stlink::Hardware::v2, 22, "V2J22"},
                    FirmwareRow{"V2J27", virtual_stlink::Hardware::v2, 27, "V2J27"},
                    FirmwareRow{"V2J37", virtual_stlink::Hardware::v2, 37, "V2J37"},
                    FirmwareRow{"V2J45", virtual_stlink::Hardware::v2, 45, "V2J45"}),
    [](const auto &row) { return row.param.name; });

class OnJ37 : public StlinkModelTest {
 protected:
  OnJ37() { plug_in(); }
};

TEST_F(OnJ37, EachWidthReachesTheMemory) {
  const auto probe = halted();
  probe->write_memory(sram, Bytes{1, 2, 3, 4}, Width::byte);
  probe->write_memory(sram + 4, Bytes{5, 6, 7, 8}, Width::half);
  probe->write_memory(sram + 8, Bytes{9, 10, 11, 12}, Width::word);
  EXPECT_EQ(probe->read_word(sram), 0x04030201U);
  EXPECT_EQ(probe->read_half(sram + 6), 0x0807U);
  EXPECT_EQ(probe->read_word(sram + 8), 0x0C0B0A09U);
}

TEST_F(OnJ37, ARefusedAccessNamesItsAddressAndTheNextOneWorks) {
  const auto probe = halted();
  const Error read = error_of([&] { (void)probe->read_word(nowhere); });
  EXPECT_EQ(read.code(), Errc::memory_fault);
  EXPECT_THAT(read.what(), HasSubstr("reading 0x60000000"));
  const std::uint32_t end = sram + 20 * 1024;
  const Error write = error_of([&] { probe->write_memory(end - 16, Bytes(32)); });
  EXPECT_EQ(write.code(), Errc::memory_fault);
  EXPECT_THAT(write.what(), HasSubstr("writing 0x20005000"));
  EXPECT_EQ(probe->read_word(sram), probe->read_word(sram));
}

TEST_F(OnJ37, ARegisterOfARunningCoreIsRefused) {
  const auto probe = attached();
  probe->resume();
  EXPECT_EQ(error_of([&] { (void)probe->read_register(CoreRegister::pc); }).code(), Errc::target);
}

TEST_F(OnJ37, ConnectsUnderReset) {
  const auto probe = attached(AttachMode::under_reset);
  EXPECT_EQ(probe->state(), CoreState::halted);
}

TEST_F(OnJ37, GivesTheProbeBackInAModeThatOthersTake) {
  {
    const auto probe = halted();
    probe->resume();
  }
  EXPECT_NE(board_->firmware->mode(), virtual_stlink::Mode::debug);
}

TEST_F(OnJ37, LeavesAHaltedCoreHalted) {
  {
    const auto probe = halted();
  }
  std::uint32_t status = 0;
  ASSERT_EQ(board_->target.read(cortex_m::dhcsr, 4, status), machine::Ack::ok);
  EXPECT_NE(status & cortex_m::dhcsr_s_halt, 0U);
}

TEST_F(OnJ37, ComesBackAfterItWasUnplugged) {
  const auto probe = halted();
  probe->write_word(sram, 0xCAFEF00D);
  board_->fault = {test::UsbFault::replug, board_->transfers + 1};
  const Error error = error_of([&] { (void)probe->read_word(sram); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("USB bus"));
  probe->attach(AttachMode::attach);
  EXPECT_EQ(probe->read_word(sram), 0xCAFEF00DU);
  EXPECT_THAT(host_.texts_from(Level::info), Contains(HasSubstr("is back after")));
}

TEST(UnwiredReset, IsNamedWhenConnectingUnderReset) {
  testing::RecordingHost host;
  machine::Config unwired = quiet();
  unwired.nrst_wired = false;
  const auto board = std::make_shared<test::ModelBoard>(virtual_stlink::FirmwareConfig{}, unwired);
  StlinkTransport transport(host, std::make_shared<test::ModelBus>(board),
                            std::make_shared<test::ModelClock>(board));
  transport.configure(Settings());
  const auto probe = transport.open({});
  try {
    probe->attach(AttachMode::under_reset);
    FAIL() << "it was taken for good";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::target);
    EXPECT_THAT(error.hint(), HasSubstr("NRST"));
  }
  EXPECT_EQ(cortex_m::reset_and_halt(*probe), cortex_m::ResetWay::system);
}

class LongWires : public StlinkModelTest {};

TEST_F(LongWires, MakeTheClockSlowerUntilItWorks) {
  virtual_stlink::FirmwareConfig config;
  config.unreliable_above_khz = 1000;
  plug_in(config);
  const auto probe = halted();
  expect_memory_works(*probe);
  EXPECT_LE(probe->info().speed_hz, 1'000'000U);
  EXPECT_THAT(host_.texts_from(Level::info), Contains(HasSubstr("going on at")));
}

class EachUsbFault : public StlinkModelTest, public testing::WithParamInterface<test::UsbFault> {};

// Memory that may be written twice: the transport mends a single fault by itself.
TEST_P(EachUsbFault, AtAnyTransferOfAMemoryAccessIsMended) {
  plug_in();
  const auto probe = halted();
  Bytes data(3000);
  std::mt19937 random(7);
  for (std::uint8_t &byte : data) byte = static_cast<std::uint8_t>(random());
  for (std::uint64_t transfer = 1; transfer <= 10; ++transfer) {
    board_->fault = {GetParam(), board_->transfers + transfer};
    probe->write_memory(sram, data);
    board_->fault = {};
    Bytes back(data.size());
    probe->read_memory(sram, back);
    EXPECT_EQ(back, data) << transfer;
    std::ranges::reverse(data);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachUsbFault,
                         testing::Values(test::UsbFault::no_reply, test::UsbFault::stall,
                                         test::UsbFault::short_reply,
                                         test::UsbFault::garbage_reply));

}  // namespace
}  // namespace flashhost::stlink
