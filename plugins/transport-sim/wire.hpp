// The probe's side of SWD: accesses through the model's MEM-AP, each at the virtual time at which a
// real probe would make it.
#pragma once

#include "probe_faults.hpp"
#include "usb_cable.hpp"
#include "wire_cost.hpp"

#include <flashhost/access.hpp>
#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <span>

namespace flashhost::sim {

// [one thread] Throws Errc::memory_fault, Errc::target (only WAIT as answer) and Errc::probe (no
// answer, or the command was lost on USB).
class Wire {
 public:
  Wire(machine::Target &target, std::uint32_t speed_hz, const ProbeFaults &faults = {});

  void read(std::uint32_t address, std::span<std::uint8_t> out, Width width);
  void write(std::uint32_t address, std::span<const std::uint8_t> data, Width width);

  // One command with its reply; action is what the probe does when it has received the command.
  template <class Action>
  void command(const Action &action) {
    cable_.before_command();
    target_.advance(usb_pair / 2);
    action();
    target_.advance(usb_pair / 2);
    cable_.after_command();
  }
  // If commands were lost: opens the probe again.
  void find_again() { cable_.find_again(); }
  // Part of a command: reads one word over SWD.
  [[nodiscard]] std::uint32_t probe_read(std::uint32_t address);
  void probe_write(std::uint32_t address, std::uint32_t value);

  [[nodiscard]] std::uint32_t speed_hz() const { return speed_hz_; }

 private:
  // One access, repeated while the answer is WAIT.
  [[nodiscard]] machine::Ack read_unit(std::uint32_t address, std::uint32_t unit,
                                       std::uint8_t *out);
  [[nodiscard]] machine::Ack write_unit(std::uint32_t address, std::uint32_t unit,
                                        const std::uint8_t *data);
  template <class Access>
  [[nodiscard]] machine::Ack patiently(const Access &access);
  // The accesses of one block, including their time; stops at the first that is refused.
  template <class Access>
  void run_block(std::uint32_t address, const AccessBlock &block, const Access &access);
  // Repeats a command that SWD errors disturb, until one is not disturbed.
  void sit_out_disturbances(std::uint32_t address, const char *what);
  void check(machine::Ack ack, std::uint32_t address, const char *what);

  machine::Target &target_;
  std::uint32_t speed_hz_;
  UsbCable cable_;
  SwdDisturbance disturbance_;
};

}  // namespace flashhost::sim
