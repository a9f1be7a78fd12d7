// The probe at its plug: transfers, their time, trouble.
#include "protocol.hpp"
#include "test_models.hpp"
#include "usb_device.hpp"
#include "usb_function.hpp"

#include <gmock/gmock.h>

#include <cerrno>
#include <stdexcept>
#include <thread>

namespace virtual_stlink::testing {

namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;
using namespace virtual_usb;

constexpr std::uint8_t out = 0x02;
constexpr std::uint8_t in = 0x81;
constexpr double pace = 50;

class UsbDeviceTest : public ::testing::Test {
 protected:
  explicit UsbDeviceTest(double factor = pace)
      : flash_(std::size_t{128} * 1024, 0xFF), target_(quiet(), flash_), clock_(factor) {
    clock_.start(target_.now());
  }

  static flashhost::machine::Config quiet() {
    flashhost::machine::Config config = flashhost::test::board_config();
    config.firmware_runs = false;
    return config;
  }

  UsbDevice &device(std::vector<std::string> faults = {}, Hardware hardware = Hardware::v2) {
    FirmwareConfig config;
    config.hardware = hardware;
    device_ = std::make_unique<UsbDevice>(usb_identity(config), usb_function(config, target_),
                                          flashhost::sim::take_probe_faults(faults).usb, target_,
                                          clock_, traffic_, config.seed);
    return *device_;
  }

  struct TestUrb : Urb {
    Bytes memory;
  };

  std::shared_ptr<TestUrb> post(std::uint8_t endpoint, Bytes bytes, int expected = 0) {
    auto urb = std::make_shared<TestUrb>();
    urb->kind = Urb::Kind::bulk;
    urb->endpoint = endpoint;
    urb->owner = this;
    urb->tag = ++tag_;
    urb->memory = std::move(bytes);
    urb->buffer = urb->memory;
    EXPECT_EQ(device_->submit(urb), expected);
    return urb;
  }
  std::shared_ptr<TestUrb> command(Bytes bytes) {
    bytes.resize(command_size);
    return post(out, bytes);
  }
  std::shared_ptr<TestUrb> reply(std::size_t size) { return post(in, Bytes(size)); }

  // The next that is finished, within so much model time; null: nothing is.
  std::shared_ptr<Urb> wait(Nanoseconds time = 100ms) {
    const Nanoseconds end = clock_.now() + time;
    for (;;) {
      if (auto urb = device_->reap(this)) return urb;
      if (clock_.now() > end) return {};
      std::this_thread::sleep_for(10us);
    }
  }
  void expect_version() {
    static_cast<void>(command({0xF1}));
    const auto answer = reply(64);
    ASSERT_NE(wait(), nullptr);
    ASSERT_EQ(wait(), answer);
    EXPECT_EQ(answer->status, 0);
    EXPECT_EQ(answer->actual, 6U);
    EXPECT_EQ(answer->memory[0], 0x29);
  }

  std::vector<std::uint8_t> flash_;
  flashhost::machine::Target target_;
  ModelClock clock_;
  UsbTraffic traffic_;
  std::unique_ptr<UsbDevice> device_;
  std::uint64_t tag_ = 0;
};

// Time passes only in wait_for().
class SteppedUsb : public UsbDeviceTest {
 protected:
  SteppedUsb() : UsbDeviceTest(stepped_pace) {}

