#include "watched_probe.hpp"

#include <type_traits>
#include <utility>

namespace flashhost {

namespace {

using timeline::Recorder;
using timeline::Traffic;

// CSW and TAR before the data, RDBUFF after; TAR again after each KiB.
constexpr std::uint64_t setup_transfers = 3, block = 1024;
// DCRDR, DCRSR and DHCSR, which says that it is done.
constexpr std::uint64_t register_transfers = 2 * setup_transfers;

Traffic of_memory(std::size_t size, Width width) {
  const std::size_t unit = width == Width::byte ? 1 : width == Width::half ? 2 : 4;
  return {size, (size + unit - 1) / unit + setup_transfers * ((size + block - 1) / block)};
}

Traffic of_accesses(std::span<const Access> accesses) {
  Traffic traffic{0, setup_transfers * accesses.size()};
  for (const Access &one : accesses) traffic.bytes += static_cast<std::uint64_t>(one.width);
  return traffic;
}

class Watch {
 public:
  Watch(Probe &probe, Recorder *recorder) : probe_(probe), recorder_(recorder) {}

  // The call may throw: it has taken its time then, too.
  template <class Call>
  auto call(const Traffic &traffic, const Call &call) {
    const Timed timed(
        *this, [&](Nanoseconds begin, Nanoseconds end) { recorder_->call(begin, end, traffic); });
    return call();
  }
  template <class Call>
  void sleep(const Call &call) {
    const Timed timed(*this,
                      [&](Nanoseconds begin, Nanoseconds end) { recorder_->sleep(begin, end); });
    call();
  }
  [[nodiscard]] Recorder *recorder() const { return recorder_; }

 private:
  template <class Note>
  class Timed {
   public:
    Timed(Watch &watch, Note note) : watch_(watch), note_(std::move(note)) {
      if (watch_.recorder_ != nullptr) begin_ = watch_.probe_.now();
    }
    Timed(const Timed &) = delete;
    Timed &operator=(const Timed &) = delete;
    ~Timed() {
      if (watch_.recorder_ == nullptr) return;
      try {
        note_(begin_, watch_.probe_.now());
      } catch (...) {  // NOLINT(bugprone-empty-catch): without a clock, the next call says so
      }
    }

   private:
    Watch &watch_;
    Note note_;
    Nanoseconds begin_{};
  };

  Probe &probe_;
  Recorder *recorder_;
};

class WatchedDebugPort final : public RawDebugPort {
 public:
  WatchedDebugPort(Probe &probe, Watch &watch) : probe_(probe), watch_(watch) {}

  std::uint32_t read_dp(std::uint8_t address) override {
    return call([&](RawDebugPort &port) { return port.read_dp(address); });
  }
  void write_dp(std::uint8_t address, std::uint32_t value) override {
    call([&](RawDebugPort &port) { port.write_dp(address, value); });
  }
  std::uint32_t read_ap(std::uint8_t access_port, std::uint8_t address) override {
    return call([&](RawDebugPort &port) { return port.read_ap(access_port, address); });
  }
  void write_ap(std::uint8_t access_port, std::uint8_t address, std::uint32_t value) override {
    call([&](RawDebugPort &port) { port.write_ap(access_port, address, value); });
  }

 private:
  template <class Action>
  std::invoke_result_t<Action, RawDebugPort &> call(const Action &action) {
    return watch_.call({0, setup_transfers}, [&] { return action(*probe_.raw_debug_port()); });
  }

  Probe &probe_;
  Watch &watch_;
};

class WatchedProbe final : public Probe {
 public:
  WatchedProbe(std::unique_ptr<Probe> probe, Watchers watchers)
      : probe_(std::move(probe)),
        on_use_(std::move(watchers.on_use)),
        watch_(*probe_, watchers.recorder),
        port_(*probe_, watch_) {
    if (watchers.recorder != nullptr) watchers.recorder->begin(probe_->now());
  }

  ProbeInfo info() override {
    ProbeInfo info = watch_.call({}, [&] { return probe_->info(); });
    if (watch_.recorder() != nullptr) watch_.recorder()->speed(info.speed_hz);
    return info;
  }
  CoreState state() override {
    return watch_.call({0, setup_transfers}, [&] { return probe_->state(); });
  }
  std::uint32_t read_register(CoreRegister which) override {
    return watch_.call({0, register_transfers}, [&] { return probe_->read_register(which); });
  }
  void write_register(CoreRegister which, std::uint32_t value) override {
    watch_.call({0, register_transfers}, [&] { probe_->write_register(which, value); });
  }
  Nanoseconds now() override {
    const Nanoseconds now = probe_->now();
    if (watch_.recorder() != nullptr) watch_.recorder()->at(now);
    return now;
  }
  void attach(AttachMode mode) override {
    watch_.call({}, [&] { probe_->attach(mode); });
  }
  void reset(ResetMode mode) override {
    watch_.call({0, setup_transfers}, [&] { probe_->reset(mode); });
  }
  void halt() override {
    watch_.call({0, setup_transfers}, [&] { probe_->halt(); });
  }
  void resume() override {
    watch_.call({0, setup_transfers}, [&] { probe_->resume(); });
  }
  void sleep(Nanoseconds time) override {
    use();
    watch_.sleep([&] { probe_->sleep(time); });
  }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    use();
    watch_.call(of_memory(out.size(), width), [&] { probe_->read_memory(address, out, width); });
  }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    use();
    watch_.call(of_memory(data.size(), width), [&] { probe_->write_memory(address, data, width); });
  }
  void run(std::span<Access> accesses) override {
    use();
    watch_.call(of_accesses(accesses), [&] { probe_->run(accesses); });
  }
  void write_registers(std::span<const RegisterValue> values) override {
    watch_.call({0, register_transfers * values.size()}, [&] { probe_->write_registers(values); });
  }
  RawDebugPort *raw_debug_port() override {
    return probe_->raw_debug_port() != nullptr ? &port_ : nullptr;
  }

 private:
  void use() const {
    if (on_use_) on_use_();
  }

  std::unique_ptr<Probe> probe_;
  std::function<void()> on_use_;
  Watch watch_;
  WatchedDebugPort port_;
};

}  // namespace

std::unique_ptr<Probe> make_watched_probe(std::unique_ptr<Probe> probe, Watchers watchers) {
  return std::make_unique<WatchedProbe>(std::move(probe), std::move(watchers));
}

}  // namespace flashhost
