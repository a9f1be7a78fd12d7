// A probe that lets a test see every access on its way.
#pragma once

#include "forwarding_probe.hpp"

#include <functional>
#include <utility>

namespace flashhost::bench {

class WatchingProbe final : public ForwardingProbe {
 public:
  struct Hooks {
    std::function<void(std::uint32_t address, std::span<const std::uint8_t> data, Width width)>
        before_write;
    std::function<void(std::uint32_t address, std::span<const std::uint8_t> data, Width width)>
        after_read;
    std::function<void()> after_any;  // any access or sleep
    std::function<void(const char *call)>
        before_control;  // halt, reset and other control of the core
  };
  // Takes the hooks off at the end of its scope, also when an exception ends it: then what they
  // refer to is gone.
  class HookScope {
   public:
    explicit HookScope(Hooks &hooks) : hooks_(hooks) {}
    HookScope(const HookScope &) = delete;
    HookScope &operator=(const HookScope &) = delete;
    ~HookScope() { hooks_ = {}; }

   private:
    Hooks &hooks_;
  };
  // hooks must outlive the probe; its functions may be exchanged at any time.
  WatchingProbe(std::unique_ptr<Probe> probe, const Hooks &hooks)
      : ForwardingProbe(std::move(probe)), hooks_(hooks) {}

  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    ForwardingProbe::read_memory(address, out, width);
    if (hooks_.after_read) hooks_.after_read(address, out, width);
    tell();
  }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    if (hooks_.before_write) hooks_.before_write(address, data, width);
    ForwardingProbe::write_memory(address, data, width);
    tell();
  }
  void sleep(Nanoseconds time) override {
    ForwardingProbe::sleep(time);
    tell();
  }
  void reset(ResetMode mode) override {
    control("reset");
    ForwardingProbe::reset(mode);
  }
  void halt() override {
    control("halt");
    ForwardingProbe::halt();
  }
  void resume() override {
    control("resume");
    ForwardingProbe::resume();
  }
  void write_register(CoreRegister which, std::uint32_t value) override {
    control("write_register");
    ForwardingProbe::write_register(which, value);
  }

 private:
  void control(const char *call) const {
    if (hooks_.before_control) hooks_.before_control(call);
  }
  void tell() const {
    if (hooks_.after_any) hooks_.after_any();
  }

  const Hooks &hooks_;
};

}  // namespace flashhost::bench
