// The CRC unit.
#pragma once

#include "common.hpp"

namespace flashhost::machine::stm32 {

class CrcUnit final : public Peripheral {
 public:
  enum class Health : std::uint8_t { good, dead };
  CrcUnit(const Common &common, Health health) : common_(common), health_(health) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

 private:
  [[nodiscard]] bool answers() const { return health_ == Health::good && common_.clocks.crc; }

  const Common &common_;
  Health health_;
  std::uint32_t value_ = 0xFFFFFFFF;
  std::uint32_t independent_ = 0;
};

}  // namespace flashhost::machine::stm32
