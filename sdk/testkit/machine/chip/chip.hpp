// One microcontroller: its die, core and memories, wired together.
#pragma once

#include "board/faults.hpp"
#include "bus/bus.hpp"
#include "core/core.hpp"
#include "system/witness.hpp"
#include "time/reset_loop.hpp"

#include <flashhost/machine/model.hpp>

#include <optional>

namespace flashhost::machine {

class Chip {
 public:
  Chip(const Config &config, std::span<std::uint8_t> main_flash);

  void power_on();
  void power_off();
  void lose_power_at(std::uint64_t operation) { power_loss_at_ = operations_ + operation; }
  [[nodiscard]] bool powered() const { return powered_; }
  // To be called before each action of a debugger: the first one sets up what firmware left behind.
  void contact();
  void run_until(Ticks end);
  void set_reset_pin(std::uint8_t level);
  [[nodiscard]] bool reset_pin_low() const { return pin_low_; }
  [[nodiscard]] bool in_reset() const { return in_reset_; }
  [[nodiscard]] bool debug_port_answers(Ticks grace = 0) const;  // SWD pins and debug clock are on

  // First, so that it is destroyed last: the die leaves code of the model in the board.
  const std::shared_ptr<const Model> model;
  Board board;
  const Part part;
  const Faults faults;

 private:
  void enter_reset(ResetCause cause);
  void leave_reset();
  void reset_parts(ResetCause cause);
  void start_resetting();
  void count_operation(Ticks duration);
  void scramble_memories();
  void set_up_witness();
  [[nodiscard]] std::span<const std::uint8_t> vectors() const { return main_flash_.first(8); }

  // In chip_left_behind.cpp: the faults that set a state.
  void leave_behind();
  void leave_in_core();
  void leave_halted(LeftHalted state);
  void run_systick(Ticks wanted);
  void protect_sram();
  void set(std::uint32_t address, std::uint32_t value);
  void set_bits(std::uint32_t address, std::uint32_t clear, std::uint32_t bits);

  bool firmware_runs_;
  std::span<const std::uint8_t> main_flash_;
  std::vector<std::uint8_t> first_vectors_;  // the start of the flash at power-on
  std::vector<std::uint8_t> sram_;
  std::vector<std::uint8_t> ccm_;
  std::unique_ptr<Die> die_;
  Bus bus_;
  std::optional<Witness> witness_;

 public:
  [[nodiscard]] Bus &bus() { return bus_; }
  [[nodiscard]] std::optional<Witness> &witness() { return witness_; }

 private:
  SystemControl control_;
  Core core_;
  Timeline::Event release_;
  Timeline::Event power_loss_;
  Timeline::Event late_halt_;
  Timeline::Event power_back_;
  ResetLoop reset_loop_;
  std::uint64_t operations_ = 0;     // of the flash
  std::uint64_t power_loss_at_ = 0;  // 0: never
  std::optional<ResetCause> reset_wanted_;
  bool power_lost_ = false;
  bool powered_ = false;
  bool contacted_ = false;
  bool left_behind_ = false;  // leave_behind was called, or is not needed any more
  bool pin_low_ = false;
  bool in_reset_ = false;
  bool halting_ = false;  // a halt is pending, see late_halt_
};

}  // namespace flashhost::machine
