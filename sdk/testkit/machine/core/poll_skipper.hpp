// Recognises a loop that cannot change anything: the same address, the same registers, nothing
// stored, no register read that changes with time. Such a loop runs until the next event, so
// virtual time can jump there.
#pragma once

#include "core/engine.hpp"

#include <flashhost/machine/ticks.hpp>

namespace flashhost::machine {

class PollSkipper {
 public:
  explicit PollSkipper(bool enabled) : enabled_(enabled) {}

  void restart() { anchored_ = false; }
  void dirty() {
    clean_ = false;
  }  // memory was stored, or a register was read that changes with time
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
  bool polls_ = false;  // a register was read since the last check: likely a polling loop
  std::uint32_t address_ = 0;
  unsigned strangers_ = 0;  // loop heads seen other than the anchor
  unsigned wait_ = 0;       // rounds to skip before the next check
  unsigned patience_ = 1;
  CoreState state_;
  Ticks now_ = 0;
  std::uint64_t instructions_ = 0;
};

}  // namespace flashhost::machine
