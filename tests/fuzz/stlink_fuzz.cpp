// A probe that answers whatever it likes: the transport ends each call with a value or an error
// with words, after a bounded number of transfers and a bounded time.
#include "check.hpp"

#include <stlink_probe.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;

class QuietHost final : public Host {
 public:
  void log(Level /*level*/, std::string_view text) noexcept override {
    fuzz::check(!text.empty(), "no message is empty");
  }
  bool enabled(Level /*level*/) const noexcept override { return true; }
};

struct World {
  std::span<const std::uint8_t> input;
  Nanoseconds time{};
  unsigned transfers = 0;

  std::uint8_t next() {
    if (input.empty()) return 0;
    const std::uint8_t byte = input.front();
    input = input.subspan(1);
    return byte;
  }
};

class FuzzClock final : public stlink::Clock {
 public:
  explicit FuzzClock(World &world) : world_(world) {}
  Nanoseconds now() override { return world_.time; }
  void sleep(Nanoseconds time) override { world_.time += time; }

 private:
  World &world_;
};

// The first byte of each transfer's input says what happens to it.
class FuzzPipe final : public stlink::Pipe {
 public:
  explicit FuzzPipe(World &world) : world_(world) {}

  stlink::Transfer write(std::span<const std::uint8_t> data, Nanoseconds limit) override {
    fuzz::check(data.size() <= 6144, "no transfer is larger than the probe's buffer");
    if (++world_.transfers % 16 != 0) return {stlink::UsbStatus::done, data.size()};
    return outcome(data.size(), limit);
  }
  stlink::Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    ++world_.transfers;
    const std::uint8_t kind = world_.next();
    if (kind >= 0xF8) return outcome(kind & 7U, limit);
    // Mostly a reply that could be one: the right length is among the first few.
    constexpr std::array<std::size_t, 8> lengths = {2, 8, 12, 6, 64, 52, 1, 0};
    const std::size_t length = std::min(lengths[kind & 7U], buffer.size());
    if ((kind & 0x80) != 0) {
      constexpr std::array<std::uint8_t, 6> version = {0x29, 0x47, 0x83, 0x04, 0x48, 0x37};
      std::ranges::copy(version, buffer.begin());
      return {stlink::UsbStatus::done, version.size()};
    }
    for (std::uint8_t &byte : buffer.first(length)) byte = world_.next();
    if (length > 0 && (kind & 0x40) == 0) buffer[0] = 0x80;
    world_.time += 1ms;
    return {stlink::UsbStatus::done, length};
  }
  stlink::UsbStatus clear_stall() override { return stlink::UsbStatus::done; }
  stlink::UsbStatus reset() override { return stlink::UsbStatus::done; }
  std::size_t packet_size() const override { return 64; }

 private:
  stlink::Transfer outcome(std::size_t length, Nanoseconds limit) {
    constexpr std::array statuses = {stlink::UsbStatus::timeout, stlink::UsbStatus::stall,
                                     stlink::UsbStatus::overflow, stlink::UsbStatus::gone,
                                     stlink::UsbStatus::failed};
    const stlink::UsbStatus status = statuses[world_.next() % statuses.size()];
    if (status == stlink::UsbStatus::timeout) world_.time += limit;
    return {status, length};
  }

  World &world_;
};

class FuzzBus final : public stlink::Bus {
 public:
  explicit FuzzBus(World &world) : world_(world) {}
  std::vector<stlink::FoundProbe> find() override { return {found()}; }
  std::unique_ptr<stlink::Pipe> open(const stlink::FoundProbe & /*probe*/) override {
    return std::make_unique<FuzzPipe>(world_);
  }
  static stlink::FoundProbe found() { return {0x3748, "FUZZ", "bus 1 device 2", {}}; }

 private:
  World &world_;
};

template <class Action>
void bounded(World &world, const Action &action) {
  const Nanoseconds start = world.time;
  const unsigned transfers = world.transfers;
  try {
    action();
  } catch (const Error &error) {
    fuzz::check(error.code() != Errc::internal, "the probe's nonsense is not our bug");
    fuzz::check_message(error);
  }
  fuzz::check(world.time - start < 60s, "the time is bounded");
  fuzz::check(world.transfers - transfers < 5000, "the transfers are bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  World world{{data, size}};
  QuietHost host;
  std::unique_ptr<stlink::StlinkProbe> probe;
  bounded(world, [&] {
    probe = std::make_unique<stlink::StlinkProbe>(
        host, std::make_shared<FuzzBus>(world), std::make_shared<FuzzClock>(world),
        FuzzBus::found(), stlink::ProbeSettings{"FUZZ", {}, {}});
  });
  if (!probe) return 0;
  std::array<std::uint8_t, 100> bytes{};
  bounded(world, [&] { probe->attach(AttachMode::attach); });
  bounded(world, [&] { static_cast<void>(probe->info()); });
  bounded(world, [&] { probe->read_memory(0x20000001, bytes, Width::automatic); });
  bounded(world, [&] { probe->write_memory(0x20000002, bytes, Width::automatic); });
  bounded(world, [&] { probe->write_word(0x40022010, 1); });
  bounded(world, [&] { static_cast<void>(probe->read_register(CoreRegister::pc)); });
  bounded(world, [&] { probe->attach(AttachMode::under_reset); });
  bounded(world, [&] { probe.reset(); });
  return 0;
}
