#include "sectors_f4.hpp"

#include <algorithm>

namespace flashhost::machine::stm32 {
namespace {

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t second_register = 16;

std::uint32_t size_of(std::uint32_t number) {
  return number < 4 ? 16 * kib : number == 4 ? 64 * kib : 128 * kib;
}

}  // namespace

std::vector<SectorF4> sectors_f4(const StmPart &part, bool dual) {
  std::vector<SectorF4> sectors;
  const std::uint32_t banks = dual ? 2 : 1;
  const std::uint32_t bank_size = part.flash_size / banks;
  for (std::uint32_t bank = 0; bank < banks; ++bank) {
    std::uint32_t offset = 0;
    for (std::uint32_t number = 0; offset < bank_size; offset += size_of(number), ++number) {
      // Sectors 14 and 15 of the F413 share a bit.
      const std::uint32_t wrp = bank == 0 ? std::min(number, 14U) : second_register + number;
      sectors.push_back(
          {bank * bank_size + offset, size_of(number), 0x10 * bank + number, bank, wrp});
    }
  }
  return sectors;
}

}  // namespace flashhost::machine::stm32
