#include "time/reset_loop.hpp"

#include <utility>

namespace flashhost::machine {

// When the time has come, a debugger's code in SRAM may be running instead of the firmware.
ResetLoop::ResetLoop(Board &board, std::uint32_t sram_address,
                     std::function<std::uint32_t()> program_counter)
    : board_(board),
      counter_(board.timeline,
               [&board, sram_address, program_counter = std::move(program_counter)](Ticks) {
                 if (program_counter() < sram_address) board.request_reset(ResetCause::software);
               }) {
  board.counters.push_back(this);
}

void ResetLoop::start(Ticks time) {
  counter_.load(time, 1);
}

void ResetLoop::resume() {
  if (!board_.core_halted && !board_.deep_sleep) counter_.resume(1);
}

}  // namespace flashhost::machine
