#include "crc_unit.hpp"

namespace flashhost::machine::stm32 {

std::uint32_t CrcUnit::read(std::uint32_t offset, Master) {
  if (!answers()) return 0;
  return offset == 0 ? value_ : offset == 4 ? independent_ : 0;
}

Outcome CrcUnit::write(std::uint32_t offset, std::uint32_t value, Master) {
  if (!answers()) return Outcome::ok;
  if (offset == 0) {
    value_ ^= value;
    for (int bit = 0; bit < 32; ++bit) {
      value_ = (value_ << 1) ^ ((value_ & 0x80000000U) != 0 ? 0x04C11DB7U : 0U);
    }
  } else if (offset == 4) {
    independent_ = value & 0xFF;
  } else if (offset == 8 && (value & 1U) != 0) {
    value_ = 0xFFFFFFFF;
  }
  return Outcome::ok;
}

void CrcUnit::system_reset() {
  value_ = 0xFFFFFFFF;
  independent_ = 0;
}

}  // namespace flashhost::machine::stm32
