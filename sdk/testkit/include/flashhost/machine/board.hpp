// What all parts of the modelled chip share: the clock, the rules in force, statistics, and the
// signals from one part to another.
#pragma once

#include <flashhost/machine/rules.hpp>
#include <flashhost/machine/target.hpp>
#include <flashhost/machine/timeline.hpp>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace flashhost::machine {

enum class Master : std::uint8_t { core, debugger };
enum class Sleep : std::uint8_t { wfi, stop, standby };
enum class Outcome : std::uint8_t { ok, fault, wait };
enum class ResetCause : std::uint8_t {
  power_on,
  pin,
  software,
  independent_watchdog,
  window_watchdog
};

// Clocks of the core. A die must change them inside Board::repace.
struct Clocks {
  std::int64_t hclk = 8'000'000;       // Hz
  Ticks cycle = period_of(8'000'000);  // of HCLK
};

// A counter whose speed depends on clocks, on the core being halted or on debug freeze bits.
class PacedCounter {
 public:
  virtual ~PacedCounter() = default;
  virtual void pause() = 0;
  virtual void resume() = 0;  // checks its conditions again
};

struct Board {
  explicit Board(const Config &config)
      : rules(core_rule_names(), config.rules_off), random(config.seed) {}

  Timeline timeline;
  Rules rules;
  Statistics statistics;
  std::vector<PinEdge> pin_edges;  // GPIO output changes, oldest first
  std::mt19937_64 random;
  Clocks clocks;

  int millivolts = 3300;  // VDD

  bool core_halted = false;        // in Debug state
  bool debugger_attached = false;  // DHCSR.C_DEBUGEN
  bool privileged = true;          // of the core's accesses
  bool deep_sleep = false;         // STOP or STANDBY: clocks are off
  bool standby = false;            // deep_sleep is STANDBY, which only a reset ends
  bool impure_read = false;  // the core read a register that changes with time or by being read

  std::vector<PacedCounter *> counters;
  std::function<void(ResetCause)> request_reset;
  std::function<void(unsigned irq)> raise_irq;
  // The line of the NMI stays active from raise_nmi until release_nmi or a reset: after its handler
  // the NMI is pending again. What is pending already stays so.
  std::function<void()> raise_nmi;
  std::function<void()> release_nmi;
  // Called when an erase or the programming of a unit begins.
  std::function<void(Ticks duration)> flash_operation;
  // Called when a debugger asks a running core to halt; true: the core will halt later.
  std::function<bool()> halts_late = [] { return false; };
  // Called when memory changed other than by an instruction of the core: decoded code is stale.
  std::function<void(std::uint32_t address, std::uint32_t length)> memory_changed;

  // Runs a change that may alter the speed of counters.
  template <typename Change>
  void repace(Change change) {
    for (PacedCounter *counter : counters) counter->pause();
    change();
    for (PacedCounter *counter : counters) counter->resume();
  }
  void note(
      const std::string &text);  // the host did something that hardware leaves undefined: a bug
};

// Registers on a bus, seen as words.
class Peripheral {
 public:
  virtual ~Peripheral() = default;
  [[nodiscard]] virtual std::uint32_t read(std::uint32_t offset, Master master) = 0;
  [[nodiscard]] virtual Outcome write(std::uint32_t offset, std::uint32_t value, Master master) = 0;
  virtual void system_reset() = 0;
};

}  // namespace flashhost::machine
