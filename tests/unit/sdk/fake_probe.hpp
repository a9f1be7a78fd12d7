// A probe on a few memory regions and a core that is nothing but its debug registers. Scripted by
// hooks; its clock advances by what is slept plus a microsecond a call.
#pragma once

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fake {

using flashhost::Nanoseconds;

struct Write {
  std::uint32_t address = 0;
  std::uint32_t value = 0;
  friend bool operator==(const Write &, const Write &) = default;
};

class Probe final : public flashhost::cortex_m::DebugProbe {
 public:
  Probe() {
    add_region(0xE000E000, 0x1000, 0);
    add_region(0xE0002000, 0x1000, 0);
    poke(flashhost::cortex_m::cpuid, 0x411FC231);  // Cortex-M3
  }

  void add_region(std::uint32_t address, std::size_t size, std::uint8_t fill) {
    regions[address] = flashhost::Bytes(size, fill);
  }
  void poke(std::uint32_t address, std::uint32_t value) {
    auto bytes = locate(address, 4);
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  [[nodiscard]] std::uint32_t peek(std::uint32_t address) {
    const auto bytes = locate(address, 4);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
    return value;
  }

  [[nodiscard]] flashhost::ProbeInfo info() override { return probe_info; }
  [[nodiscard]] Nanoseconds now() override { return clock; }
  void sleep(Nanoseconds time) override { clock += time; }
  void attach(flashhost::AttachMode) override {}

  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, flashhost::Width) override {
    step();
    if (out.size() == 4) {
      if (const auto value = read_debug(address)) {
        for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(*value >> (8 * i));
        return;
      }
      if (on_read) {
        if (const auto value = on_read(address)) {
          for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(*value >> (8 * i));
          return;
        }
      }
    }
    const auto from = locate(address, out.size());
    std::copy(from.begin(), from.end(), out.begin());
  }

  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    flashhost::Width width) override {
    step();
    if (data.size() == 4 && width == flashhost::Width::word) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{data[i]} << (8 * i);
      writes.push_back({address, value});
      if (write_debug(address, value)) return;
      if (on_write && on_write(address, value)) return;
    } else if (on_block_write && on_block_write(address, data)) {
      return;
    }
    const auto to = locate(address, data.size());
    std::copy(data.begin(), data.end(), to.begin());
  }

  void run(std::span<flashhost::Access> accesses) override {
    run_sizes.push_back(accesses.size());
    DebugProbe::run(accesses);
  }

  // The last value that was written to an address.
  [[nodiscard]] std::optional<std::uint32_t> written(std::uint32_t address) const {
    std::optional<std::uint32_t> value;
    for (const Write &write : writes) {
      if (write.address == address) value = write.value;
    }
    return value;
  }

  // A system reset, as the core sees it.
  void reset_core() {
    namespace cm = flashhost::cortex_m;
    reset_seen = true;
    ++resets;
    locked_up = false;
    halted = debug_enabled && catch_works && (debug_control & cm::demcr_vc_corereset) != 0;
    if (halted) halt_reason |= 8;
    registers.at(16) = 0x01000000;
    if (on_reset) on_reset();
  }

  flashhost::ProbeInfo probe_info;
  std::map<std::uint32_t, flashhost::Bytes> regions;
  std::function<std::optional<std::uint32_t>(std::uint32_t)> on_read;
  std::function<bool(std::uint32_t, std::uint32_t)> on_write;  // true: handled, not stored
  std::function<bool(std::uint32_t, std::span<const std::uint8_t>)> on_block_write;
  std::function<void()> on_reset;
  std::function<bool()> late_registers;  // at each look at DHCSR: a core register is not there yet
  std::vector<Write> writes;
  std::vector<std::size_t> run_sizes;  // how many accesses each run had
  Nanoseconds clock{};
  std::optional<flashhost::Error> failure;  // thrown by every access once set
  int failures_left = -1;                   // -1: for ever

  std::array<std::uint32_t, 32> registers{};
  bool halted = false, debug_enabled = false, masked = false, locked_up = false, asleep = false;
  bool reset_seen = false, held_in_reset = false, pin_wired = true, catch_works = true;
  bool reset_seen_by_another = false;  // a server in between reads S_RESET_ST first
  bool refuses_to_halt = false, ignores_system_reset = false;
  std::uint32_t debug_control = 0;  // DEMCR
  std::uint32_t halt_reason = 0;    // DFSR
  int resets = 0;

 protected:
  void pulse_reset_pin() override {
    step();
    if (pin_wired) reset_core();
  }

 private:
  void step() {
    clock += std::chrono::microseconds(1);
    if (!failure || failures_left == 0) return;
    if (failures_left > 0) --failures_left;
    throw flashhost::Error(*failure);
  }

  std::span<std::uint8_t> locate(std::uint32_t address, std::size_t size) {
    auto after = regions.upper_bound(address);
    if (after != regions.begin()) {
      auto &[start, bytes] = *--after;
      if (address - start + size <= bytes.size()) {
        return std::span(bytes).subspan(address - start, size);
      }
    }
    throw flashhost::Error(flashhost::Errc::memory_fault,
                           "refused access at " + flashhost::hex(address));
  }

  std::optional<std::uint32_t> read_debug(std::uint32_t address) {
    namespace cm = flashhost::cortex_m;
    if (address == cm::dhcsr) {
      std::uint32_t value =
          register_asked_for_ && late_registers && late_registers() ? 0 : cm::dhcsr_s_regrdy;
      if (debug_enabled) value |= cm::dhcsr_debugen;
      if (halted) value |= cm::dhcsr_s_halt | cm::dhcsr_halt;
      if (masked) value |= 8;
      if (locked_up) value |= cm::dhcsr_s_lockup;
      if (asleep) value |= cm::dhcsr_s_sleep;
      if ((reset_seen && !reset_seen_by_another) || held_in_reset) value |= cm::dhcsr_s_reset;
      reset_seen = false;
      return value;
    }
    if (address == cm::demcr) return debug_control;
    if (address == cm::dfsr) return halt_reason;
    if (address == cm::dcrdr) {
      // What is read too early is not the register.
      return register_asked_for_ && late_registers && late_registers() ? 0xDEADBEEF : data_;
    }
    return {};
  }

  bool write_debug(std::uint32_t address, std::uint32_t value) {
    namespace cm = flashhost::cortex_m;
    if (address == cm::dhcsr) {
      if ((value & 0xFFFF0000) != cm::dhcsr_key) return true;
      debug_enabled = (value & cm::dhcsr_debugen) != 0;
      masked = (value & 8) != 0;
      const bool stop = debug_enabled && (value & cm::dhcsr_halt) != 0 && !refuses_to_halt;
      if (stop && !halted) halt_reason |= 1;
      if (stop) locked_up = asleep = false;
      halted = stop;
      return true;
    }
    if (address == cm::demcr) {
      debug_control = value;
      return true;
    }
    if (address == cm::dfsr) {
      halt_reason &= ~value;
      return true;
    }
    if (address == cm::dcrdr) {
      data_ = value;
      return true;
    }
    if (address == cm::dcrsr) {
      register_asked_for_ = true;
      if ((value & (1U << 16)) != 0) {
        registers.at(value & 0x1F) = data_;
      } else {
        data_ = registers.at(value & 0x1F);
      }
      return true;
    }
    if (address == cm::aircr) {
      if ((value >> 16) == 0x05FA && (value & 4) != 0 && !ignores_system_reset) reset_core();
      return true;
    }
    return false;
  }

  std::uint32_t data_ = 0;  // DCRDR
  bool register_asked_for_ = false;
};

}  // namespace fake
