// Recognises a loop that cannot change anything: the same place, the same registers, nothing
// stored, nothing read that moves. Such a loop goes round until the next event, so virtual time may
// jump there.
#pragma once

#include "core/engine.hpp"

#include <flashhost/machine/ticks.hpp>

namespace flashhost::machine {

class PollSkipper {
 public:
  explicit PollSkipper(bool enabled) : enabled_(enabled) {}

  void restart() { anchored_ = false; }
  void dirty() { clean_ = false; }  // memory stored, or a register read that moves
  void register_read() { polls_ = true; }

  // At the target of a backward branch. Advances `now` and `instructions` by whole rounds, staying
  // below limit.
  void at_loop_head(const Engine &engine, std::uint32_t address, Ticks limit, Ticks &now,
                    std::uint64_t &instructions);

 private:
  void anchor(const Engine &engine, std::uint32_t address, Ticks now, std::uint64_t instructions);

  bool enabled_;
  bool anchored_ = false;
  bool clean_ = false;
  bool polls_ = false;  // a register was read since the last look: likely a polling loop
  std::uint32_t address_ = 0;
  unsigned strangers_ = 0;  // loop heads seen that are not the anchor
  unsigned wait_ = 0;       // rounds not to look at
  unsigned patience_ = 1;
  CoreState state_;
  Ticks now_ = 0;
  std::uint64_t instructions_ = 0;
};

}  // namespace flashhost::machine
