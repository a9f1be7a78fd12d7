#include "plugin/guard.hpp"
#include "plugin/guarded.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace flashhost {

namespace {

std::string access(std::uint32_t address, std::size_t size, Width width) {
  return fmt::format(
      "{}, {}, width {}", hex(address), format_size(size),
      width == Width::automatic ? "automatic" : std::to_string(static_cast<int>(width)));
}

std::string first_bytes(std::span<const std::uint8_t> data) {
  constexpr std::size_t shown = 16;
  const auto head = data.first(std::min(shown, data.size()));
  return hex_bytes(Bytes(head.begin(), head.end())) + (data.size() > shown ? "..." : "");
}

std::string planned(const Access &one) {
  const auto width = std::to_string(static_cast<int>(one.width));
  return one.kind == Access::Kind::read
             ? fmt::format("to read {}, width {}", hex(one.address), width)
             : fmt::format("to write {}, width {}: {}", hex(one.address), width, hex(one.value));
}

std::string register_name(CoreRegister which) {
  return fmt::format("register {}", static_cast<int>(which));
}

class GuardedDebugPort final : public RawDebugPort {
 public:
  GuardedDebugPort(const Guard &guard, Probe &probe) : guard_(guard), probe_(probe) {}

  std::uint32_t read_dp(std::uint8_t address) override {
    return read("read_dp", fmt::format("{:#04x}", address),
                [&](RawDebugPort &port) { return port.read_dp(address); });
  }
  void write_dp(std::uint8_t address, std::uint32_t value) override {
    write("write_dp", fmt::format("{:#04x}, {}", address, hex(value)),
          [&](RawDebugPort &port) { port.write_dp(address, value); });
  }
  std::uint32_t read_ap(std::uint8_t access_port, std::uint8_t address) override {
    return read("read_ap", fmt::format("{}, {:#04x}", access_port, address),
                [&](RawDebugPort &port) { return port.read_ap(access_port, address); });
  }
  void write_ap(std::uint8_t access_port, std::uint8_t address, std::uint32_t value) override {
    write("write_ap", fmt::format("{}, {:#04x}, {}", access_port, address, hex(value)),
          [&](RawDebugPort &port) { port.write_ap(access_port, address, value); });
  }

 private:
  template <class Action>
  std::uint32_t read(const char *name, const std::string &arguments, const Action &action) {
    const std::uint32_t value = guard_.call(
        name, [&] { return action(*probe_.raw_debug_port()); }, [&] { return arguments; });
    if (guard_.tracing()) guard_.trace("  read " + hex(value));
    return value;
  }
  template <class Action>
  void write(const char *name, const std::string &arguments, const Action &action) {
    guard_.call(name, [&] { action(*probe_.raw_debug_port()); }, [&] { return arguments; });
  }

  const Guard &guard_;
  Probe &probe_;
};

class GuardedProbe final : public Probe {
 public:
  GuardedProbe(std::shared_ptr<LoadedPlugin> plugin, std::unique_ptr<Probe> probe,
               std::optional<int> millivolts)
      : guard_(std::move(plugin)),
        probe_(std::move(probe)),
        port_(guard_, *probe_),
        millivolts_(millivolts) {}
  GuardedProbe(const GuardedProbe &) = delete;
  GuardedProbe &operator=(const GuardedProbe &) = delete;
  ~GuardedProbe() override {
    guard_.call("close", [this] { probe_.reset(); });
  }

