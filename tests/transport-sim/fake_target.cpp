#include "fake_target.hpp"

namespace flashhost::sim {

namespace {
FakeTarget the_fake;
}

FakeTarget &fake_target() {
  return the_fake;
}

void reset_fake_target() {
  the_fake = FakeTarget{};
}

}  // namespace flashhost::sim

namespace flashhost::machine {

using flashhost::sim::fake_target;

class Target::Impl {};

Target::Target(const Config & /*config*/, std::span<std::uint8_t> /*main_flash*/) {}
Target::~Target() = default;

Nanoseconds Target::now() const {
  return fake_target().now;
}
void Target::advance(Nanoseconds time) {
  fake_target().now += time;
}

Ack Target::read(std::uint32_t address, unsigned width, std::uint32_t &value) {
  fake_target().reads.push_back({now(), address, width});
  const Ack ack = fake_target().answer(address);
  value = 0;
  for (unsigned i = 0; ack == Ack::ok && i < width; ++i) {
    value |= std::uint32_t{fake_target().memory[address + i]} << (8 * i);
  }
  return ack;
}

Ack Target::write(std::uint32_t address, unsigned width, std::uint32_t value) {
  fake_target().writes.push_back({now(), address, width});
  const Ack ack = fake_target().answer(address);
  for (unsigned i = 0; ack == Ack::ok && i < width; ++i) {
    fake_target().memory[address + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return ack;
}

void Target::set_nrst(std::uint8_t level) {
  fake_target().nrst = level;
}

void Target::clear_sticky_error() {
  ++fake_target().cleared;
}

}  // namespace flashhost::machine
