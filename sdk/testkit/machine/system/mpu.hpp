// A memory protection unit as far as code and data in SRAM are concerned (XL-density F1, and F4).
#pragma once

#include <array>
#include <cstdint>

namespace flashhost::machine {

enum class Use : std::uint8_t { execute, read, write };

class Mpu {
 public:
  explicit Mpu(bool present) : present_(present) {}

  [[nodiscard]] std::uint32_t read(std::uint32_t offset) const;  // 0xD90..0xDB8 of the SCS
  void write(std::uint32_t offset, std::uint32_t value);
  void system_reset();
  [[nodiscard]] bool on() const { return (control_ & 1U) != 0; }
  [[nodiscard]] bool allows(Use use, std::uint32_t address, bool privileged, int priority) const;

 private:
  struct Region {
    std::uint32_t base = 0;
    std::uint32_t attributes = 0;
  };
  bool present_;
  std::uint32_t control_ = 0;
  std::uint32_t number_ = 0;
  std::array<Region, 8> regions_{};
};

}  // namespace flashhost::machine
