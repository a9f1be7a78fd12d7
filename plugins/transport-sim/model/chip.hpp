// One microcontroller: its die, core and memories, wired together.
#pragma once

#include "bus.hpp"
#include "core.hpp"
#include "die.hpp"

#include <optional>

namespace target_model {

class Chip {
 public:
  Chip(const Config &config, std::span<std::uint8_t> main_flash);

  void power_on();
  void power_off();
  void lose_power_at(std::uint64_t operation) { operations_left_ = operation; }
  [[nodiscard]] bool powered() const { return powered_; }
  void run_until(Ticks end);
  void set_reset_pin(std::uint8_t level);
  [[nodiscard]] bool reset_pin_low() const { return pin_low_; }
  [[nodiscard]] bool in_reset() const { return in_reset_; }
  [[nodiscard]] bool debug_port_answers() const;  // SWD pins and clock are there

  Board board;
  const Part &part;
  const Faults faults;
  std::vector<PinEdge> edges;

 private:
  void enter_reset(ResetCause cause);
  void leave_reset();
  void black_out();

  bool firmware_runs_;
  std::vector<std::uint8_t> sram_;
  std::vector<std::uint8_t> ccm_;
  std::unique_ptr<Die> die_;
  Bus bus_;

 public:
  [[nodiscard]] Bus &bus() { return bus_; }

 private:
  SystemControl control_;
  Core core_;
  Timeline::Event release_;
  Timeline::Event blackout_;
  std::uint64_t operations_left_ = 0;  // of the flash until power fails; 0: it does not
  bool powered_ = false;
  std::optional<ResetCause> reset_wanted_;
  bool pin_low_ = false;
  bool in_reset_ = false;
};

}  // namespace target_model
