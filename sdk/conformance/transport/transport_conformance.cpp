#include "transport/transport_suite.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <set>

namespace flashhost::conformance {

using namespace std::chrono_literals;

namespace {

Bytes random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

Bytes read(Probe &probe, std::uint32_t address, std::size_t size, Width width = Width::automatic) {
  Bytes bytes(size, 0xEE);
  probe.read_memory(address, bytes, width);
  return bytes;
}

}  // namespace

FLASHHOST_CONFORMANCE_SUITE(TransportConformance, transport, 2);

std::unique_ptr<Probe> TransportConformance::attached() {
  std::unique_ptr<Probe> probe = transport().open(options());
  if (!probe) throw std::runtime_error("open returned no probe");
  probe->attach(AttachMode::attach);
  return probe;
}

std::unique_ptr<Probe> TransportConformance::halted() {
  std::unique_ptr<Probe> probe = attached();
  probe->halt();
  return probe;
}

TEST_P(TransportConformance, UnknownSettingIsRejectedByName) {
  expect_unknown_setting_is_refused<Transport>();
}

TEST_P(TransportConformance, ListsTheProbeUnderAUniqueSerial) {
  std::set<std::string> serials;
  const std::vector<ProbeDescription> probes = transport().list();
  ASSERT_FALSE(probes.empty());
  for (const ProbeDescription &probe : probes) {
    EXPECT_FALSE(probe.serial.empty());
    EXPECT_FALSE(probe.product.empty());
    EXPECT_TRUE(serials.insert(probe.serial).second) << probe.serial << " is listed twice";
  }
  const std::string serial = transport().open(options())->info().serial;
  EXPECT_TRUE(serials.contains(serial)) << serial << " is not in the list";
}

TEST_P(TransportConformance, OpensBySerialAndRefusesAnUnknownOneNamingIt) {
  const std::string serial = transport().open(options())->info().serial;
  EXPECT_EQ(transport().open({serial, {}})->info().serial, serial);
  try {
    (void)transport().open({"no-such-serial", {}});
    FAIL() << "it was opened";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::probe);
    const std::string message = std::string(error.what()) + error.hint();
    EXPECT_NE(message.find("no-such-serial"), std::string::npos) << message;
    EXPECT_NE(message.find(serial), std::string::npos) << "does not say what there is: " << message;
  }
}

TEST_P(TransportConformance, SaysWhatItIs) {
  const ProbeInfo info = attached()->info();
  EXPECT_FALSE(info.product.empty());
  EXPECT_GT(info.speed_hz, 0U);
  EXPECT_GT(info.target_millivolts.value_or(1), 0);
}

TEST_P(TransportConformance, ClosesAndOpensAgain) {
  for (int round = 0; round < 3; ++round) EXPECT_NE(attached(), nullptr);
}

TEST_P(TransportConformance, ClockIsMonotonicAndSleepPassesAtLeastThatTime) {
  const auto probe = attached();
  Nanoseconds last = probe->now();
  for (const Nanoseconds time : {Nanoseconds(0), Nanoseconds(1us), Nanoseconds(3ms)}) {
    probe->sleep(time);
    EXPECT_GE(probe->now() - last, time);
    last = probe->now();
  }
}

TEST_P(TransportConformance, HaltsAndHaltsAgainAndResumes) {
  const auto probe = halted();
  EXPECT_EQ(probe->state(), CoreState::halted);
  EXPECT_NO_THROW(probe->halt());
  EXPECT_EQ(probe->state(), CoreState::halted);
  probe->resume();
  EXPECT_NE(probe->state(), CoreState::halted);
}

TEST_P(TransportConformance, SystemResetIsSurvived) {
  const auto probe = halted();
  probe->reset(ResetMode::system);
  probe->halt();
  EXPECT_EQ(probe->state(), CoreState::halted);
}

TEST_P(TransportConformance, CoreRegistersKeepWhatIsWritten) {
  const auto probe = halted();
  for (unsigned number = 0; number <= 12; ++number) {
    const auto which = static_cast<CoreRegister>(number);
    const std::uint32_t old = probe->read_register(which);
    const std::uint32_t value = 0xA5C30000U + number;
    probe->write_register(which, value);
    EXPECT_EQ(probe->read_register(which), value) << "r" << number;
    probe->write_register(which, old);
    EXPECT_EQ(probe->read_register(which), old) << "r" << number;
  }
}

