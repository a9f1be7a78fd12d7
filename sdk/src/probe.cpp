#include <flashhost/probe.hpp>

#include <array>

namespace flashhost {

namespace {

template <std::size_t Size>
std::uint32_t read_little_endian(ProbeReader &probe, std::uint32_t address, Width width) {
  std::array<std::uint8_t, Size> bytes{};
  probe.read_memory(address, bytes, width);
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < Size; ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
  return value;
}

std::span<std::uint8_t> little_endian(std::array<std::uint8_t, 4> &bytes, const Access &access) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(access.value >> (8 * i));
  }
  return std::span(bytes).first(static_cast<std::size_t>(access.width));
}

template <std::size_t Size>
void write_little_endian(Probe &probe, std::uint32_t address, std::uint32_t value, Width width) {
  std::array<std::uint8_t, Size> bytes{};
  for (std::size_t i = 0; i < Size; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  probe.write_memory(address, bytes, width);
}

}  // namespace

std::uint32_t ProbeReader::read_word(std::uint32_t address) {
  return read_little_endian<4>(*this, address, Width::word);
}

std::uint16_t ProbeReader::read_half(std::uint32_t address) {
  return static_cast<std::uint16_t>(read_little_endian<2>(*this, address, Width::half));
}

void Probe::run(std::span<Access> accesses) {
  std::array<std::uint8_t, 4> bytes{};
  for (Access &access : accesses) {
    const auto part = little_endian(bytes, access);
    if (access.kind == Access::Kind::write) {
      write_memory(access.address, part, access.width);
      continue;
    }
    read_memory(access.address, part, access.width);
    access.value = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      access.value |= std::uint32_t{part[i]} << (8 * i);
    }
  }
}

void Probe::write_registers(std::span<const RegisterValue> values) {
  for (const RegisterValue &one : values) write_register(one.which, one.value);
}

void Probe::write_word(std::uint32_t address, std::uint32_t value) {
  write_little_endian<4>(*this, address, value, Width::word);
}

void Probe::write_half(std::uint32_t address, std::uint16_t value) {
  write_little_endian<2>(*this, address, value, Width::half);
}

}  // namespace flashhost
