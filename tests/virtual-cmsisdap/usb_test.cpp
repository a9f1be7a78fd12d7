// The probe at its plug: which requests it takes when, and when their responses come.
#include "protocol.hpp"
#include "test_models.hpp"
#include "usb_device.hpp"
#include "usb_function.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace virtual_cmsisdap::testing {

namespace {

using namespace std::chrono_literals;
using namespace virtual_usb;
using ::testing::Each;
using ::testing::SizeIs;

constexpr double pace = 20;
constexpr std::uint8_t hid_in = 0x82;
constexpr std::uint8_t hid_out = 0x02;

// Info: the packet count.
const Bytes ask_count{0x00, 0xFE};

class CmsisDapDevice : public ::testing::Test {
 protected:
  CmsisDapDevice() : CmsisDapDevice(pace) {}
  explicit CmsisDapDevice(double model_per_wall)
      : flash_(std::size_t{128} * 1024, 0xFF), target_(quiet(), flash_), clock_(model_per_wall) {
    clock_.start(target_.now());
  }

  static flashhost::machine::Config quiet() {
    flashhost::machine::Config config = flashhost::test::board_config();
    config.firmware_runs = false;
    return config;
  }

  UsbDevice &plug_in(const Personality &personality, const PipeFaults &faults = {}) {
    probe_ = personality;
    device_ = std::make_unique<UsbDevice>(usb_identity(personality, faults),
                                          usb_function(personality, faults, target_), UsbFaults{},
                                          target_, clock_, traffic_, 1);
    return *device_;
  }

  struct TestUrb : Urb {
    Bytes memory;
  };

  std::shared_ptr<TestUrb> post(std::uint8_t endpoint, Bytes bytes) {
    auto urb = std::make_shared<TestUrb>();
    const bool bulk = endpoint == probe_.bulk.out || endpoint == probe_.bulk.in;
    urb->kind = bulk ? Urb::Kind::bulk : Urb::Kind::interrupt;
    urb->endpoint = endpoint;
    urb->owner = this;
    urb->tag = ++tag_;
    urb->memory = std::move(bytes);
    urb->buffer = urb->memory;
    EXPECT_EQ(device_->submit(urb), 0);
    return urb;
  }
  std::shared_ptr<TestUrb> request(const Bytes &bytes) { return post(probe_.bulk.out, bytes); }
  std::shared_ptr<TestUrb> response(std::size_t size = 64) {
    return post(probe_.bulk.in, Bytes(size));
  }
  std::shared_ptr<TestUrb> report(Bytes bytes) {
    bytes.resize(probe_.firmware.packet_size);
    return post(hid_out, std::move(bytes));
  }
  std::shared_ptr<TestUrb> report_back() {
    return post(hid_in, Bytes(probe_.firmware.packet_size));
  }

