// Records a debugger's accesses for tests of transports: see flashhost/machine/witness.hpp.
#pragma once

#include <flashhost/machine/board.hpp>
#include <flashhost/machine/witness.hpp>

#include <vector>

namespace flashhost::machine {

class Witness final : public Peripheral {
 public:
  explicit Witness(Board &board) : board_(board) {}

  [[nodiscard]] std::uint32_t read(std::uint32_t offset, Master master) override;
  [[nodiscard]] Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override { silent_until_ = 0; }  // belongs to the board: keeps its records

  // An access of the debugger: whether to refuse it, and its result.
  [[nodiscard]] bool refuses(std::uint32_t address, unsigned width) const;
  [[nodiscard]] Ticks halt_delay() const { return halt_delay_ * ticks_per_microsecond; }
  // grace: by so much later it begins.
  [[nodiscard]] bool silent(Ticks grace) const {
    return board_.timeline.now >= silent_from_ + grace && board_.timeline.now < silent_until_;
  }
  void record(std::uint32_t address, std::uint32_t how, std::uint32_t value);

 private:
  struct Range {
    std::uint32_t start = 0, size = 0;
    [[nodiscard]] bool overlaps(std::uint32_t address, unsigned width) const;
  };
  struct Record {
    std::uint32_t address = 0, how = 0, value = 0;
  };
  [[nodiscard]] std::uint32_t *stored_register(std::uint32_t address);
  [[nodiscard]] std::uint32_t read_record(std::uint32_t offset) const;

  Board &board_;
  Range watched_, refused_;
  std::vector<Record> records_;
  std::uint32_t recorded_ = 0;
  std::uint32_t page_ = 0;
  std::uint32_t halt_delay_ = 0;  // us
  Ticks silent_from_ = 0, silent_until_ = 0;
  Statistics before_;  // at the last clear
};

}  // namespace flashhost::machine