TEST_P(TransportConformance, MemoryKeepsWhatIsWrittenAtEveryWidthAndAlignment) {
  const auto probe = halted();
  const std::uint32_t base = given().scratch.address;
  unsigned seed = 0;
  for (const Width width : {Width::automatic, Width::byte, Width::half, Width::word}) {
    if (width == Width::half && !probe->info().halfword_access) continue;
    const auto unit = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(width));
    for (std::uint32_t offset = 0; offset < 8; offset += unit) {
      for (const std::uint32_t units : {1U, 2U, 3U, 7U, 64U, 65U}) {
        const Bytes around = random_bytes(512, ++seed);
        probe->write_memory(base, around);
        const Bytes data = random_bytes(std::size_t{units} * unit, ++seed);
        probe->write_memory(base + offset, data, width);
        Bytes expected = around;
        std::copy(data.begin(), data.end(), expected.begin() + offset);
        ASSERT_EQ(read(*probe, base, expected.size()), expected)
            << "width " << unit << ", offset " << offset << ", " << data.size() << " bytes";
        ASSERT_EQ(read(*probe, base + offset, data.size(), width), data)
            << "width " << unit << ", offset " << offset << ", " << data.size() << " bytes";
      }
    }
  }
}

TEST_P(TransportConformance, LargeBlocksCrossEveryBoundaryUnharmed) {
  const auto probe = halted();
  const MemoryRange scratch = given().scratch;
  const Bytes whole = random_bytes(scratch.size, 1);
  probe->write_memory(scratch.address, whole);
  EXPECT_EQ(read(*probe, scratch.address, scratch.size), whole);
  // From before a 1 KiB boundary to beyond the next, oddly aligned: where address auto-increment
  // ends.
  const Bytes part = random_bytes(1024 + 13, 2);
  Bytes expected = whole;
  std::copy(part.begin(), part.end(), expected.begin() + 1019);
  probe->write_memory(scratch.address + 1019, part);
  EXPECT_EQ(read(*probe, scratch.address, scratch.size), expected);
  EXPECT_EQ(read(*probe, scratch.address + 1019, part.size()), part);
}

TEST_P(TransportConformance, NothingReadOrWrittenIsFine) {
  const auto probe = halted();
  EXPECT_NO_THROW(probe->write_memory(given().scratch.address, {}));
  EXPECT_NO_THROW(probe->read_memory(given().scratch.address, {}));
}

TEST_P(TransportConformance, UnalignedAccessOfAFixedWidthIsTheCallersError) {
  const auto probe = halted();
  const std::uint32_t base = given().scratch.address;
  const auto expect_refused = [&](std::uint32_t address, std::size_t size, Width width) {
    Bytes bytes(size);
    for (const auto &access : std::array<std::function<void()>, 2>{
             [&] { probe->read_memory(address, bytes, width); },
             [&] { probe->write_memory(address, bytes, width); }}) {
      try {
        access();
        ADD_FAILURE() << "accepted at " << hex(address) << ", " << size << " bytes";
      } catch (const Error &error) {
        EXPECT_EQ(error.code(), Errc::internal) << error.what();
      }
    }
  };
  expect_refused(base + 2, 4, Width::word);
  expect_refused(base, 6, Width::word);
  if (!probe->info().halfword_access) return;
  expect_refused(base + 1, 2, Width::half);
  expect_refused(base, 3, Width::half);
}

TEST_P(TransportConformance, RefusedAccessIsAMemoryFaultThatNamesTheAddressAndLeavesTheLinkUsable) {
  const std::optional<std::uint32_t> unmapped = given().unmapped;
  if (!unmapped) return;
  const auto probe = halted();
  const std::uint32_t address = *unmapped;
  for (const auto &access : std::array<std::function<void()>, 2>{
           [&] { (void)probe->read_word(address); }, [&] { probe->write_word(address, 1); }}) {
    try {
      access();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::memory_fault) << error.what();
      EXPECT_NE(std::string(error.what()).find(hex(address)), std::string::npos) << error.what();
    }
    probe->write_word(given().scratch.address, 0x12345678);
    EXPECT_EQ(probe->read_word(given().scratch.address), 0x12345678U);
  }
}

}  // namespace flashhost::conformance
