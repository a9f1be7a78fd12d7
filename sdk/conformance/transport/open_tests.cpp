// What a transport promises before anything is sent to the target: settings, list, open.
#include "transport/transport_suite.hpp"

#include <algorithm>
#include <set>

namespace flashhost::conformance {

FLASHHOST_CONFORMANCE_SUITE(TransportConformance, transport, 2);

TEST_P(TransportConformance, UnknownSettingIsRejectedByName) {
  expect_unknown_setting_is_refused<Transport>();
}

TEST_P(TransportConformance, ListsTheProbeUnderAUniqueSerial) {
  FLASHHOST_PROMISE("transport.hpp, list: the probes that are there now, each with its own serial");
  std::set<std::string> serials;
  const std::vector<ProbeDescription> probes = transport().list();
  ASSERT_FALSE(probes.empty());
  for (const ProbeDescription &probe : probes) {
    EXPECT_FALSE(probe.serial.empty());
    EXPECT_FALSE(probe.product.empty());
    for (const std::string &text : {probe.serial, probe.product, probe.detail}) {
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
    EXPECT_TRUE(serials.insert(probe.serial).second) << probe.serial << " is listed twice";
  }
  const std::string serial = transport().open(options())->info().serial;
  EXPECT_TRUE(serials.contains(serial)) << serial << " is not in the list";
  EXPECT_TRUE(serial.starts_with(given().serial)) << "asked for " << given().serial;
}

TEST_P(TransportConformance, OpensBySerialAndByAPrefixOfIt) {
  FLASHHOST_PROMISE("transport.hpp, OpenOptions::serial: a unique prefix");
  const std::string serial = transport().open(options())->info().serial;
  EXPECT_EQ(transport().open({serial, {}})->info().serial, serial);
  const std::vector<ProbeDescription> probes = transport().list();
  for (std::size_t length = 1; length < serial.size(); ++length) {
    const std::string prefix = serial.substr(0, length);
    const auto fits = [&](const ProbeDescription &one) { return one.serial.starts_with(prefix); };
    if (std::ranges::count_if(probes, fits) != 1) continue;
    EXPECT_EQ(transport().open({prefix, {}})->info().serial, serial) << "opened by " << prefix;
    return;
  }
}

TEST_P(TransportConformance, OpensTheProbeAtAUsbPort) {
  FLASHHOST_PROMISE("transport.hpp, OpenOptions::usb: the USB port of the probe");
  bool any = false;
  for (const ProbeDescription &probe : transport().list()) {
    if (probe.usb.empty()) continue;
    any = true;
    EXPECT_EQ(transport().open({{}, {}, {}, probe.usb})->info().serial, probe.serial)
        << "opened by the port " << probe.usb;
  }
  if (!any) not_tried("choosing by USB port: list() shows none");
}

TEST_P(TransportConformance, RefusesAnUnknownSerialNamingItAndWhatThereIs) {
  FLASHHOST_PROMISE("transport.hpp, open: Errc::probe when there is no such probe");
  const std::string serial = transport().open(options())->info().serial;
  expect_error(
      Errc::probe, [&] { (void)transport().open({"no-such-serial", {}}); }, "no-such-serial");
  expect_error(Errc::probe, [&] { (void)transport().open({"no-such-serial", {}}); }, serial);
  expect_error(Errc::probe, [&] { (void)transport().open({serial + "0", {}}); }, serial);
}

TEST_P(TransportConformance, OfSeveralProbesNoneIsChosenByChance) {
  FLASHHOST_PROMISE("transport.hpp, open: Errc::probe when there are several and no serial");
  const std::vector<ProbeDescription> probes = transport().list();
  if (probes.size() < 2) return not_tried("several probes: there is one");
  for (const ProbeDescription &probe : probes) {
    expect_error(Errc::probe, [&] { (void)transport().open({}); }, probe.serial);
    EXPECT_EQ(transport().open({probe.serial, {}})->info().serial, probe.serial);
  }
}

TEST_P(TransportConformance, SaysWhatItIs) {
  FLASHHOST_PROMISE("probe.hpp, ProbeInfo");
  const auto probe = attached();
  const ProbeInfo info = probe->info();
  for (const std::string &text : {info.product, info.serial, info.firmware}) {
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
  EXPECT_FALSE(info.product.empty());
  constexpr std::uint32_t slowest = 1'000, fastest = 200'000'000;
  const std::uint32_t speed = info.speed_hz.value_or(slowest);
  EXPECT_TRUE(speed >= slowest && speed <= fastest) << speed << " Hz";
  constexpr int lowest = 1'000, highest = 6'000;
  const int millivolts = info.target_millivolts.value_or(lowest);
  EXPECT_TRUE(millivolts >= lowest && millivolts <= highest) << millivolts << " mV";
  // Bit 0 of DPIDR reads as one (ADIv5, B2.2.5).
  EXPECT_EQ(info.debug_port_id.value_or(1) & 1, 1U) << "DPIDR " << hex(*info.debug_port_id);
  EXPECT_NE(info.debug_port_id.value_or(1), 0xFFFFFFFF);
}

TEST_P(TransportConformance, ClosesAndOpensAgain) {
  for (int round = 0; round < 3; ++round) EXPECT_NE(attached(), nullptr);
}

TEST_P(TransportConformance, ASecondOpenIsRefusedOrWorksAndLeavesTheFirstAlone) {
  FLASHHOST_PROMISE("transport.hpp, open: Errc::probe when the probe is in use");
  const auto first = halted();
  first->write_word(scratch(), 0x12345678);
  try {
    const auto second = transport().open(options());
    second->attach(AttachMode::attach);
  } catch (const Error &refused) {
    expect_error(Errc::probe, [&] { throw Error(refused); });
  }
  EXPECT_EQ(first->read_word(scratch()), 0x12345678U);
  EXPECT_EQ(first->state(), CoreState::halted);
}

}  // namespace flashhost::conformance
