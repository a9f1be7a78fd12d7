#include "system/mpu.hpp"

namespace flashhost::machine {
namespace {

constexpr std::uint32_t hfnmiena = 2;
constexpr std::uint32_t privdefena = 4;

}  // namespace

std::uint32_t Mpu::read(std::uint32_t offset) const {
  if (!present_) return 0;
  switch (offset) {
    case 0xD90:
      return 0x800;
    case 0xD94:
      return control_;
    case 0xD98:
      return number_;
    default:
      break;
  }
  const Region &region = regions_[number_];
  return (offset & 4U) != 0 ? (region.base & ~0x1FU) | number_ : region.attributes;
}

void Mpu::write(std::uint32_t offset, std::uint32_t value) {
  if (!present_) return;
  if (offset == 0xD94) {
    control_ = value & 7;
  } else if (offset == 0xD98) {
    number_ = value & 7;
  } else if (offset >= 0xD9C && offset <= 0xDB8) {
    // RBAR, RASR and three aliases of the pair.
    if ((offset & 4U) != 0) {
      if ((value & 0x10) != 0) number_ = value & 7;
      regions_[number_].base = value & ~0x1FU;
    } else {
      regions_[number_].attributes = value;
    }
  }
}

void Mpu::system_reset() {
  control_ = number_ = 0;
  regions_.fill({});
}

bool Mpu::allows(Use use, std::uint32_t address, bool privileged, int priority) const {
  if (!on() || address >= 0xE0000000) return true;
  if (priority < 0 && (control_ & hfnmiena) == 0) return true;
  for (std::size_t i = regions_.size(); i-- > 0;) {
    const Region &region = regions_[i];
    if ((region.attributes & 1U) == 0) continue;
    const unsigned size_bits = (region.attributes >> 1 & 0x1F) + 1;
    const std::uint32_t offset_mask = size_bits >= 32 ? 0xFFFFFFFF : (1U << size_bits) - 1;
    if ((address & ~offset_mask) != (region.base & ~offset_mask)) continue;
    const std::uint32_t subregion = size_bits >= 8 ? (address & offset_mask) >> (size_bits - 3) : 0;
    if ((region.attributes >> (8 + subregion) & 1U) != 0) continue;
    const std::uint32_t access = region.attributes >> 24 & 7;
    const bool never_execute = (region.attributes >> 28 & 1U) != 0;
    const bool readable = access != 0 && (privileged || access == 2 || access == 3 || access >= 6);
    const bool writable = access == 3 || (privileged && (access == 1 || access == 2));
    if (use == Use::execute) return readable && !never_execute;
    return use == Use::read ? readable : writable;
  }
  return privileged && (control_ & privdefena) != 0;
}

}  // namespace flashhost::machine
