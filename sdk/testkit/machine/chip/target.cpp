#include "chip/chip.hpp"

#include <flashhost/machine/target.hpp>

#include <string>

namespace flashhost::machine {

class Target::Impl {
 public:
  Impl(const Config &config, std::span<std::uint8_t> main_flash)
      : nrst_wired(config.nrst_wired), chip(config, main_flash) {}

  // A reset that the last access asked for begins only when time advances.
  void settle() { chip.run_until(chip.board.timeline.now); }
  [[nodiscard]] Ack access(std::uint32_t address) {
    chip.contact();
    if (!chip.debug_port_answers()) return Ack::no_response;
    if (sticky && chip.board.rules.on(Rule::cm_sticky_fault)) return Ack::fault;
    const bool debug_registers = address - private_base < private_size;
    if (chip.in_reset() && !debug_registers) return chip.reset_pin_low() ? Ack::fault : Ack::wait;
    return Ack::ok;
  }
  [[nodiscard]] Ack result(Outcome outcome) {
    if (outcome == Outcome::wait) return Ack::wait;
    if (outcome == Outcome::ok) return Ack::ok;
    sticky = true;
    return Ack::fault;
  }

  // how: witness::how_write or 0.
  [[nodiscard]] Ack perform(std::uint32_t address, unsigned width, std::uint32_t how,
                            std::uint32_t &value) {
    if (const Ack ack = access(address); ack != Ack::ok) return ack;
    std::optional<Witness> &witness = chip.witness();
    const bool refused = witness && witness->refuses(address, width);
    const Ack ack = result(refused ? Outcome::fault : on_bus(address, width, how, value));
    if (witness && ack != Ack::wait) {
      if (ack == Ack::fault) how |= witness::how_refused;
      witness->record(address, how | width, value);
    }
    settle();
    return ack;
  }

  bool nrst_wired;
  Chip chip;
  Nanoseconds now{};
  bool sticky = false;

 private:
  [[nodiscard]] Outcome on_bus(std::uint32_t address, unsigned width, std::uint32_t how,
                               std::uint32_t &value) {
    return how == witness::how_write ? chip.bus().write(address, width, Master::debugger, value)
                                     : chip.bus().read(address, width, Master::debugger, value);
  }
};

Target::Target(const Config &config, std::span<std::uint8_t> main_flash)
    : impl_(std::make_unique<Impl>(config, main_flash)) {}

Target::~Target() {
  impl_->chip.power_off();
}

Nanoseconds Target::now() const {
  return impl_->now;
}

void Target::advance(Nanoseconds time) {
  impl_->now += time;
  impl_->chip.run_until(to_ticks(impl_->now));
}

Ack Target::read(std::uint32_t address, unsigned width, std::uint32_t &value) {
  return impl_->perform(address, width, 0, value);
}

Ack Target::write(std::uint32_t address, unsigned width, std::uint32_t value) {
  return impl_->perform(address, width, witness::how_write, value);
}

void Target::clear_sticky_error() {
  impl_->sticky = false;
}

bool Target::answers() {
  impl_->chip.contact();
  // In which a debugger makes sure that the write has arrived which asked for silence.
  constexpr Ticks grace = 200 * ticks_per_microsecond;
  return impl_->chip.debug_port_answers(grace);
}

Ack Target::connect() {
  impl_->chip.contact();
  if (!impl_->chip.debug_port_answers()) return Ack::no_response;
  impl_->sticky = false;
  return Ack::ok;
}

std::uint32_t Target::debug_port_id() const {
  return impl_->chip.faults.dpidr.value_or(impl_->chip.part.debug_port_id);
}

CoreKind Target::core() const {
  return impl_->chip.part.core;
}

void Target::set_nrst(std::uint8_t level) {
  if (impl_->nrst_wired) impl_->chip.set_reset_pin(level);
}

void Target::power_cycle() {
  impl_->chip.power_off();
  impl_->chip.power_on();
  impl_->sticky = false;
}

void Target::lose_power_at(std::uint64_t operation) {
  impl_->chip.lose_power_at(operation);
}

bool Target::powered() const {
  return impl_->chip.powered();
}

int Target::millivolts() const {
  const bool sees = impl_->chip.powered() && !impl_->chip.faults.vapp_not_wired;
  return sees ? impl_->chip.board.millivolts : 0;
}

std::span<const NamedRegister> Target::tidy_registers() const {
  return impl_->chip.model->tidy_registers();
}

std::vector<FoundRegister> Target::left_behind() {
  std::vector<FoundRegister> all;
  const auto look = [&](std::span<const NamedRegister> registers) {
    for (const NamedRegister &entry : registers) {
      std::uint32_t value = 0;
      clear_sticky_error();
      const bool answers = read(entry.address, 4, value) == Ack::ok;
      all.push_back({entry.name, answers ? std::optional(value) : std::nullopt});
    }
  };
  constexpr NamedRegister of_the_core[] = {{"DHCSR", 0xE000EDF0},
                                           {"DEMCR", 0xE000EDFC},
                                           {"FP_CTRL", 0xE0002000},
                                           {"SYST_CSR", 0xE000E010}};
  look(of_the_core);
  look(tidy_registers());
  return all;
}

const Statistics &Target::statistics() const {
  return impl_->chip.board.statistics;
}

const std::vector<PinEdge> &Target::pin_edges() const {
  return impl_->chip.board.pin_edges;
}

void Target::clear_pin_edges() {
  impl_->chip.board.pin_edges.clear();
}

}  // namespace flashhost::machine
