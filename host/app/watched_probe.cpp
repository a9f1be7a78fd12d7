#include "watched_probe.hpp"

#include <utility>

namespace flashhost {

namespace {

class WatchedProbe final : public Probe {
 public:
  WatchedProbe(std::unique_ptr<Probe> probe, std::function<void()> on_use)
      : probe_(std::move(probe)), on_use_(std::move(on_use)) {}

  ProbeInfo info() override { return probe_->info(); }
  CoreState state() override { return probe_->state(); }
  std::uint32_t read_register(CoreRegister which) override { return probe_->read_register(which); }
  void write_register(CoreRegister which, std::uint32_t value) override {
    probe_->write_register(which, value);
  }
  Nanoseconds now() override { return probe_->now(); }
  void attach(AttachMode mode) override { probe_->attach(mode); }
  void reset(ResetMode mode) override { probe_->reset(mode); }
  void halt() override { probe_->halt(); }
  void resume() override { probe_->resume(); }
  void sleep(Nanoseconds time) override {
    on_use_();
    probe_->sleep(time);
  }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    on_use_();
    probe_->read_memory(address, out, width);
  }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    on_use_();
    probe_->write_memory(address, data, width);
  }
  void run(std::span<Access> accesses) override {
    on_use_();
    probe_->run(accesses);
  }
  void write_registers(std::span<const RegisterValue> values) override {
    probe_->write_registers(values);
  }
  RawDebugPort *raw_debug_port() override { return probe_->raw_debug_port(); }

 private:
  std::unique_ptr<Probe> probe_;
  std::function<void()> on_use_;
};

}  // namespace

std::unique_ptr<Probe> make_watched_probe(std::unique_ptr<Probe> probe,
                                          std::function<void()> on_use) {
  return std::make_unique<WatchedProbe>(std::move(probe), std::move(on_use));
}

}  // namespace flashhost
