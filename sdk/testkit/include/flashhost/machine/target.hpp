// The simulated board as a debug probe sees it through its wires: one microcontroller, its flash,
// its clock. A model says which chip. Independent of flashhost: transport-sim and the virtual
// ST-Link use the same machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost::machine {

using Nanoseconds = std::chrono::nanoseconds;

enum class Ack : std::uint8_t { ok, wait, fault, no_response };

class Model;                         // model.hpp
enum class CoreKind : std::uint8_t;  // model.hpp

struct Config {
  std::shared_ptr<const Model> model;
  std::string part;  // one of the model's
  bool nrst_wired = true;
  bool firmware_runs = true;  // false: the core stays at its reset vector unless a debugger runs it
  bool skip_polling = true;   // skip loops that cannot change anything; same results, faster
  std::vector<std::string> faults;     // "name" or "name=value"; see fault_names() in models.hpp
  std::vector<std::string> rules_off;  // hardware rules to switch off; see rule_names() there
  bool witness = false;    // a peripheral that records the debugger's accesses; witness.hpp
  std::uint64_t seed = 1;  // for all that is random (undefined content, jitter)
};

struct PinEdge {
  Nanoseconds time{};
  std::string pin;  // "PC13"
  std::uint8_t level = 0;
};

struct Statistics {
  std::uint64_t page_erases = 0;  // of pages or sectors, whatever the chip has
  std::uint64_t mass_erases = 0;
  std::uint64_t programmed_units = 0;  // by whatever the chip programs at once
  Nanoseconds busy{};                  // flash controller busy
  std::uint64_t instructions = 0;      // executed, those skipped over included
  std::uint64_t system_resets = 0;     // of any cause but power-on
  std::uint64_t pin_resets = 0;        // those by NRST
  std::uint64_t power_ons = 0;
  std::uint64_t halts = 0;  // how often the core entered Debug state
  std::vector<std::string>
      notes;  // the host did something that hardware leaves undefined: each a host bug
};

// A register that shows whether a debugger has restored what it changed.
struct NamedRegister {
  const char *name;
  std::uint32_t address;
};
struct FoundRegister {
  const char *name = nullptr;
  std::optional<std::uint32_t> value;  // empty: it does not answer
};

// One thread. Throws std::invalid_argument for an unknown part, rule or fault, std::runtime_error
// for a bug in the machine itself; never for what a host does.
class Target {
 public:
  // main_flash: the array itself (as large as the part's flash), owned by the caller; changes are
  // made there at once, so a shared file mapping keeps them when the process is killed. The board
  // has just been powered on; the faults set up what firmware left behind at the debugger's first
  // action.
  Target(const Config &config, std::span<std::uint8_t> main_flash);
  ~Target();
  Target(const Target &) = delete;
  Target &operator=(const Target &) = delete;

  [[nodiscard]] Nanoseconds now() const;
  void advance(Nanoseconds time);  // virtual time passes; the core runs if it can

  // One access through the MEM-AP at this instant; width 1, 2 or 4, address aligned to it. wait:
  // the bus is stalled (flash busy): let time pass and ask again. fault: sticky until
  // clear_sticky_error().
  [[nodiscard]] Ack read(std::uint32_t address, unsigned width, std::uint32_t &value);
  [[nodiscard]] Ack write(std::uint32_t address, unsigned width, std::uint32_t value);
  void clear_sticky_error();

  [[nodiscard]] Ack connect();  // line reset, read DPIDR, power up the debug domain
  // Whether the debug port would answer at this instant; changes nothing in it.
  [[nodiscard]] bool answers();
  [[nodiscard]] std::uint32_t debug_port_id() const;
  [[nodiscard]] CoreKind core() const;
  void set_nrst(std::uint8_t level);  // 0 drives the probe's reset wire low
  void power_cycle();
  // The supply fails in the middle of the n-th operation (erase, or programming of a unit) from now
  // on, counted from 1. After that nothing answers until power_cycle().
  void lose_power_at(std::uint64_t operation);
  [[nodiscard]] bool powered() const;
  [[nodiscard]] int millivolts() const;  // at the target's VDD pin, as the probe measures it

  [[nodiscard]] const Statistics &statistics() const;
  [[nodiscard]] std::span<const NamedRegister> tidy_registers() const;  // of this chip
  // tidy_registers and those of the core's debug unit, with their values. Clears the sticky error.
  [[nodiscard]] std::vector<FoundRegister> left_behind();
  [[nodiscard]] const std::vector<PinEdge> &pin_edges() const;  // GPIO output changes, oldest first
  void clear_pin_edges();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flashhost::machine
