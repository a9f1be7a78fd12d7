// Firmware that resets the chip some time after each of its starts.
#pragma once

#include "board.hpp"
#include "countdown.hpp"

#include <cstdint>
#include <functional>

namespace target_model {

class ResetLoop final : public PacedCounter {
 public:
  ResetLoop(Board &board, std::function<std::uint32_t()> program_counter);

  void start(Ticks time);  // the firmware starts
  void stop() { counter_.stop(); }
  void pause() override { counter_.pause(); }
  void resume() override;

 private:
  Board &board_;
  Countdown counter_;
};

}  // namespace target_model
