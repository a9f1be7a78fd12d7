// Firmware that resets the chip some time after each of its starts.
#pragma once

#include <flashhost/machine/board.hpp>
#include <flashhost/machine/countdown.hpp>

#include <cstdint>
#include <functional>

namespace flashhost::machine {

class ResetLoop final : public PacedCounter {
 public:
  ResetLoop(Board &board, std::uint32_t sram_address,
            std::function<std::uint32_t()> program_counter);

  void start(Ticks time);  // the firmware starts
  void stop() { counter_.stop(); }
  void pause() override { counter_.pause(); }
  void resume() override;

 private:
  Board &board_;
  Countdown counter_;
};

}  // namespace flashhost::machine
