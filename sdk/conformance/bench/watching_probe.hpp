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
    std::function<void()> after_any;  // access, or sleep
  };
  // hooks outlives the probe, and may change meanwhile.
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

 private:
  void tell() const {
    if (hooks_.after_any) hooks_.after_any();
  }

  const Hooks &hooks_;
};

}  // namespace flashhost::bench
