// Which probe is meant, and what is said when that is not clear.
#include "scripted_bus.hpp"
#include "stlink_transport.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flashhost::stlink {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Choice : public testing::Test {
 protected:
  Choice() { transport_.configure(Settings()); }

  std::string opened(const std::string &serial, const std::string &port = {}) {
    return transport_.open({serial, {}, {}, port})->info().serial;
  }
  Error error_of(const std::string &serial) {
    try {
      return {Errc::internal, opened(serial)};
    } catch (const Error &error) {
      return error;
    }
  }

  testing::RecordingHost host_;
  std::shared_ptr<test::TestClock> clock_ = std::make_shared<test::TestClock>();
  std::shared_ptr<test::ScriptedBus> bus_ = [this] {
    auto bus = std::make_shared<test::ScriptedBus>();
    bus->probe = std::make_shared<test::ScriptedProbe>(clock_);
    return bus;
  }();
  StlinkTransport transport_{host_, bus_, clock_};
  FoundProbe first_{0x3748, "0669FF30AA", "bus 1 device 5", "/dev/bus/usb/001/005", "1-2", {}};
  FoundProbe second_{0x3748, "0669FF31BB", "bus 1 device 6", "/dev/bus/usb/001/006", "1-3.4", {}};
  FoundProbe old_{0x3744, "V1V1", "bus 2 device 2", "/dev/bus/usb/002/002", "2-1", {}};
};

TEST_F(Choice, TheOnlyProbeNeedsNoName) {
  bus_->probes = {first_};
  EXPECT_EQ(opened(""), "0669FF30AA");
}

TEST_F(Choice, AUniqueBeginningIsEnoughInUpperOrLowerCase) {
  bus_->probes = {first_, second_};
  EXPECT_EQ(opened("0669FF31"), "0669FF31BB");
  EXPECT_EQ(opened("0669ff30aa"), "0669FF30AA");
}

TEST_F(Choice, SeveralProbesAreListed) {
  bus_->probes = {first_, second_};
  for (const char *serial : {"", "0669"}) {
    const Error error = error_of(serial);
    EXPECT_EQ(error.code(), Errc::probe);
    EXPECT_THAT(error.what(), HasSubstr("2 ST-Links"));
    EXPECT_THAT(error.hint(), AllOf(HasSubstr("0669FF30AA"), HasSubstr("0669FF31BB"),
                                    HasSubstr("--probe"), HasSubstr("usb:1-3.4")));
  }
}

TEST_F(Choice, AMissingProbeIsToldWithThoseThatAreThere) {
  bus_->probes = {first_};
  const Error error = error_of("1234");
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("1234"));
  EXPECT_THAT(error.hint(), HasSubstr("0669FF30AA"));
}

TEST_F(Choice, AProbeWithoutPermissionMayBeTheOneThatIsMeant) {
  second_.problem = "no permission";
  bus_->probes = {first_, second_};
  const Error error = error_of("");
  EXPECT_THAT(error.what(), HasSubstr("2 ST-Links are plugged in"));
  EXPECT_THAT(error.hint(), HasSubstr("no permission"));
}

TEST_F(Choice, ASerialNumberMayBeginAnother) {
  second_.serial = first_.serial + "0";
  bus_->probes = {first_, second_};
  EXPECT_EQ(opened(first_.serial), first_.serial);
}

TEST_F(Choice, APortTellsEqualSerialNumbersApart) {
  second_.serial = first_.serial;
  bus_->probes = {first_, second_};
  const Error error = error_of(first_.serial);
  EXPECT_THAT(error.what(), HasSubstr("2 ST-Links have a serial number"));
  EXPECT_THAT(error.hint(), AllOf(HasSubstr("usb:1-2)"), HasSubstr("usb:1-3.4)")));
  EXPECT_EQ(opened("", "1-3.4"), first_.serial);
  EXPECT_EQ(bus_->last_opened.port, "1-3.4");
  EXPECT_EQ(opened("", "1-2"), first_.serial);
  EXPECT_EQ(bus_->last_opened.port, "1-2");
}

TEST_F(Choice, AProbeAtAnotherPortIsNotTaken) {
  bus_->probes = {first_};
  try {
    static_cast<void>(opened("", "1-3.4"));
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(std::string(error.what()), "no ST-Link is at the USB port 1-3.4");
  }
}

TEST_F(Choice, NoProbeAtAllIsSaid) {
  const Error error = error_of("");
  EXPECT_EQ(error.code(), Errc::probe);
  EXPECT_THAT(error.what(), HasSubstr("no ST-Link is plugged in"));
}

TEST_F(Choice, AV1IsNamedAsUnsupported) {
  bus_->probes = {old_};
  const Error error = error_of("");
  EXPECT_THAT(error.what(), AllOf(HasSubstr("ST-LINK/V1"), HasSubstr("not supported")));
  EXPECT_THAT(error.hint(), HasSubstr("another protocol"));
}

TEST_F(Choice, AProbeThatCannotBeUsedIsNotInTheWay) {
  bus_->probes = {old_, first_};
  EXPECT_EQ(opened(""), "0669FF30AA");
}

TEST_F(Choice, TheListShowsProductAndPlaceAndOpensNoProbe) {
  bus_->probes = {first_, old_};
  const auto rows = transport_.list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].serial, "0669FF30AA");
  EXPECT_EQ(rows[0].product, "ST-LINK/V2");
  EXPECT_THAT(rows[0].detail, AllOf(HasSubstr("0483:3748"), HasSubstr("bus 1 device 5")));
  EXPECT_EQ(rows[0].usb, "1-2");
  EXPECT_EQ(rows[0].node, "/dev/bus/usb/001/005");
  EXPECT_FALSE(rows[0].simulated);
  EXPECT_EQ(bus_->opened, 0);
  EXPECT_EQ(rows[0].problem, "");
  EXPECT_EQ(rows[1].problem, "not supported");
}

TEST_F(Choice, SettingsOutsideTheirRangeAreRejectedByName) {
  const auto error_for = [&](const char *key, double value) {
    try {
      transport_.configure(Settings({{key, value, "board.toml:7:1"}}));
    } catch (const Error &error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(error_for("time_scale", 0.5),
              AllOf(HasSubstr("board.toml:7:1"), HasSubstr("time_scale")));
  EXPECT_THAT(error_for("colour", 1.0), HasSubstr("colour"));
  EXPECT_EQ(error_for("time_scale", 2), "");
}

}  // namespace
}  // namespace flashhost::stlink
