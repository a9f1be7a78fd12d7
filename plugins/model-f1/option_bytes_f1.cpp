#include "option_bytes_f1.hpp"

#include <algorithm>
#include <stdexcept>

namespace flashhost::machine::stm32 {
namespace {

std::uint32_t unit_of(const PartF1 &part, std::uint32_t page) {
  return std::min(page / part.pages_per_wrp_unit, 31U);
}

}  // namespace

std::array<std::uint8_t, 16> factory_options(const PartF1 &part, const StmFaults &faults) {
  std::array<std::uint8_t, 8> values{part.rdp_off, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  constexpr std::uint8_t level2 = 0xCC;
  if (faults.read_protected) values[0] = 0xFF;
  if (faults.read_protected_for_ever) values[0] = level2;
  if (faults.hardware_iwdg) values[1] = 0xFE;
  for (const std::uint32_t page : faults.write_protected_pages) {
    if (page >= part.flash_size / part.page_size) {
      throw std::invalid_argument("fault 'write_protected': the part has no page " +
                                  std::to_string(page));
    }
    const std::uint32_t unit = unit_of(part, page);
    values[4 + unit / 8] = static_cast<std::uint8_t>(values[4 + unit / 8] & ~(1U << unit % 8));
  }
  std::array<std::uint8_t, 16> bytes{};
  bytes.fill(0xFF);
  for (std::size_t i = 0; i < part.option_bytes; ++i) {
    bytes[2 * i] = values[i];
    bytes[2 * i + 1] = static_cast<std::uint8_t>(~values[i]);
  }
  if (faults.damaged_rdp) bytes[1] ^= 1;
  return bytes;
}

LoadedOptions loaded_options(std::span<const std::uint8_t> bytes, const PartF1 &part,
                             Complement complement_is) {
  LoadedOptions options;
  std::array<std::uint8_t, 8> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint8_t value = bytes[2 * i];
    const std::uint8_t complement = bytes[2 * i + 1];
    const bool erased = value == 0xFF && complement == 0xFF;
    const bool good =
        complement == static_cast<std::uint8_t>(~value) || complement_is == Complement::ignored;
    if (!good && !erased) options.error = true;
    values[i] = good ? value : 0xFF;
  }
  options.rdp = values[0];
  options.read_protected = options.rdp != part.rdp_off;
  options.user = values[1];
  options.data0 = values[2];
  options.data1 = values[3];
  options.unprotected_units = 0;
  for (unsigned i = 0; i < 4; ++i)
    options.unprotected_units |= std::uint32_t{values[4 + i]} << (8 * i);
  return options;
}

std::uint32_t option_register(const LoadedOptions &options) {
  return (options.error ? 1U : 0U) | (options.read_protected ? 2U : 0U) |
         ((options.user & 0x0FU) << 2) | (std::uint32_t{options.data0} << 10) |
         (std::uint32_t{options.data1} << 18);
}

bool write_protected(const LoadedOptions &options, const PartF1 &part, std::uint32_t page) {
  return (options.unprotected_units >> unit_of(part, page) & 1U) == 0;
}

}  // namespace flashhost::machine::stm32
