// A probe that passes every call on to another probe; a test overrides the calls that it changes.
#pragma once

#include <flashhost/probe.hpp>

#include <memory>
#include <utility>

namespace flashhost::bench {

class ForwardingProbe : public Probe {
 public:
  explicit ForwardingProbe(std::unique_ptr<Probe> probe) : probe_(std::move(probe)) {}

  [[nodiscard]] ProbeInfo info() override { return probe_->info(); }
  [[nodiscard]] CoreState state() override { return probe_->state(); }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    probe_->read_memory(address, out, width);
  }
  [[nodiscard]] std::uint32_t read_register(CoreRegister which) override {
    return probe_->read_register(which);
  }
  [[nodiscard]] Nanoseconds now() override { return probe_->now(); }
  void sleep(Nanoseconds time) override { probe_->sleep(time); }
  void attach(AttachMode mode) override { probe_->attach(mode); }
  void reset(ResetMode mode) override { probe_->reset(mode); }
  void halt() override { probe_->halt(); }
  void resume() override { probe_->resume(); }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    probe_->write_memory(address, data, width);
  }
  void write_register(CoreRegister which, std::uint32_t value) override {
    probe_->write_register(which, value);
  }

 private:
  std::unique_ptr<Probe> probe_;
};

}  // namespace flashhost::bench
