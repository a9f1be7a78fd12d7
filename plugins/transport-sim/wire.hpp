// The probe's side of the wire: accesses to the model's MEM-AP, each at the virtual time at which
// it would happen.
#pragma once

#include "probe_faults.hpp"
#include "usb_cable.hpp"
#include "wire_cost.hpp"

#include <flashhost/access.hpp>
#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <span>

namespace flashhost::sim {

// [one thread] Throws Errc::memory_fault, Errc::target (WAIT without end) and Errc::probe (no
// answer, or the command was lost on USB).
class Wire {
 public:
  Wire(machine::Target &target, std::uint32_t speed_hz, const ProbeFaults &faults = {});

  void read(std::uint32_t address, std::span<std::uint8_t> out, Width width);
  void write(std::uint32_t address, std::span<const std::uint8_t> data, Width width);

  // One command/reply pair; action is what the probe does when the command has reached it.
  template <class Action>
  void command(const Action &action) {
    cable_.before_command();
    target_.advance(usb_pair / 2);
    action();
    target_.advance(usb_pair / 2);
    cable_.after_command();
  }
  // Where commands have got lost: opens the probe again.
  void find_again() { cable_.find_again(); }
  // Inside a command: one word over SWD.
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
  // The accesses of one block with the time that they take; stops at the first that is refused.
  template <class Access>
  void run_block(std::uint32_t address, const AccessBlock &block, const Access &access);
  // Commands that the wire spoils are sent again; afterwards there comes one that it does not.
  void sit_out_disturbances(std::uint32_t address, const char *what);
  void check(machine::Ack ack, std::uint32_t address, const char *what);

  machine::Target &target_;
  std::uint32_t speed_hz_;
  UsbCable cable_;
  SwdDisturbance disturbance_;
};

}  // namespace flashhost::sim