  void wait_for(int transfers) {
    while (transfers > 0) {
      ASSERT_TRUE(device_->next_due());
      clock_.step_to(*device_->next_due());
      while (device_->reap(this)) --transfers;
    }
  }
};

TEST_F(SteppedUsb, transfers_are_late_together_where_they_are_asked_for_together) {
  for (const Nanoseconds latency : {0ms, 5ms}) {
    device().set_latency(latency);
    const Nanoseconds start = clock_.now();
    static_cast<void>(command({0xF1}));
    static_cast<void>(reply(64));
    wait_for(2);
    EXPECT_EQ(clock_.now() - start, 1ms + latency);
  }
}

TEST_F(SteppedUsb, each_transfer_is_late_where_the_next_one_waits_for_it) {
  device().set_latency(5ms);
  const Nanoseconds start = clock_.now();
  static_cast<void>(command({0xF1}));
  wait_for(1);
  static_cast<void>(reply(64));
  wait_for(1);
  EXPECT_EQ(clock_.now() - start, 11ms);
  EXPECT_EQ(traffic_.first, start);
  EXPECT_EQ(traffic_.last, start + 11ms);
}

TEST_F(UsbDeviceTest, a_command_and_its_reply_take_a_millisecond) {
  device();
  const Nanoseconds start = target_.now();
  expect_version();
  EXPECT_GE(target_.now() - start, 1ms);
  EXPECT_EQ(traffic_.bulk_transfers, 2U);
  EXPECT_EQ(traffic_.bytes_out, 16U);
  EXPECT_EQ(traffic_.bytes_in, 6U);
}

TEST_F(UsbDeviceTest, a_reply_may_be_asked_for_before_the_command) {
  device();
  const auto answer = reply(64);
  EXPECT_EQ(wait(2ms), nullptr);
  const auto question = command({0xF5});
  EXPECT_EQ(wait(), question);
  EXPECT_EQ(wait(), answer);
  EXPECT_EQ(answer->actual, 2U);
}

TEST_F(UsbDeviceTest, no_transfer_is_finished_before_its_time) {
  device();
  const auto question = command({0xF1});
  const Nanoseconds due = target_.now();
  ASSERT_EQ(wait(), question);
  EXPECT_GE(clock_.now(), due);
}

TEST_F(UsbDeviceTest, a_reply_longer_than_the_buffer_overflows) {
  device();
  static_cast<void>(command({0xF1}));
  const auto answer = reply(4);
  static_cast<void>(wait());
  ASSERT_EQ(wait(), answer);
  EXPECT_EQ(answer->status, -EOVERFLOW);
}

TEST_F(UsbDeviceTest, a_request_without_a_reply_waits_until_it_is_discarded) {
  device();
  const auto answer = reply(64);
  EXPECT_EQ(wait(5ms), nullptr);
  EXPECT_EQ(device_->discard(this, answer->tag), 0);
  EXPECT_EQ(wait(), answer);
  EXPECT_EQ(answer->status, -ENOENT);
  EXPECT_EQ(device_->discard(this, answer->tag), EINVAL);
  expect_version();
}

TEST_F(UsbDeviceTest, programs_see_only_what_they_asked_for) {
  device();
  const auto question = command({0xF1});
  std::this_thread::sleep_until(device_->next_due_on_the_wall().value_or(Wall{}));
  const int stranger = 0;
  EXPECT_EQ(device_->reap(&stranger), nullptr);
  EXPECT_EQ(wait(), question);
}

TEST_F(UsbDeviceTest, an_interface_belongs_to_one_program) {
  UsbDevice &usb = device({}, Hardware::v2_1);
  const int first = 0;
  const int second = 0;
  EXPECT_EQ(usb.claim(&first, 0), 0);
  EXPECT_EQ(usb.claim(&second, 0), EBUSY);
  EXPECT_EQ(usb.claim(&second, 3), 0);
  EXPECT_EQ(usb.claim(&second, 4), EINVAL);
  usb.closed(&first);
  EXPECT_EQ(usb.claim(&second, 0), 0);
  EXPECT_EQ(usb.release(&second, 0), 0);
  EXPECT_EQ(device({"busy"}).claim(&first, 0), EBUSY);
}

TEST_F(UsbDeviceTest, unplugging_ends_all_that_is_under_way) {
  device({"usb_unplug_at=3"});
  const auto question = command({0xF1});
  const auto answer = reply(64);
  const auto last = command({0xF1});
  for (const auto &urb : {question, answer, last}) {
    EXPECT_EQ(wait(), urb);
    EXPECT_EQ(urb->status, -ESHUTDOWN);
  }
  EXPECT_FALSE(device_->plugged());
  static_cast<void>(post(out, Bytes(16), ENODEV));
  EXPECT_EQ(device_->claim(this, 0), ENODEV);
}

TEST_F(UsbDeviceTest, a_stalled_endpoint_works_again_once_it_is_cleared) {
  device({"usb_stall_at=2"});
  static_cast<void>(command({0xF1}));
  static_cast<void>(wait());
  for (int i = 0; i < 2; ++i) {
    const auto answer = reply(64);
    ASSERT_EQ(wait(), answer);
    EXPECT_EQ(answer->status, -EPIPE);
  }
  EXPECT_EQ(device_->clear_halt(in), 0);
  const auto answer = reply(64);
  ASSERT_EQ(wait(), answer);
  EXPECT_EQ(answer->actual, 6U);
}

TEST_F(UsbDeviceTest, replies_come_short_wrong_late_or_never_as_asked) {
  device({"usb_short_reply_at=2"});
  static_cast<void>(command({0xF1}));
  static_cast<void>(wait());
  const auto cut = reply(64);
  ASSERT_EQ(wait(), cut);
  EXPECT_EQ(cut->actual, 3U);
  expect_version();

  traffic_ = {};
  device({"usb_garbage_reply_at=1"});
  static_cast<void>(command({0xF1}));
  static_cast<void>(wait());
  const auto wrong = reply(64);
  ASSERT_EQ(wait(), wrong);
  EXPECT_EQ(wrong->actual, 6U);
  EXPECT_NE(wrong->memory[0], 0x29);
  expect_version();

  traffic_ = {};
  device({"usb_late_reply_at=1:10000"});
  static_cast<void>(command({0xF1}));
  static_cast<void>(wait());
  const auto late = reply(64);
  EXPECT_EQ(wait(20ms), nullptr);
  EXPECT_EQ(wait(20s), late);
  expect_version();

  traffic_ = {};
  device({"usb_no_reply_at=1"});
  static_cast<void>(command({0xF1}));
  static_cast<void>(wait());
  const auto never = reply(64);
  EXPECT_EQ(wait(50ms), nullptr);
  EXPECT_EQ(device_->discard(this, never->tag), 0);
  EXPECT_EQ(wait(), never);
  expect_version();
}

TEST_F(UsbDeviceTest, standard_requests_give_the_descriptors) {
  UsbDevice &usb = device({}, Hardware::v2_1);
  const auto ask = [&](const Bytes &setup) { return usb.control(setup).value_or(Bytes{}); };
  const Bytes described = ask({0x80, 6, 0, 1, 0, 0, 18, 0});
  ASSERT_THAT(described, SizeIs(18));
  EXPECT_EQ(get_u16(described, 10), 0x374BU);
  const Bytes all = ask({0x80, 6, 0, 2, 0, 0, 0xFF, 0});
  ASSERT_THAT(all, SizeIs(::testing::Ge(9)));
  EXPECT_EQ(all.size(), get_u16(all, 2));
  const Bytes serial = ask({0x80, 6, 3, 3, 9, 4, 0xFF, 0});
  ASSERT_THAT(serial, SizeIs(50));
  EXPECT_EQ(serial[0], 50);
  EXPECT_FALSE(usb.control(Bytes{0x80, 6, 4, 3, 9, 4, 0xFF, 0}).has_value());
  EXPECT_FALSE(usb.control(Bytes{0xC0, 1, 0, 0, 0, 0, 1, 0}).has_value());
}

TEST(PaceTest, the_clock_stands_still_while_computing_is_behind) {
  ModelClock clock(1);
  clock.start(Nanoseconds{});
  std::this_thread::sleep_for(5ms);
  clock.computed(1ms);
  EXPECT_GE(clock.lag(), 4ms);
  EXPECT_LE(clock.now(), clock.elapsed() - 4ms);
  EXPECT_EQ(parse_pace("real"), 1);
  EXPECT_EQ(parse_pace("fast=2.5"), 2.5);
  EXPECT_EQ(parse_pace("fast"), fast_pace);
  EXPECT_EQ(parse_pace("fast=0"), std::nullopt);
  EXPECT_EQ(parse_pace("slow"), std::nullopt);
  EXPECT_EQ(parse_pace("slow=4"), 0.25);
}

}  // namespace

}  // namespace virtual_stlink::testing
