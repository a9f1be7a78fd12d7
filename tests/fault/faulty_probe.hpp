// A probe that passes every call on to another, but for one: that one goes wrong.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/probe.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace flashhost::testing {

enum class FaultKind : std::uint8_t {
  refused,         // the call throws Errc::memory_fault
  no_answer,       // the call throws Errc::target
  read_damaged,    // one bit of what is read is wrong
  write_damaged,   // one bit of what is written is wrong
  write_lost,      // nothing is written, without a word
  last_word_lost,  // of a block
  target_reset,    // the target is reset before the call
  vanishes,        // the call throws Errc::probe, as do all that follow until attach; the target
                   // runs on meanwhile
  cut_off,         // the same with Errc::target: the probe is there, the wires are not
  killed,          // flashhost is: from the call on nothing reaches the target any more, not even
                   // time
};

struct Fault {
  FaultKind kind = FaultKind::refused;
  std::uint64_t call = 0;  // counted from 1; 0: never
  // For vanishes and cut_off: so many attaches find nothing, and then a chip with another unique id
  // may be there.
  unsigned attaches_in_vain = 0;
  bool another_chip = false;
};
inline constexpr unsigned for_good = 1'000'000;

class FaultyProbe final : public Probe {
 public:
  FaultyProbe(std::unique_ptr<Probe> probe, Fault fault);

  [[nodiscard]] ProbeInfo info() override;
  [[nodiscard]] CoreState state() override;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override;
  [[nodiscard]] std::uint32_t read_register(CoreRegister which) override;
  [[nodiscard]] Nanoseconds now() override;
  void sleep(Nanoseconds time) override;
  void attach(AttachMode mode) override;
  void reset(ResetMode mode) override;
  void halt() override;
  void resume() override;
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override;
  void write_register(CoreRegister which, std::uint32_t value) override;

  // Did the job get as far as the fault?
  [[nodiscard]] bool reached() const { return fault_.call != 0 && calls_ >= fault_.call; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  // Called by every attach while the probe is gone.
  std::function<void()> on_attach;
  // Calls that change the target, since the probe came back.
  [[nodiscard]] std::uint64_t changes_since() const { return changes_; }
  // Calls other than attach while it was gone.
  [[nodiscard]] std::uint64_t calls_in_vain() const { return calls_in_vain_; }

 private:
  // Counts a call; true when it is the one. Throws or resets where that is the fault.
  bool strikes();
  bool strikes_change();
  [[nodiscard]] Error loss(const char *text) const;

  std::unique_ptr<Probe> probe_;
  Fault fault_;
  std::uint64_t calls_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t calls_in_vain_ = 0;
  std::optional<Nanoseconds> killed_;  // the clock of those who do not know it yet
  bool gone_ = false;
  bool back_ = false;
};

}  // namespace flashhost::testing
