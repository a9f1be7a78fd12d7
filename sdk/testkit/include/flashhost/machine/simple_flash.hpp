// What models of simple flash controllers share: cells that are erased to 0xFF, one operation at a
// time, which takes time, and a lock with two keys. Control bits, protection and flags belong to
// the model.
#pragma once

#include <flashhost/machine/fault_table.hpp>
#include <flashhost/machine/flash_controller.hpp>
#include <flashhost/machine/model.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace flashhost::machine {

class SimpleFlash : public FlashController {
 public:
  SimpleFlash(const Wiring &wiring, const FlashFaults &faults);

  [[nodiscard]] bool owns(std::uint32_t address) const override {
    return address - flash_address_ < cells_.size();
  }
  [[nodiscard]] Outcome check_read(std::uint32_t /*address*/, Master /*master*/) override {
    return busy() ? Outcome::wait : Outcome::ok;
  }
  [[nodiscard]] std::uint32_t load(std::uint32_t address, unsigned width) const override;
  [[nodiscard]] Ticks busy_until(std::uint32_t address) const override;
  [[nodiscard]] std::uint32_t boot_address() const override { return flash_address_; }
  void power_lost() override { cut_short(); }
  [[nodiscard]] std::span<std::uint8_t> fetched() override { return cells_; }

 protected:
  struct Time {
    Ticks typical;
    Ticks maximum;
  };

  [[nodiscard]] bool busy() const { return operation_ != Operation::none; }
  // Only while not busy. The cells change when the time is over; programming only clears bits.
  void erase(std::uint32_t address, std::uint32_t length, Time time);
  void erase_all(Time time);
  // width: 1, 2 or 4.
  void program(std::uint32_t address, unsigned width, std::uint32_t value, Time time);
  void work_elsewhere(Time time);  // an operation on something else, such as an option word
  virtual void operation_done() = 0;
  // Power loss or reset during an operation: each bit of the affected cells gets its old or its new
  // value at random, and operation_done is not called.
  void cut_short();

 private:
  enum class Operation : std::uint8_t { none, page_erase, mass_erase, program, elsewhere };
  void start(Operation operation, std::uint32_t address, std::uint32_t length, std::uint32_t goal,
             Time time);
  void finish(Ticks due);
  void erase_cells();

  Board &board_;
  FlashFaults faults_;
  std::span<std::uint8_t> cells_;
  std::uint32_t flash_address_;
  Timeline::Event end_;
  Operation operation_ = Operation::none;
  std::uint32_t address_ = 0, length_ = 0;  // what it changes
  std::uint32_t goal_ = 0;                  // of each word there
  Ticks started_ = 0;
};

// Two keys, written in this order, unlock it until it is locked again. Any other key, and any key
// while it is unlocked, locks it until the next reset.
class TwoKeys {
 public:
  TwoKeys(std::uint32_t first, std::uint32_t second) : keys_{first, second} {}
  void write(std::uint32_t key) {
    const bool good = state_ < open_state && key == keys_.at(state_);
    state_ = good ? state_ + 1 : until_reset;
  }
  void lock() {
    if (open()) state_ = 0;
  }
  void reset() { state_ = 0; }
  [[nodiscard]] bool open() const { return state_ == open_state; }

 private:
  static constexpr std::size_t open_state = 2, until_reset = 3;
  std::array<std::uint32_t, open_state> keys_;
  std::size_t state_ = 0;  // correct keys so far
};

}  // namespace flashhost::machine
