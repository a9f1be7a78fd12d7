// Parses replies of the probe; tables of what is known about probes.
#include "protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace flashhost::stlink {

namespace {

// Only between these a target can run and an ST-Link's measurement is correct.
constexpr int lowest_millivolts = 1500, highest_millivolts = 5500;

unsigned bits(unsigned value, unsigned shift, unsigned mask) {
  return (value >> shift) & mask;
}

// Version numbers that V2-1 uses for builds without SWD.
bool is_swim_only(unsigned first, unsigned second) {
  return (first <= 22 && second == 7) || (first >= 25 && second >= 7 && second <= 12);
}

}  // namespace

std::uint32_t word_at(std::span<const std::uint8_t> reply, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{reply[offset + i]} << (8 * i);
  return value;
}

std::optional<Version> parse_version(std::span<const std::uint8_t> reply, std::uint16_t product) {
  if (reply.size() != version_size) return std::nullopt;
  if ((reply[2] | reply[3] << 8) != vendor_st) return std::nullopt;
  const unsigned word = static_cast<unsigned>(reply[0]) << 8 | reply[1];
  const unsigned first = bits(word, 6, 0x3F), second = bits(word, 0, 0x3F);
  const Product *known = find_product(product);
  Version version;
  version.hardware = bits(word, 12, 0xF);
  if (version.hardware == 0) return std::nullopt;
  if (version.hardware >= 3) {
    version.extended = true;
    version.text = fmt::format("V{}", version.hardware);
  } else if (known != nullptr && known->kind == Kind::v2_1) {
    const bool swim_only = is_swim_only(first, second);
    (swim_only ? version.mass : version.jtag) = first;
    (swim_only ? version.swim : version.mass) = second;
    version.text = fmt::format(fmt::runtime(swim_only ? "V{}M{}S{}" : "V{}J{}M{}"),
                               version.hardware, first, second);
  } else {
    version.jtag = first;
    version.swim = second;
    version.text = fmt::format("V{}J{}S{}", version.hardware, first, second);
  }
  return version;
}

std::optional<Version> parse_version_ext(std::span<const std::uint8_t> reply) {
  if (reply.size() != version_ext_size || reply[0] < 3) return std::nullopt;
  if ((reply[8] | reply[9] << 8) != vendor_st) return std::nullopt;
  Version version;
  version.hardware = reply[0];
  version.swim = reply[1];
  version.jtag = reply[2];
  version.mass = reply[3];
  version.bridge = reply[4];
  version.extended = true;
  version.text = fmt::format("V{}J{}M{}B{}S{}", version.hardware, version.jtag, version.mass,
                             version.bridge, version.swim);
  return version;
}

std::optional<Mode> parse_mode(std::span<const std::uint8_t> reply) {
  if (reply.size() != mode_size || reply[0] > static_cast<std::uint8_t>(Mode::bootloader)) {
    return std::nullopt;
  }
  return static_cast<Mode>(reply[0]);
}

std::optional<int> parse_millivolts(std::span<const std::uint8_t> reply) {
  if (reply.size() != voltage_size) return std::nullopt;
  const std::uint32_t reference = word_at(reply, 0), measured = word_at(reply, 4);
  if (reference == 0) return std::nullopt;
  const std::uint64_t millivolts = std::uint64_t{measured} * 2400 / reference;
  if (millivolts < lowest_millivolts || millivolts > highest_millivolts) return std::nullopt;
  return static_cast<int>(millivolts);
}

std::optional<std::vector<std::uint32_t>> parse_frequencies_v3(
    std::span<const std::uint8_t> reply) {
  constexpr std::size_t most = 10, first = 12;
  if (reply.size() != frequencies_v3_size) return std::nullopt;
  const std::uint32_t count = reply[8];
  if (count == 0 || count > most) return std::nullopt;
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t kilohertz = word_at(reply, first + 4 * i);
    if (kilohertz == 0 || kilohertz > 100'000) return std::nullopt;
    result.push_back(kilohertz * 1000);
  }
  std::ranges::sort(result, std::greater());
  return result;
}

Features features(const Version &version) {
  const bool v3 = version.hardware >= 3;
  const auto from = [&](unsigned jtag) { return v3 || version.jtag >= jtag; };
  Features result;
  result.voltage = from(13);
  result.last_status2 = from(15);
  result.frequency = !v3 && version.jtag >= 22;
  result.frequency_v3 = v3;
  result.dap = from(24);
  result.half = from(26);
  result.open_ap = from(28);
  if (from(26)) {
    result.block_limit = 6144;
    result.block_boundary = 0;
  }
  // V3J5 and J7 failed in practice at 256 bytes and more.
  if (v3 && version.jtag >= 6) result.byte_limit = 252;
  return result;
}

std::span<const SwdClock> swd_clocks() {
  static constexpr SwdClock clocks[] = {
      {0, 4'000'000}, {1, 1'800'000}, {2, 1'200'000}, {3, 950'000},  {5, 650'000},  {7, 480'000},
      {9, 400'000},   {10, 360'000},  {15, 240'000},  {25, 150'000}, {31, 125'000}, {40, 100'000},
      {79, 50'000},   {158, 25'000},  {265, 15'000},  {798, 5'000}};
  return clocks;
}

std::string parse_serial(std::span<const std::uint8_t> descriptor) {
  constexpr std::size_t header = 2;
  constexpr std::size_t raw_bytes = 12;
  std::string text, digits;
  bool printable = true;
  for (std::size_t i = header; i + 1 < descriptor.size(); i += 2) {
    const std::uint8_t low = descriptor[i];
    digits += fmt::format("{:02X}", low);
    printable = printable && low > ' ' && low < 0x7F && descriptor[i + 1] == 0;
    text += static_cast<char>(low);
  }
  return text.size() == raw_bytes || !printable ? digits : text;
}

const Product *find_product(std::uint16_t id) {
  static constexpr Product products[] = {
      {0x3744, Kind::v1, "ST-LINK/V1"},
      {0x3748, Kind::v2, "ST-LINK/V2"},
      {0x374B, Kind::v2_1, "ST-LINK/V2-1"},
      {0x3752, Kind::v2_1, "ST-LINK/V2-1"},
      {0x374A, Kind::v2_1, "ST-LINK/V2-1"},
      {0x3742, Kind::v2_1, "ST-LINK/V2-1"},
      {0x374E, Kind::v3, "STLINK-V3"},
      {0x374F, Kind::v3, "STLINK-V3"},
      {0x3753, Kind::v3, "STLINK-V3"},
      {0x3754, Kind::v3, "STLINK-V3"},
      {0x3757, Kind::v3, "STLINK-V3PWR"},
      {0x374D, Kind::loader, "STLINK-V3 in its USB loader"},
      {0x3755, Kind::loader, "STLINK-V3PWR in its USB loader"},
  };
  const auto *found = std::ranges::find(products, id, &Product::id);
  return found == std::end(products) ? nullptr : found;
}

}  // namespace flashhost::stlink
