// Calls from the engine while an instruction accesses registers, flash or guarded SRAM.
#include "core/core.hpp"

#include <algorithm>

namespace flashhost::machine {

void Core::access_outcome(Outcome outcome, std::uint32_t address) {
  if (outcome == Outcome::ok) return;
  access_address_ = address;
  if (outcome == Outcome::fault) return halt_here(Why::bad_access);
  const Ticks until = flash_.busy_until(bus_.resolve(address));
  if (it_left_ > 0 && until != never) {  // cannot stop here, so the wait is skipped
    board_.timeline.now = until;
    board_.timeline.run_due();
    return;
  }
  halt_here(Why::stall);
}

std::uint32_t Core::load(std::uint32_t address, unsigned width) {
  std::uint32_t value = 0;
  board_.impure_read = false;
  skipper_.register_read();
  access_outcome(bus_.read(address, width, Master::core, value), address);
  if (board_.impure_read) skipper_.dirty();
  return value;
}

void Core::store(std::uint32_t address, unsigned width, std::uint32_t value) {
  skipper_.dirty();
  access_outcome(bus_.write(address, width, Master::core, value), address);
}

void Core::before_flash_load(std::uint32_t address, unsigned width) {
  if (stopping_) return;
  board_.timeline.now += flash_.wait_states() * board_.clocks.cycle;
  const std::uint32_t place = bus_.resolve(address);
  const Outcome outcome =
      flash_.owns(place) ? flash_.check_read(place, Master::core) : Outcome::fault;
  access_outcome(outcome, address);
  if (flash_.before_load(place, width)) load_shown_ = true;
}

void Core::memory_store(std::uint32_t address, unsigned width, std::uint32_t value) {
  skipper_.dirty();
  if (address - bus_.sram_address < sram_size()) return sram_store(address, width, value);
  access_outcome(bus_.write(address, width, Master::core, value), address);
}

void Core::sram_store(std::uint32_t address, unsigned width, std::uint32_t value) {
  if (stopping_) return;  // the rest of a store multiple after one was refused
  width = std::min(
      width,
      bus_.sram_address + sram_size() - address);  // an access across the end arrives as bytes
  if (control_.mpu.on() &&
      !control_.mpu.allows(Use::write, address, board_.privileged, execution_priority())) {
    access_address_ = address;
    return halt_here(Why::mpu_access);
  }
  bus_.store_sram(address, width, value);
  const std::uint32_t first = address - bus_.sram_address;
  for (std::uint32_t at = first / 2; at <= (first + width - 1) / 2; ++at) {
    const bool second_half = at > 0 && decoded_sram_[at - 1].length == 4;
    if (decoded_sram_[at].length != 0 || second_half) return forget_code(address, width);
  }
}

void Core::unmapped(std::uint32_t address) {
  if (stopping_) return;
  access_address_ = address;
  why_ = Why::bad_access;
  stopping_ = true;
}

}  // namespace flashhost::machine
