// Which probe is meant, what the list shows, and the settings.
#include "transport.hpp"
#include "wire_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::cmsisdap {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class Choice : public test::WireFixture {
 protected:
  Choice() {
    transport_.configure(Settings());
    FoundProbe second = bus_->probes.front();
    second.serial = "B2";
    second.port = "1-3.4";
    second.interface.protocol = Protocol::hid;
    second.vendor = 0x0d28;
    second.product_id = 0x0204;
    second.node = "/dev/hidraw3";
    second.problem = "no permission";
    bus_->probes.push_back(second);
  }
  std::string opened(const std::string &serial, const std::string &port = {}) {
    return transport_.open({serial, {}, {}, port})->info().serial;
  }
  std::string settings_error(const Setting &setting) {
    return bench::text_of(Errc::config, [&] {
      transport_.configure(Settings({setting}));
      return 0;
    });
  }

  CmsisDapTransport transport_{host_, bus_, clock_};
};

TEST_F(Choice, SerialNumberOrPortNamesTheProbe) {
  EXPECT_EQ(opened("a"), "A1");
  EXPECT_EQ(opened("", "1-3.4"), "B2");
  EXPECT_EQ(bus_->last_opened.port, "1-3.4");
}

TEST_F(Choice, SeveralProbesAreListed) {
  const Error error = bench::error_of([&] { return opened(""); });
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_STREQ(error.what(), "2 CMSIS-DAP probes are plugged in, and none is named");
  EXPECT_THAT(error.hint(), AllOf(HasSubstr("ACME CMSIS-DAP A1 (usb:1-2)"),
                                  HasSubstr("ACME CMSIS-DAP B2 (usb:1-3.4, no permission)")));
}

TEST_F(Choice, NoProbeIsSaid) {
  bus_->probes.clear();
  EXPECT_EQ(bench::text_of(Errc::probe, [&] { return opened(""); }),
            "no CMSIS-DAP probe is plugged in");
}

TEST_F(Choice, TheListOpensNoProbe) {
  const auto rows = transport_.list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].product, "ACME CMSIS-DAP");
  EXPECT_THAT(rows[0].detail, HasSubstr("CMSIS-DAP v2"));
  EXPECT_EQ(rows[1],
            (ProbeDescription{"B2", "ACME CMSIS-DAP", "0d28:0204, CMSIS-DAP v1, bus 1 device 5",
                              "1-3.4", "/dev/hidraw3", "no permission"}));
  EXPECT_EQ(bus_->opened, 0);
  EXPECT_THAT(scripted_->sent, IsEmpty());
}

TEST_F(Choice, OpeningSendsNothingToTheTarget) {
  const auto probe = transport_.open({"A1", {}, {}, {}});
  for (const Bytes &request : scripted_->sent) EXPECT_EQ(request.front(), 0x00);
}

TEST_F(Choice, SettingsAreCheckedByName) {
  EXPECT_THAT(settings_error({"access_port", std::int64_t{256}, "board.toml:7:1"}),
              AllOf(HasSubstr("board.toml:7:1"), HasSubstr("access_port")));
  EXPECT_THAT(settings_error({"access_port", std::int64_t{-1}, "board.toml:7:1"}),
              HasSubstr("access_port"));
  EXPECT_THAT(settings_error({"time_scale", 0.5, "board.toml:7:1"}), HasSubstr("time_scale"));
  EXPECT_THAT(settings_error({"colour", true, "board.toml:7:1"}), HasSubstr("colour"));
  EXPECT_NO_THROW(
      transport_.configure(Settings({{"access_port", std::int64_t{255}, "board.toml:7:1"}})));
}

}  // namespace
}  // namespace flashhost::cmsisdap