  // The next that is finished, within so much model time; null: nothing is.
  std::shared_ptr<Urb> wait(Nanoseconds time = 100ms) {
    const Nanoseconds end = clock_.now() + time;
    for (;;) {
      if (auto urb = device_->reap(this)) return urb;
      if (clock_.now() > end) return {};
      std::this_thread::sleep_for(10us);
    }
  }
  std::vector<std::uint8_t> flash_;
  flashhost::machine::Target target_;
  ModelClock clock_;
  UsbTraffic traffic_;
  Personality probe_;
  std::unique_ptr<UsbDevice> device_;
  std::uint64_t tag_ = 0;
};

Personality named(const char *name) {
  return *find_personality(name);
}

TEST_F(CmsisDapDevice, a_bulk_response_is_as_long_as_it_has_to_be) {
  plug_in(named("debugprobe"));
  const auto question = request(ask_count);
  const auto answer = response();
  EXPECT_EQ(wait(), question);
  ASSERT_EQ(wait(), answer);
  ASSERT_EQ(answer->actual, 3U);
  EXPECT_EQ(answer->memory[2], 8);
}

TEST_F(CmsisDapDevice, a_report_is_always_whole) {
  plug_in(named("daplink"));
  const auto question = report(ask_count);
  const auto answer = report_back();
  EXPECT_EQ(wait(), question);
  ASSERT_EQ(wait(), answer);
  EXPECT_EQ(answer->actual, 64U);
  EXPECT_EQ(answer->memory[2], 4);
  EXPECT_THAT(Bytes(answer->memory.begin() + 3, answer->memory.end()), Each(0));
}

TEST_F(CmsisDapDevice, responses_come_in_order_to_the_interface_that_asked) {
  plug_in(named("daplink"));
  static_cast<void>(request({0x00, 0xFE}));
  static_cast<void>(request({0x00, 0xFF}));
  static_cast<void>(report({0x00, 0xF0}));
  const auto first = response();
  const auto second = response();
  const auto third = report_back();
  for (int i = 0; i < 6; ++i) ASSERT_NE(wait(), nullptr);
  EXPECT_EQ(first->actual, 3U);
  EXPECT_EQ(second->actual, 4U);
  EXPECT_EQ(third->actual, 64U);
  EXPECT_EQ(third->memory[1], 1);
}

TEST_F(CmsisDapDevice, one_round_trip_of_hid_takes_two_milliseconds) {
  plug_in(named("daplink"));
  constexpr int rounds = 10;
  const Nanoseconds start = clock_.now();
  for (int i = 0; i < rounds; ++i) {
    static_cast<void>(report(ask_count));
    static_cast<void>(report_back());
    for (int both = 0; both < 2; ++both) ASSERT_NE(wait(), nullptr);
  }
  EXPECT_GE(clock_.now() - start, (2 * rounds - 1) * 1ms);
}

// A probe whose model takes long to compute.
class SlowToCompute final : public Function {
 public:
  explicit SlowToCompute(const flashhost::machine::Target &target) : target_(target) {}
  [[nodiscard]] std::optional<Nanoseconds> accepts(std::uint8_t /*endpoint*/,
                                                   Nanoseconds at) const override {
    return at;
  }
  void receive(std::uint8_t /*endpoint*/, std::span<const std::uint8_t> /*data*/,
               Nanoseconds /*at*/) override {
    std::this_thread::sleep_for(50ms);
    reply_ = Reply{1, target_.now()};
  }
  [[nodiscard]] std::optional<Reply> reply(std::uint8_t endpoint) const override {
    return endpoint == hid_in ? reply_ : std::nullopt;
  }
  [[nodiscard]] Bytes take(std::uint8_t /*endpoint*/, std::size_t /*max*/,
                           Nanoseconds /*at*/) override {
    reply_.reset();
    return Bytes(1);
  }
  [[nodiscard]] std::optional<Bytes> control(std::span<const std::uint8_t> /*setup*/,
                                             std::span<const std::uint8_t> /*data*/) override {
    return {};
  }
  void usb_reset() override {}
  [[nodiscard]] Statistics statistics() const override { return {}; }

