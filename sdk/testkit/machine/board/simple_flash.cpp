#include <flashhost/machine/simple_flash.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace flashhost::machine {
namespace {

constexpr std::uint32_t erased = 0xFFFFFFFF;
constexpr std::uint32_t word = sizeof(erased);

}  // namespace

SimpleFlash::SimpleFlash(const Wiring &wiring, const FlashFaults &faults)
    : board_(wiring.board),
      faults_(faults),
      cells_(wiring.main_flash),
      flash_address_(wiring.flash_address),
      end_(board_.timeline.add([this](Ticks due) { finish(due); })) {}

std::uint32_t SimpleFlash::load(std::uint32_t address, unsigned width) const {
  std::uint32_t value = 0;
  std::memcpy(&value, &cells_[address - flash_address_], width);
  return value;
}

Ticks SimpleFlash::busy_until(std::uint32_t /*address*/) const {
  return busy() ? board_.timeline.time_of(end_) : 0;
}

void SimpleFlash::erase(std::uint32_t address, std::uint32_t length, Time time) {
  start(Operation::page_erase, address, length, erased, time);
}

void SimpleFlash::erase_all(Time time) {
  start(Operation::mass_erase, flash_address_, static_cast<std::uint32_t>(cells_.size()), erased,
        time);
}

void SimpleFlash::program(std::uint32_t address, unsigned width, std::uint32_t value, Time time) {
  if (width > word) throw std::invalid_argument("SimpleFlash programs at most a word at once");
  std::uint32_t goal = value & load(address, width);
  if (faults_.bad_cell && *faults_.bad_cell - address < width) goal |= 1;
  start(Operation::program, address, width, goal, time);
}

void SimpleFlash::work_elsewhere(Time time) {
  start(Operation::elsewhere, flash_address_, 0, 0, time);
}

void SimpleFlash::start(Operation operation, std::uint32_t address, std::uint32_t length,
                        std::uint32_t goal, Time time) {
  operation_ = operation;
  address_ = address;
  length_ = length;
  goal_ = goal;
  started_ = board_.timeline.now;
  if (faults_.stuck_busy) return board_.timeline.at(end_, never);
  const Ticks duration = faults_.time(time.typical, time.maximum);
  board_.timeline.at(end_, started_ + duration);
  if (operation != Operation::elsewhere) board_.flash_operation(duration);
}

void SimpleFlash::finish(Ticks due) {
  Statistics &statistics = board_.statistics;
  statistics.busy += to_nanoseconds(due - started_);
  switch (std::exchange(operation_, Operation::none)) {
    case Operation::program:
      std::memcpy(&cells_[address_ - flash_address_], &goal_, length_);
      ++statistics.programmed_units;
      break;
    case Operation::page_erase:
      erase_cells();
      ++statistics.page_erases;
      break;
    case Operation::mass_erase:
      erase_cells();
      ++statistics.mass_erases;
      break;
    default:
      break;
  }
  if (length_ != 0) board_.memory_changed(address_, length_);
  operation_done();
}

void SimpleFlash::erase_cells() {
  for (std::uint32_t at = address_; at != address_ + length_; ++at) {
    const bool kept = faults_.bad_erase && at / word == *faults_.bad_erase / word;
    if (!kept) cells_[at - flash_address_] = static_cast<std::uint8_t>(erased);
  }
}

void SimpleFlash::cut_short() {
  if (!busy()) return;
  operation_ = Operation::none;
  board_.timeline.cancel(end_);
  for (std::uint32_t i = 0; i != length_; ++i) {
    std::uint8_t &cell = cells_[address_ - flash_address_ + i];
    const auto goal = static_cast<std::uint8_t>(goal_ >> (8 * (i % word)));
    const auto arrived = static_cast<std::uint8_t>(board_.random());
    cell = static_cast<std::uint8_t>((cell & ~arrived) | (goal & arrived));
  }
  if (length_ != 0) board_.memory_changed(address_, length_);
}

}  // namespace flashhost::machine
