#include <flashhost/machine/die.hpp>
#include <flashhost/machine/plain_registers.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace flashhost::machine {

void Die::add(std::uint32_t address, Peripheral &peripheral) {
  const bool taken =
      std::ranges::any_of(placed_, [&](const Placed &placed) { return placed.address == address; });
  if (address % 1024 != 0 || taken) {
    throw std::invalid_argument("a model's die has " +
                                std::string(taken ? "two peripherals" : "a peripheral") + " at " +
                                hex(address) + (taken ? "" : ", which is no multiple of 1 KiB"));
  }
  placed_.push_back({address, &peripheral});
}

void Die::add_plain(std::span<const std::uint32_t> addresses) {
  for (const std::uint32_t address : addresses) {
    plain_.push_back(std::make_unique<PlainRegisters>());
    add(address, *plain_.back());
  }
}

void Die::system_reset(ResetCause) {
  for (const Placed &placed : placed_) placed.peripheral->system_reset();
}

}  // namespace flashhost::machine