  ProbeInfo info() override {
    ProbeInfo info = guard_.call("info", [&] { return probe_->info(); });
    if (millivolts_) {
      warn_of_another_supply(*millivolts_, info.target_millivolts);
      info.target_millivolts = millivolts_;
    }
    return info;
  }
  CoreState state() override {
    return guard_.call("state", [&] { return probe_->state(); });
  }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    guard_.call(
        "read_memory", [&] { probe_->read_memory(address, out, width); },
        [&] { return access(address, out.size(), width); });
    if (guard_.tracing()) guard_.trace("  read " + first_bytes(out));
  }
  std::uint32_t read_register(CoreRegister which) override {
    const std::uint32_t value = guard_.call(
        "read_register", [&] { return probe_->read_register(which); },
        [&] { return register_name(which); });
    if (guard_.tracing()) guard_.trace("  read " + hex(value));
    return value;
  }
  Nanoseconds now() override {
    // Not traced: every wait calls it.
    return guard_.untraced("now", [&] { return probe_->now(); });
  }
  void sleep(Nanoseconds time) override {
    guard_.call("sleep", [&] { probe_->sleep(time); }, [&] { return format_duration(time); });
  }
  void attach(AttachMode mode) override {
    guard_.call(
        "attach", [&] { probe_->attach(mode); },
        [&] { return std::string(mode == AttachMode::attach ? "attach" : "under reset"); });
  }
  void reset(ResetMode mode) override {
    guard_.call(
        "reset", [&] { probe_->reset(mode); },
        [&] { return std::string(mode == ResetMode::pin ? "pin" : "system"); });
  }
  void halt() override {
    guard_.call("halt", [&] { probe_->halt(); });
  }
  void resume() override {
    guard_.call("resume", [&] { probe_->resume(); });
  }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    guard_.call(
        "write_memory", [&] { probe_->write_memory(address, data, width); },
        [&] { return access(address, data.size(), width) + ": " + first_bytes(data); });
  }
  void write_register(CoreRegister which, std::uint32_t value) override {
    guard_.call(
        "write_register", [&] { probe_->write_register(which, value); },
        [&] { return register_name(which) + ", " + hex(value); });
  }
  void run(std::span<Access> accesses) override {
    // Traced before the call, since the call may throw.
    if (guard_.tracing()) {
      guard_.trace(fmt::format("run({} accesses)", accesses.size()));
      for (const Access &one : accesses) guard_.trace("  " + planned(one));
    }
    guard_.untraced("run", [&] { probe_->run(accesses); });
    if (!guard_.tracing()) return;
    for (const Access &one : accesses) {
      if (one.kind == Access::Kind::read) {
        guard_.trace(fmt::format("  read {} from {}", hex(one.value), hex(one.address)));
      }
    }
  }
  void write_registers(std::span<const RegisterValue> values) override {
    if (guard_.tracing()) {
      guard_.trace(fmt::format("write_registers({} registers)", values.size()));
      for (const RegisterValue &one : values) {
        guard_.trace(fmt::format("  {}, {}", register_name(one.which), hex(one.value)));
      }
    }
    guard_.untraced("write_registers", [&] { probe_->write_registers(values); });
  }
  RawDebugPort *raw_debug_port() override {
    const bool has =
        guard_.untraced("raw_debug_port", [&] { return probe_->raw_debug_port() != nullptr; });
    return has ? &port_ : nullptr;
  }

 private:
  // Some probes measure their own supply. Warns only once.
  void warn_of_another_supply(int said, std::optional<int> measured) {
    if (warned_ || !measured || std::abs(*measured - said) * 10 <= said) return;
    warned_ = true;
    guard_.plugin().host().log(
        Level::warning,
        fmt::format("the board file says voltage = {}, but the probe measures {:.2f} V; going by "
                    "the board file",
                    said / 1000.0, *measured / 1000.0));
  }

  Guard guard_;  // first: the library outlives the probe
  std::unique_ptr<Probe> probe_;
  GuardedDebugPort port_;
  std::optional<int> millivolts_;  // the target's supply according to the board file
  bool warned_ = false;
};

}  // namespace

std::unique_ptr<Probe> guarded_probe(std::shared_ptr<LoadedPlugin> plugin,
                                     std::unique_ptr<Probe> probe, std::optional<int> millivolts) {
  return std::make_unique<GuardedProbe>(std::move(plugin), std::move(probe), millivolts);
}

}  // namespace flashhost
