// A probe that answers whatever it likes: the transport ends each call with a value or an error
// with words, after a bounded number of transfers and a bounded time.
#include "check.hpp"
#include "hosts.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <stlink_probe.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;

class CheckingHost final : public flashhost::testing::QuietHost {
 public:
  void log(Level /*level*/, std::string_view text) noexcept override {
    fuzz::check(!text.empty(), "no message is empty");
  }
  bool enabled(Level /*level*/) const noexcept override { return true; }
};

struct World {
  std::span<const std::uint8_t> input;
  Nanoseconds time{};
  unsigned transfers = 1;  // so that the corpus fits, which counts one at the start more

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

// The first byte of each transfer's input says what happens to it: 0xF8 and more, an error by the
// next byte; 0x80, the version; 0x40, the status is not made good; 0x20, the length is the next
// byte, otherwise one of a table.
class FuzzPipe final : public stlink::Pipe {
 public:
  explicit FuzzPipe(World &world) : world_(world) {}

  stlink::Transfer write(std::span<const std::uint8_t> data, Nanoseconds limit) override {
    fuzz::check(data.size() <= 6144, "no transfer is larger than the probe's buffer");
    // Most writes succeed without asking: the input is for the replies.
    if (++world_.transfers % 16 != 0) return {stlink::UsbStatus::done, data.size()};
    return world_.next() < 0xF8 ? stlink::Transfer{stlink::UsbStatus::done, data.size()}
                                : outcome(data.size(), limit);
  }
  stlink::Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    ++world_.transfers;
    const std::uint8_t kind = world_.next();
    if (kind >= 0xF8) return outcome(kind & 7U, limit);
    // Mostly a reply that could be one: the right length is among the first few.
    constexpr std::array<std::size_t, 8> lengths = {2, 8, 12, 6, 64, 52, 1, 0};
    const std::size_t wanted = (kind & 0x20) != 0 ? world_.next() : lengths[kind & 7U];
    const std::size_t length = std::min(wanted, buffer.size());
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
  static stlink::FoundProbe found() { return {0x3748, "FUZZ", "bus 1 device 2", {}, "1-2", {}}; }

 private:
  World &world_;
};

// What came of it, as text.
template <class Action>
std::string bounded(World &world, const Action &action) {
  const Nanoseconds start = world.time;
  const unsigned transfers = world.transfers;
  std::string outcome;
  try {
    outcome = action();
  } catch (const Error &error) {
    fuzz::check(error.code() != Errc::internal, "the probe's nonsense is not our bug");
    fuzz::check_message(error);
    outcome = error.what();
  }
  fuzz::check(world.time - start < 60s, "the time is bounded");
  fuzz::check(world.transfers - transfers < 5000, "the transfers are bounded");
  return fmt::format("{} ({} transfers, {}); ", outcome, world.transfers - transfers,
                     format_duration(world.time - start));
}

std::string to_text(const ProbeInfo &info) {
  std::string text = info.product + " " + info.firmware;
  if (info.target_millivolts) text += fmt::format(" {} mV", *info.target_millivolts);
  return text;
}

std::string hex_text(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

std::string flashhost::fuzz::outcome_of(std::span<const std::uint8_t> input) {
  World world{input};
  CheckingHost host;
  std::unique_ptr<stlink::StlinkProbe> probe;
  std::string text = bounded(world, [&] {
    probe = std::make_unique<stlink::StlinkProbe>(
        host, std::make_shared<FuzzBus>(world), std::make_shared<FuzzClock>(world),
        FuzzBus::found(), stlink::ProbeSettings{"FUZZ", {}, {}});
    return "opened";
  });
  if (!probe) return text;
  std::array<std::uint8_t, 100> bytes{};
  text += bounded(world, [&] {
    probe->attach(AttachMode::attach);
    return fmt::format("attached, CPUID {:#x}", probe->read_word(cortex_m::cpuid));
  });
  text += bounded(world, [&] { return to_text(probe->info()); });
  text += bounded(world, [&] {
    probe->read_memory(0x20000001, bytes, Width::automatic);
    return hex_text(bytes);
  });
  text += bounded(world, [&] {
    probe->write_memory(0x20000002, bytes, Width::automatic);
    return "written";
  });
  text += bounded(world, [&] {
    probe->write_word(0x40022010, 1);
    return "written";
  });
  text +=
      bounded(world, [&] { return fmt::format("{:#x}", probe->read_register(CoreRegister::pc)); });
  text += bounded(world, [&] {
    probe->attach(AttachMode::under_reset);
    return "attached";
  });
  text += bounded(world, [&] {
    probe.reset();
    return "closed";
  });
  return text;
}
