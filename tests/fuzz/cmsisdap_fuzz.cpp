// A CMSIS-DAP probe that answers whatever it likes: each call ends with a value or an error with
// words, after a bounded number of packets and a bounded time. No request is larger than a packet.
#include "check.hpp"
#include "hosts.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <recognition.hpp>
#include <wire.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <vector>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;
using adiv5::Operation;
using adiv5::Order;

constexpr std::size_t one_packet = 64;

struct World {
  std::span<const std::uint8_t> input;
  bool padded = false;
  Nanoseconds time{};
  unsigned packets = 0;
  std::deque<Bytes> asked;

  std::uint8_t next() {
    if (input.empty()) return 0;
    const std::uint8_t byte = input.front();
    input = input.subspan(1);
    return byte;
  }
};

class FuzzClock final : public usb::Clock {
 public:
  explicit FuzzClock(World &world) : world_(world) {}
  Nanoseconds now() override { return world_.time; }
  void sleep(Nanoseconds time) override { world_.time += time; }

 private:
  World &world_;
};

// What a healthy probe answers, but for the words that were read.
Bytes healthy(const Bytes &request) {
  switch (request[0]) {
    case 0x00:
      if (request[1] == 0xFE) return {0, 1, 4};
      if (request[1] == 0xFF) return {0, 2, one_packet, 0};
      return {0, 1, 1};
    case 0x02:
      return {2, 1};
    case 0x05:
      return {5, request[2], 1};
    case 0x06:
      return {6, request[2], request[3], 1};
    default:
      return {request[0], 0};
  }
}

// The first byte of the input for each response says what it is: 0xF8 and more, an error; 0x80,
// bytes of the input, with the length that the next byte says; otherwise what a healthy probe
// answers, with as many words of the input behind it.
class FuzzPipe final : public cmsisdap::Pipe {
 public:
  explicit FuzzPipe(World &world) : world_(world) {}

  usb::UsbStatus send(std::span<const std::uint8_t> request, Nanoseconds /*limit*/) override {
    fuzz::check(!request.empty() && request.size() <= one_packet, "a request fits a packet");
    ++world_.packets;
    world_.asked.emplace_back(request.begin(), request.end());
    return usb::UsbStatus::done;
  }
  usb::Transfer receive(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    ++world_.packets;
    fuzz::check(buffer.size() == one_packet, "the buffer takes a packet");
    const std::uint8_t kind = world_.next();
    if (kind >= 0xF8) return failure(kind, limit);
    // Nothing was asked for.
    if (world_.asked.empty() && kind < 0x80) return failure(0xF8, limit);
    Bytes response = kind < 0x80 ? healthy(world_.asked.front()) : Bytes(world_.next() % 65);
    const std::size_t given = kind < 0x80 ? response.size() : 0;
    response.resize(std::min(one_packet, std::max(response.size(), given + 4UL * (kind & 15U))));
    for (std::size_t i = given; i < response.size(); ++i) response[i] = world_.next();
    if (world_.padded) response.resize(one_packet);
    if (!world_.asked.empty()) world_.asked.pop_front();
    world_.time += 1ms;
    std::ranges::copy(response, buffer.begin());
    return {usb::UsbStatus::done, response.size()};
  }
  void clear_stall() override {}
  std::size_t packet_size() const override { return one_packet; }
  bool padded() const override { return world_.padded; }

 private:
  usb::Transfer failure(std::uint8_t kind, Nanoseconds limit) {
    constexpr std::array statuses = {usb::UsbStatus::timeout, usb::UsbStatus::stall,
                                     usb::UsbStatus::overflow, usb::UsbStatus::gone,
                                     usb::UsbStatus::failed};
    const usb::UsbStatus status = statuses[(kind & 7U) % statuses.size()];
    if (status == usb::UsbStatus::timeout) world_.time += limit;
    return {status, 0};
  }

  World &world_;
};

class FuzzBus final : public cmsisdap::Bus {
 public:
  explicit FuzzBus(World &world) : world_(world) {}
  std::vector<cmsisdap::FoundProbe> find() override { return {found()}; }
  std::unique_ptr<cmsisdap::Pipe> open(const cmsisdap::FoundProbe & /*probe*/) override {
    return std::make_unique<FuzzPipe>(world_);
  }
  void reset(const cmsisdap::FoundProbe & /*probe*/) override {}
  static cmsisdap::FoundProbe found() {
    cmsisdap::FoundProbe probe;
    probe.product = "FUZZ CMSIS-DAP";
    probe.serial = "FUZZ";
    return probe;
  }

 private:
  World &world_;
};

// What came of it, as text.
template <class Action>
std::string bounded(World &world, const Action &action) {
  const Nanoseconds start = world.time;
  const unsigned packets = world.packets;
  std::string outcome;
  try {
    outcome = action();
  } catch (const Error &error) {
    fuzz::check(error.code() == Errc::probe, "the probe's nonsense is the probe's");
    fuzz::check_message(error);
    outcome = error.what();
  }
  fuzz::check(world.time - start < 60s, "the time is bounded");
  fuzz::check(world.packets - packets < 5000, "the packets are bounded");
  return fmt::format("{} ({} packets, {}); ", outcome, world.packets - packets,
                     format_duration(world.time - start));
}

std::string transferred(cmsisdap::CmsisDapWire &wire, std::vector<Operation> operations,
                        Order order) {
  const adiv5::Outcome outcome = wire.transfer(operations, order);
  fuzz::check(outcome.done <= operations.size(), "no more is done than was asked for");
  fuzz::check((outcome.ack == adiv5::Ack::ok) <= (outcome.done == operations.size()),
              "what is ok is done");
  std::string text = fmt::format("ack {}, {} done", static_cast<int>(outcome.ack), outcome.done);
  for (std::size_t i = 0; i < outcome.done; ++i) text += fmt::format(" {:x}", operations[i].value);
  return text;
}

}  // namespace

std::string flashhost::fuzz::outcome_of(std::span<const std::uint8_t> input) {
  // The same bytes as a report descriptor, of which nothing but a number can come.
  std::string text = fmt::format("report of {}; ", cmsisdap::report_size(input));
  World world;
  world.input = input;
  world.padded = (world.next() & 1U) != 0;
  flashhost::testing::QuietHost host;
  std::unique_ptr<cmsisdap::CmsisDapWire> wire;
  text += bounded(world, [&] {
    wire = std::make_unique<cmsisdap::CmsisDapWire>(host, std::make_shared<FuzzBus>(world),
                                                    std::make_shared<FuzzClock>(world),
                                                    FuzzBus::found(), "");
    return "opened " + wire->info().firmware;
  });
  if (!wire) return text;
  const auto connect = [&] {
    wire->connect();
    return "connected";
  };
  text += bounded(world, connect);
  std::vector<Operation> operations = {Operation::write_ap(4, 1)};
  operations.resize(40, Operation::read_ap(12));
  operations.resize(80, Operation::write_ap(12, 7));
  operations.push_back(Operation::read_dp(4));
  text += bounded(world, [&] { return transferred(*wire, operations, Order::strict); });
  text += bounded(world, connect);
  text += bounded(world, [&] { return transferred(*wire, operations, Order::loose); });
  text += bounded(world, [&] {
    wire->sequence(Bytes(8, 0xFF), 64);
    wire->drive_nrst(true);
    return "driven";
  });
  text += bounded(world, [&] {
    wire.reset();
    return "closed";
  });
  return text;
}
