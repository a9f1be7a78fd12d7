#include <flashhost/machine/die.hpp>
#include <flashhost/machine/plain_registers.hpp>

namespace flashhost::machine {

void Die::add(std::uint32_t address, Peripheral &peripheral) {
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
