#include "bus/bus.hpp"

#include <cstring>

namespace flashhost::machine {
namespace {

constexpr std::uint32_t window_size = 1024;  // bytes of a peripheral
constexpr std::uint32_t bit_band_offset = 0x02000000;
constexpr std::uint32_t bit_band_span = 0x02000000;

bool in_bit_band(std::uint32_t address) {
  return address - (sram_region + bit_band_offset) < bit_band_span ||
         address - (peripheral_base + bit_band_offset) < bit_band_span;
}

std::uint32_t bit_band_target(std::uint32_t address) {
  return (address & 0xF0000000) + (address & 0x01FFFFFF) / 32;
}

std::uint32_t width_mask(unsigned width) {
  return width == 4 ? 0xFFFFFFFF : (1U << (8 * width)) - 1;
}

}  // namespace

void Bus::attach(std::uint32_t address, Peripheral &peripheral) {
  if (address - peripheral_base < peripheral_size) {
    peripherals_[(address - peripheral_base) / window_size] = &peripheral;
  } else {
    elsewhere_.push_back({address, &peripheral});
  }
}

std::uint32_t Bus::resolve(std::uint32_t address) const {
  return address < flash_address ? flash_.boot_address() + address : address;
}

std::uint8_t *Bus::ram_at(std::uint32_t address) {
  if (address - sram_address < sram_.size()) return &sram_[address - sram_address];
  return address - ccm_base < ccm_.size() ? &ccm_[address - ccm_base] : nullptr;
}

Bus::Register Bus::find(std::uint32_t address) const {
  if (address - peripheral_base < peripheral_size) {
    const std::uint32_t offset = address - peripheral_base;
    return {peripherals_[offset / window_size], offset % window_size};
  }
  for (const auto &[base, peripheral] : elsewhere_) {
    if (address - base < window_size) return {peripheral, address - base};
  }
  if (address - private_base < private_size) return {system_control_, address - private_base};
  return {nullptr, 0};
}

Outcome Bus::read(std::uint32_t address, unsigned width, Master master, std::uint32_t &value) {
  if (bit_band && in_bit_band(address)) return read_bit(address, master, value);
  const std::uint32_t place = resolve(address);
  if (const std::uint8_t *const ram = ram_at(address); ram != nullptr) {
    value = 0;
    std::memcpy(&value, ram, width);
    return Outcome::ok;
  }
  if (flash_.owns(place)) {
    const Outcome outcome = flash_.check_read(place, master);
    if (outcome == Outcome::ok) value = flash_.load(place, width);
    return outcome;
  }
  if (place >= private_base && master == Master::core && !board_.privileged) return Outcome::fault;
  const auto [peripheral, offset] = find(place);
  if (peripheral == nullptr) return Outcome::fault;
  value = peripheral->read(offset & ~3U, master) >> (8 * (offset & 3)) & width_mask(width);
  return Outcome::ok;
}

Outcome Bus::write(std::uint32_t address, unsigned width, Master master, std::uint32_t value) {
  if (bit_band && in_bit_band(address)) return write_bit(address, master, value);
  const std::uint32_t place = resolve(address);
  if (std::uint8_t *const ram = ram_at(address); ram != nullptr) {
    store(ram, width, value);
    board_.memory_changed(place, width);
    return Outcome::ok;
  }
  if (flash_.owns(place)) return flash_.store(place, width, value, master);
  if (place >= private_base && master == Master::core && !board_.privileged) return Outcome::fault;
  const auto [peripheral, offset] = find(place);
  if (peripheral == nullptr) return Outcome::fault;
  if (width == 4) return peripheral->write(offset, value, master);
  const std::uint32_t shift = 8 * (offset & 3);
  const std::uint32_t mask = width_mask(width) << shift;
  const std::uint32_t old = peripheral->read(offset & ~3U, master);
  return peripheral->write(offset & ~3U, (old & ~mask) | (value << shift & mask), master);
}

Outcome Bus::read_bit(std::uint32_t address, Master master, std::uint32_t &value) {
  const std::uint32_t target = bit_band_target(address);
  const std::uint32_t bit = address / 4 % 8;
  const Outcome outcome = read(target, 1, master, value);
  value = value >> bit & 1U;
  return outcome;
}

Outcome Bus::write_bit(std::uint32_t address, Master master, std::uint32_t value) {
  const std::uint32_t target = bit_band_target(address) & ~3U;
  const std::uint32_t bit = address / 4 % 32;
  std::uint32_t word = 0;
  if (const Outcome outcome = read(target, 4, master, word); outcome != Outcome::ok) return outcome;
  word = (word & ~(1U << bit)) | ((value & 1U) << bit);
  const Outcome outcome = write(target, 4, master, word);
  return outcome;
}

void Bus::store_sram(std::uint32_t address, unsigned width, std::uint32_t value) {
  store(ram_at(address), width, value);
}

void Bus::store(std::uint8_t *ram, unsigned width, std::uint32_t value) {
  std::memcpy(ram, &value, width);
  apply_stuck_sram();
}

void Bus::apply_stuck_sram() {
  if (stuck_sram - sram_address < sram_.size()) sram_[stuck_sram - sram_address] |= 1;
}

}  // namespace flashhost::machine