 private:
  const flashhost::machine::Target &target_;
  std::optional<Reply> reply_;
};

TEST_F(CmsisDapDevice, what_the_computing_takes_is_not_the_time_of_a_transfer) {
  probe_ = named("daplink");
  device_ = std::make_unique<UsbDevice>(usb_identity(probe_, {}),
                                        std::make_unique<SlowToCompute>(target_), UsbFaults{},
                                        target_, clock_, traffic_, 1);
  static_cast<void>(report_back());
  const Nanoseconds start = clock_.now();
  static_cast<void>(report(ask_count));
  EXPECT_NE(wait(), nullptr);
  ASSERT_TRUE(device_->next_due());
  EXPECT_LE(*device_->next_due() - start, 500ms);  // 50 ms of computing are a second of the model
}

// So slow that posting takes no time that would matter.
class SlowCmsisDapDevice : public CmsisDapDevice {
 protected:
  SlowCmsisDapDevice() : CmsisDapDevice(1.0 / 50) {}
};

TEST_F(SlowCmsisDapDevice, packets_in_flight_overlap) {
  plug_in(named("debugprobe"));
  constexpr std::size_t packets = 7;
  const Nanoseconds start = clock_.now();
  std::shared_ptr<TestUrb> last;
  for (std::size_t i = 0; i < packets; ++i) {
    static_cast<void>(request(ask_count));
    last = response();
  }
  while (const auto urb = wait()) {
    if (urb == last) break;
  }
  EXPECT_EQ(last->actual, 3U);
  const Nanoseconds time = clock_.now() - start;
  EXPECT_GE(time, 1ms);
  EXPECT_LE(time, 5ms);  // one by one they would take 1 ms each
}

TEST_F(CmsisDapDevice, a_bulk_request_beyond_the_packet_count_waits) {
  Personality probe = named("debugprobe");
  probe.firmware.packet_count = 2;
  probe.unusable_places = 0;
  plug_in(probe);
  const auto first = request(ask_count);
  const auto second = request(ask_count);
  const auto third = request(ask_count);
  EXPECT_EQ(wait(), first);
  EXPECT_EQ(wait(), second);
  EXPECT_EQ(wait(20ms), nullptr);
  const auto answer = response();
  EXPECT_EQ(wait(), answer);
  EXPECT_EQ(wait(), third);
}

TEST_F(CmsisDapDevice, a_report_beyond_the_packet_count_is_lost_or_the_end) {
  for (const Overflow what : {Overflow::dropped, Overflow::crashes}) {
    Personality probe = named("daplink");
    probe.hid_overflow = what;
    probe.firmware.packet_count = 2;
    UsbDevice &usb = plug_in(probe);
    for (int i = 0; i < 3; ++i) static_cast<void>(report(ask_count));
    for (int i = 0; i < 3; ++i) EXPECT_NE(wait(), nullptr);
    const std::size_t expected = what == Overflow::dropped ? 2 : 0;
    for (int i = 0; i < 3; ++i) static_cast<void>(report_back());
    std::size_t came = 0;
    while (wait(20ms)) ++came;
    EXPECT_EQ(came, expected);
    EXPECT_THAT(usb.function().statistics().notes, SizeIs(1));
  }
}

TEST_F(CmsisDapDevice, queued_commands_wait_for_one_that_is_not) {
  Personality probe = named("mcu-link");
  plug_in(probe);
  static_cast<void>(request({0x7E, 1, 0x00, 0xFE}));
  const auto first = response(512);
  EXPECT_NE(wait(), nullptr);
  EXPECT_EQ(wait(20ms), nullptr);
  static_cast<void>(request(ask_count));
  static_cast<void>(wait());
  EXPECT_EQ(wait(), first);
  EXPECT_EQ(first->memory[0], command::execute_commands);
  const auto second = response(512);
  EXPECT_EQ(wait(), second);
  EXPECT_EQ(second->memory[0], 0x00);
}

// SWJ_Sequence padded to so many bytes.
Bytes long_request(std::size_t size) {
  Bytes bytes(size);
  bytes[0] = command::swj_sequence;
  bytes[1] = 8;
  return bytes;
}

TEST_F(CmsisDapDevice, a_request_that_fills_its_packets_needs_an_empty_one) {
  Personality probe = named("debugprobe");
  probe.firmware.packet_size = 512;
  plug_in(probe);
  static_cast<void>(request(long_request(64)));
  const auto answer = response();
  static_cast<void>(wait());
  EXPECT_EQ(wait(20ms), nullptr);
  static_cast<void>(request({}));
  static_cast<void>(wait());
  EXPECT_EQ(wait(), answer);
  static_cast<void>(request(long_request(65)));
  const auto ended = response();
  static_cast<void>(wait());
  EXPECT_EQ(wait(), ended);
}

TEST_F(CmsisDapDevice, a_response_without_its_empty_packet_leaves_the_host_waiting) {
  Personality probe = named("debugprobe");
  probe.firmware.packet_size = 512;
  probe.firmware.product = std::string(61, 'x');  // echo, length, 61 characters, NUL: 64 bytes
  const Bytes ask_product{0x00, 0x02};
  plug_in(probe);
  static_cast<void>(request(ask_product));
  const auto good = response(512);
  static_cast<void>(wait());
  ASSERT_EQ(wait(), good);
  EXPECT_EQ(good->actual, 64U);
  plug_in(probe, {.zero_packet_missing = true});
  static_cast<void>(request(ask_product));
  const auto endless = response(512);
  static_cast<void>(wait());
  EXPECT_EQ(wait(20ms), nullptr);
  static_cast<void>(request(ask_product));  // whose response ends up in the same transfer
  static_cast<void>(wait());
  EXPECT_EQ(wait(20ms), nullptr);
  EXPECT_EQ(device_->discard(this, endless->tag), 0);
  ASSERT_EQ(wait(), endless);
  EXPECT_EQ(endless->actual, 128U);
}

TEST_F(CmsisDapDevice, edbg_is_silent_before_512_bytes_have_come) {
  plug_in(named("edbg"));
  const auto part = post(hid_out, Bytes(64));
  const auto answer = report_back();
  EXPECT_EQ(wait(), part);
  EXPECT_EQ(wait(20ms), nullptr);
  static_cast<void>(post(hid_out, Bytes(448)));
  static_cast<void>(wait());
  EXPECT_EQ(wait(), answer);
  EXPECT_EQ(answer->actual, 512U);
}

TEST_F(CmsisDapDevice, without_an_out_endpoint_reports_come_as_control_requests) {
  UsbDevice &usb = plug_in(named("old"));
  Bytes data(64);
  data[1] = 0xFE;
  EXPECT_TRUE(usb.control(Bytes{0x21, 0x09, 0, 2, 0, 0, 64, 0}, data).has_value());
  const auto answer = report_back();
  ASSERT_EQ(wait(), answer);
  EXPECT_EQ(answer->memory[2], 1);
  EXPECT_FALSE(usb.control(Bytes{0x21, 0x55, 0, 0, 0, 0, 0, 0}).has_value());
}

TEST_F(CmsisDapDevice, an_old_response_or_a_wrong_echo_can_be_had) {
  plug_in(named("debugprobe"), {.stale_response = true, .wrong_echo_at = 1});
  static_cast<void>(request(ask_count));
  const auto stale = response();
  const auto wrong = response();
  for (int i = 0; i < 3; ++i) ASSERT_NE(wait(), nullptr);
  EXPECT_EQ(stale->memory[0], 0x03);
  EXPECT_EQ(wrong->memory[0], 0xFF);
}

TEST_F(CmsisDapDevice, its_descriptors_say_what_hosts_look_for) {
  UsbDevice &usb = plug_in(named("daplink"));
  const UsbIdentity &identity = usb.identity();
  EXPECT_EQ(get_u16(identity.device, 8), 0x0D28U);
  EXPECT_EQ(identity.configuration.size(), get_u16(identity.configuration, 2));
  ASSERT_THAT(identity.interfaces, SizeIs(5));
  EXPECT_EQ(identity.interfaces[0].class_code, 0xFF);
  EXPECT_EQ(identity.interfaces[0].name, "CMSIS-DAP v2");
  EXPECT_EQ(identity.interfaces[4].class_code, 3);
  const auto name = usb.control(Bytes{0x80, 6, 4, 3, 9, 4, 0xFF, 0});
  ASSERT_TRUE(name.has_value());
  EXPECT_THAT(*name, SizeIs(2 + 2 * identity.interfaces[0].name.size()));
  const auto reports = usb.control(Bytes{0x81, 6, 0, 0x22, 4, 0, 0xFF, 0});
  EXPECT_EQ(reports, identity.interfaces[4].report_descriptor);
  EXPECT_FALSE(usb.control(Bytes{0x81, 6, 0, 0x22, 0, 0, 0xFF, 0}).has_value());
}

}  // namespace

}  // namespace virtual_cmsisdap::testing
